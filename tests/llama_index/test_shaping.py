"""How often a stream looks for a call that its text spells, and what it shows in between."""

from __future__ import annotations

import json
from typing import Any

import pytest
from llama_index.core.base.llms.types import ChatResponse, ToolCallBlock

from llama_index_mara_minimax import MiniMax, chunks
from llama_index_mara_minimax.chunks import ChunkBuilder, StreamShaper
from llama_index_mara_minimax.tools import with_calls
from mara_minimax.json_text import parse_partial_object
from mara_minimax.types import Delta, Reply

WORDS = json.dumps({"words": [f"word {n}" for n in range(3_000)]})


@pytest.fixture(autouse=True)
def read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The lengths of the texts that were looked at; any object in one is shown as a call."""
    lengths: list[int] = []

    def shape(response: ChatResponse, *_: Any, **__: Any) -> ChatResponse:
        lengths.append(len(response.message.content or ""))
        return spelling(response)

    monkeypatch.setattr(chunks, "shape_response", shape)
    return lengths


def spelling(response: ChatResponse) -> ChatResponse:
    arguments = parse_partial_object(response.message.content or "")
    if not arguments:
        return response
    block = ToolCallBlock(tool_call_id="c1", tool_name="save", tool_kwargs=arguments)
    return with_calls(response, [*response.message.blocks, block], [{"arguments": arguments}])


def shaper() -> StreamShaper:
    request = MiniMax(api_key="key").encode([{"role": "user", "content": "Hi"}], stream=True)
    return StreamShaper(request, one_call=True)


def responses(text: str) -> list[ChatResponse]:
    pieces = [text[at : at + 16] for at in range(0, len(text), 16)]
    stream = ChunkBuilder()
    last = Delta(reply=Reply(text, None, (), "stop", None))
    return [stream.from_delta(delta) for delta in [*(Delta(text=p) for p in pieces), last]]


def test_a_short_text_is_looked_at_in_every_response() -> None:
    shape = shaper().shape
    for response in responses(json.dumps({"words": ["a", "b"] * 20})):
        assert shape(response) == spelling(response)


def test_a_long_text_shows_its_call_in_every_response_and_all_of_it_at_the_end() -> None:
    shape = shaper().shape
    *growing, last = responses(WORDS)
    shown = [shape(response) for response in growing]
    counts = []
    for before, after in zip(growing[1:], shown[1:], strict=True):
        *blocks, call = after.message.blocks
        assert (blocks, after.delta) == (before.message.blocks, before.delta)
        assert after.message.additional_kwargs["tool_calls"] == [{"arguments": call.tool_kwargs}]
        counts.append(len(call.tool_kwargs["words"]))
    assert counts == sorted(counts)
    assert 3_000 * 15 // 16 < counts[-1] <= 3_000
    assert shape(last) == spelling(last)


@pytest.mark.parametrize("text", [WORDS, '{"words": ' + "x" * 40_000, "no object " * 4_000])
def test_a_long_text_is_looked_at_only_as_it_grows(text: str, read: list[int]) -> None:
    shape = shaper().shape
    for response in responses(text):
        shape(response)
    # By a sixteenth each time, and once more at the end: a geometric series.
    assert 0 < sum(read) < 19 * len(text)


def test_a_call_of_the_providers_own_is_passed_on_in_every_response(read: list[int]) -> None:
    shape = shaper().shape
    stream = ChunkBuilder()
    shape(stream.from_delta(Delta(text="word " * 1_000)))
    call = stream.from_delta(Delta(text="word "))
    call.message.blocks.append(ToolCallBlock(tool_name="save", tool_kwargs={}))
    assert shape(call) is call
    assert len(read) == 2
