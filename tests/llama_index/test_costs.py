"""What the package costs: imports, instances, and how costs grow with messages and chunks.

No test knows how fast a machine is: growth is compared with the framework's own growth in the
same run, and what an import or an instance costs is told by what it loads and opens.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from llama_index.core.base.llms.types import (
    ChatMessage,
    ChatResponse,
    MessageRole,
    TextBlock,
    ThinkingBlock,
    ToolCallBlock,
)

from llama_index_mara_minimax.messages import to_wire_messages
from llama_index_mara_minimax.replies import ReplyStream, to_completion
from mara_minimax.emulator import Emulator
from mara_minimax.types import Delta, ToolCallDelta

OWN = {"llama_index_mara_minimax", "mara_minimax"}
SMALL = {"jiter", "difflib"}
"""All else that may be loaded: both take less than a millisecond."""

AFTER_THE_FIRST = """
import json, sys
from llama_index_mara_minimax import MARA, MiniMax

def make():
    return [MiniMax(api_key="sk-x"), MARA(api_key="sk-x", model="any"), MiniMax(
        api_key="sk-x", endpoint="china", temperature=0.5, timeout=3, default_headers={"a": "b"}
    )]

make()
seen = []
sys.addaudithook(lambda event, args: seen.append([event, str(args[:1])]))
for llm in make():
    llm.metadata, llm.to_payload()
print(json.dumps([e for e in seen if e[0] in ("open", "import") or e[0].startswith("socket.")]))
print("openai" in sys.modules)
"""


def _run(code: str) -> list[str]:
    finished = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout.splitlines()


def test_the_import_loads_nothing_heavy_beside_the_framework():
    code = (
        "import json, sys, llama_index.core.llms\n"
        "before = set(sys.modules)\n"
        "import llama_index_mara_minimax\n"
        "print(json.dumps(sorted(set(sys.modules) - before)))"
    )
    loaded = {name.split(".")[0] for name in json.loads(_run(code)[0])}
    assert loaded <= OWN | SMALL


CALLS = """
import asyncio, sys
from llama_index_mara_minimax import {cls}
llm = {cls}(api_key="key", base_url={url!r})

async def responses():
    return [response async for response in await llm.astream_complete("What is 1 + 1?")]

assert "2" in llm.complete("What is 1 + 1?").text
assert "2" in asyncio.run(llm.acomplete("What is 1 + 1?")).text
assert "2" in list(llm.stream_complete("What is 1 + 1?"))[-1].text
assert "2" in asyncio.run(responses())[-1].text
print("openai" in sys.modules)
"""


@pytest.mark.parametrize(("cls", "provider"), [("MiniMax", "minimax"), ("MARA", "mara")])
def test_calls_that_succeed_do_without_the_openai_sdk(cls: str, provider: str) -> None:
    with Emulator(provider) as emulator:
        assert _run(CALLS.format(cls=cls, url=emulator.base_url)) == ["False"]
        assert len(emulator.requests) == 4


def test_making_an_instance_opens_and_imports_nothing():
    opened, has_sdk = _run(AFTER_THE_FIRST)
    assert json.loads(opened) == []
    assert has_sdk == "False"


def _text(count: int) -> list[Delta]:
    return [Delta(text=f"word {i} ") for i in range(count)]


def _reasoning(count: int) -> list[Delta]:
    return [Delta(reasoning=f"word {i} ") for i in range(count)]


def _call(count: int) -> list[Delta]:
    opening = Delta(tool_calls=(ToolCallDelta(0, "call_1", "save", "{"),))
    pieces = (f'"word {i}": {i}, ' for i in range(count))
    return [opening, *(Delta(tool_calls=(ToolCallDelta(0, None, None, p),)) for p in pieces)]


def _by_the_framework(deltas: list[Delta]) -> Iterator[ChatResponse]:
    """The same responses, built in the framework's ordinary way."""
    text = reasoning = arguments = ""
    for delta in deltas:
        text += delta.text
        reasoning += delta.reasoning
        arguments += "".join(piece.arguments for piece in delta.tool_calls)
        blocks = [ThinkingBlock(content=reasoning), TextBlock(text=text)]
        blocks.append(ToolCallBlock(tool_name="search", tool_kwargs=arguments))
        yield ChatResponse(message=ChatMessage(role="assistant", blocks=blocks), delta=delta.text)


