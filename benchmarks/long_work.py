"""Work of ours of any length, whose cost for one item must not depend on how many there are.

The tests count the calls that it takes, `benchmarks.scenarios.linear` measures its time: a
count sees loops over what came before, time also sees what is copied or searched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from benchmarks.long_streams import LAST, STOP, STREAMS

Work = Callable[[], object]

READ_BYTES = 500


@dataclass(frozen=True)
class LongWork:
    """Work that can be done again and again, in any length."""

    package: str
    name: str
    prepare: Callable[[int], Work]
    """Takes a number of items; what is not to be measured is done before it returns."""


def _reading(stream: Callable[[int], bytes]) -> Callable[[int], Work]:
    def prepare(count: int) -> Work:
        from mara_minimax.encoded_request import EncodedRequest
        from mara_minimax.providers.endpoints import MINIMAX
        from mara_minimax.providers.models import find_profile
        from mara_minimax.reply.reader import ReplyReader

        data = stream(count) + LAST
        pieces = [data[at : at + READ_BYTES] for at in range(0, len(data), READ_BYTES)]
        profile = find_profile("minimax", "MiniMax-M2")
        request = EncodedRequest({}, MINIMAX, profile, stream=True, stop=(STOP,))

        def work() -> None:
            reader = ReplyReader(request)
            for piece in pieces:
                reader.decode(piece)
            reader.flush()

        return work

    return prepare


def _history_repair(count: int) -> Work:
    from mara_minimax.providers.models import find_profile
    from mara_minimax.request.history import repair_history

    messages: list[dict[str, Any]] = []
    for turn in range(count // 2):
        function = {"name": "f", "arguments": "{}"}
        call = {"id": f"c{turn}", "type": "function", "function": function}
        # No call has a result, so that each looks for one in all that follows.
        messages.append({"role": "assistant", "tool_calls": [call]})
        messages.append({"role": "user", "content": "hi"})
    profile = find_profile("minimax", "MiniMax-M2")
    return lambda: repair_history(messages, profile)


def _deltas(kind: str, count: int) -> list[Any]:
    from mara_minimax.types import Delta, Reply, ToolCallDelta

    def pieces() -> Iterator[Delta]:
        for n in range(count):
            if kind == "text":
                yield Delta(text="word ")
            elif kind == "reasoning that alternates with text":
                yield Delta(text="a") if n % 2 else Delta(reasoning="b")
            elif kind == "calls":
                yield Delta(tool_calls=(ToolCallDelta(n, f"c{n}", "f", "x"),))
            else:
                first = n == 0
                piece = ToolCallDelta(
                    0, "c0" if first else None, "f" if first else None, "{" if first else '"k": 1, '
                )
                yield Delta(tool_calls=(piece,))

    return [*pieces(), Delta(reply=Reply("", None, (), "stop", None))]


def _langchain_chunks(kind: str, *, merged: bool = False) -> Callable[[int], Work]:
    def prepare(count: int) -> Work:
        from langchain_mara_minimax.chunks import ChunkBuilder

        deltas = _deltas(kind, count)

        def work() -> None:
            builder = ChunkBuilder(provider="minimax", model="m")
            chunks = [chunk for delta in deltas for chunk in builder.from_delta(delta)]
            if merged:
                first, *rest = chunks
                first + rest

        return work

    return prepare


def _langchain_history(count: int) -> Work:
    from benchmarks.histories import to_langchain, wire_history
    from langchain_mara_minimax.messages import to_wire_messages
    from mara_minimax.providers.endpoints import MINIMAX

    history = to_langchain(wire_history(count))
    return lambda: to_wire_messages(history, MINIMAX)


def _llama_index_responses(kind: str, *, completions: bool = False) -> Callable[[int], Work]:
    def prepare(count: int) -> Work:
        from llama_index_mara_minimax.chunks import ChunkBuilder
        from llama_index_mara_minimax.replies import to_completion

        deltas = _deltas(kind, count)

        def work() -> None:
            builder = ChunkBuilder()
            for delta in deltas:
                response = builder.from_delta(delta)
                if completions:
                    to_completion(response)

        return work

    return prepare


def _llama_index_history(count: int) -> Work:
    from benchmarks.histories import to_llama_index, wire_history
    from llama_index_mara_minimax.messages import to_wire_messages

    history = to_llama_index(wire_history(count))
    return lambda: to_wire_messages(history)


CORE, LANGCHAIN, LLAMA_INDEX = "mara_minimax", "langchain_mara_minimax", "llama_index_mara_minimax"

LONG_WORK: tuple[LongWork, ...] = (
    *(LongWork(CORE, name, _reading(stream)) for name, stream in STREAMS.items()),
    LongWork(CORE, "repair of a history", _history_repair),
    LongWork(LANGCHAIN, "chunks of text, merged", _langchain_chunks("text", merged=True)),
    LongWork(
        LANGCHAIN,
        "chunks of reasoning that alternates with text",
        _langchain_chunks("reasoning that alternates with text"),
    ),
    LongWork(LANGCHAIN, "chunks of calls", _langchain_chunks("calls")),
    LongWork(LANGCHAIN, "chunks of arguments", _langchain_chunks("arguments")),
    LongWork(LANGCHAIN, "messages of a history", _langchain_history),
    LongWork(LLAMA_INDEX, "responses of text", _llama_index_responses("text")),
    LongWork(LLAMA_INDEX, "completions of text", _llama_index_responses("text", completions=True)),
    LongWork(
        LLAMA_INDEX,
        "responses of reasoning that alternates with text",
        _llama_index_responses("reasoning that alternates with text"),
    ),
    LongWork(LLAMA_INDEX, "responses of arguments", _llama_index_responses("arguments")),
    LongWork(LLAMA_INDEX, "messages of a history", _llama_index_history),
)