def _by_us(deltas: list[Delta]) -> Iterator[ChatResponse]:
    stream = ReplyStream()
    yield from map(stream.from_delta, deltas)


def _cpu(consume: Callable[[], object]) -> float:
    """The least CPU time of five runs, without the collector's."""
    times = []
    gc.disable()
    try:
        for _ in range(5):
            start = time.process_time()
            consume()
            times.append(time.process_time() - start)
    finally:
        gc.enable()
    return min(times)


def _consume(responses: Iterator[object]) -> None:
    for _ in responses:
        pass


def _growth(consume: Callable[[int], object], small: int, large: int) -> float:
    """How much more one of `large` costs than one of `small`."""
    return (_cpu(lambda: consume(large)) / large) / (_cpu(lambda: consume(small)) / small)


@pytest.mark.parametrize("make", [_text, _reasoning, _call])
def test_long_streams_grow_no_worse_than_the_frameworks_own(make):
    deltas = make(8_000)
    ours = _growth(lambda n: _consume(_by_us(deltas[:n])), 800, 8_000)
    theirs = _growth(lambda n: _consume(_by_the_framework(deltas[:n])), 800, 8_000)
    assert ours < 2 * theirs


def test_long_completions_grow_no_worse_than_the_frameworks_own():
    deltas = _text(8_000)
    ours = _growth(lambda n: _consume(map(to_completion, _by_us(deltas[:n]))), 800, 8_000)
    theirs = _growth(lambda n: _consume(_by_the_framework(deltas[:n])), 800, 8_000)
    assert ours < 2 * theirs


def _history(count: int) -> list[ChatMessage]:
    turns: list[ChatMessage] = []
    for turn in range(count // 4):
        call = {"tool_call_id": f"call_{turn}", "tool_name": "search"}
        turns += [
            ChatMessage(content=f"Question {turn}?"),
            ChatMessage(
                role=MessageRole.ASSISTANT,
                blocks=[TextBlock(text="Look."), ToolCallBlock(**call, tool_kwargs={"a": 1})],
            ),
            ChatMessage(
                role=MessageRole.TOOL,
                content="Sunny.",
                additional_kwargs={"tool_call_id": f"call_{turn}"},
            ),
            ChatMessage(role=MessageRole.ASSISTANT, content=f"Answer {turn}."),
        ]
    return turns


def _read_by_the_framework(messages: list[dict[str, Any]]) -> list[ChatMessage]:
    return [ChatMessage(**values) for values in messages]


def test_long_histories_grow_no_worse_than_the_frameworks_own():
    messages = _history(8_000)
    plain = [message.model_dump() for message in messages]
    ours = _growth(lambda n: to_wire_messages(messages[:n]), 400, 8_000)
    theirs = _growth(lambda n: _read_by_the_framework(plain[:n]), 400, 8_000)
    assert ours < 2 * theirs


def test_messages_are_written_for_less_than_the_framework_reads_them():
    messages = _history(2_000)
    plain = [message.model_dump() for message in messages]
    assert _cpu(lambda: to_wire_messages(messages)) < _cpu(lambda: _read_by_the_framework(plain))


@pytest.mark.parametrize("make", [_text, _reasoning])
def test_a_response_costs_less_than_one_that_the_framework_validates(make):
    deltas = make(2_000)
    kind = TextBlock if make is _text else ThinkingBlock

    def validated() -> Iterator[ChatResponse]:
        so_far = ""
        for delta in deltas:
            so_far += delta.text or delta.reasoning
            block = kind(text=so_far) if kind is TextBlock else kind(content=so_far)
            message = ChatMessage(role="assistant", blocks=[block], additional_kwargs={})
            yield ChatResponse(message=message, delta=delta.text, additional_kwargs={})

    assert _cpu(lambda: _consume(_by_us(deltas))) < _cpu(lambda: _consume(validated()))
