"""What a stream of structured output shows on its way, and how often it looks."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.messages.tool import tool_call_chunk

from langchain_mara_minimax import parsing
from langchain_mara_minimax.chunks import INVALIDATING_SUFFIX
from langchain_mara_minimax.parsing import StructuredOutputError, StructuredOutputParser
from mara_minimax.reply import text_objects

LONG = {"words": [f"word {n}" for n in range(1_000)]}


def parser() -> StructuredOutputParser:
    return StructuredOutputParser(name="save", known=("words", "count"))


def text_chunks(text: str) -> list[Any]:
    return [AIMessageChunk(text[at : at + 16]) for at in range(0, len(text), 16)]


def call_chunks(text: str) -> list[Any]:
    pieces = [text[at : at + 16] for at in range(0, len(text), 16)]
    calls = [
        tool_call_chunk(name=None if n else "save", args=piece, id=None if n else "c1", index=0)
        for n, piece in enumerate(pieces)
    ]
    return [AIMessageChunk("", tool_call_chunks=[call]) for call in calls]


CHUNKS = pytest.mark.parametrize("chunks", [text_chunks, call_chunks])


@CHUNKS
def test_a_short_object_is_shown_at_every_chunk_that_changes_it(chunks: Any) -> None:
    text = json.dumps({"words": ["a", "b"] * 20})
    states = list(parser().transform(iter(chunks(text))))
    assert len(states) >= len(text) // 16 - 1
    assert states[-1] == json.loads(text)


@CHUNKS
def test_a_long_object_grows_in_steps_and_is_whole_at_the_end(chunks: Any) -> None:
    counts = [len(state.get("words", ())) for state in parser().transform(chunks(json.dumps(LONG)))]
    assert counts == sorted(counts)
    assert counts[-1] == 1_000
    assert 40 < len(counts) < 200


@CHUNKS
@pytest.mark.parametrize("text", [json.dumps(LONG), '{"words": ' + "x" * 40_000])
def test_long_output_is_read_only_as_it_grows(
    chunks: Any, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    for module in (parsing, text_objects):
        monkeypatch.setattr(module, "parse_partial_object", lambda text: read.append(len(text)))
    progress = parsing._Progress(parser())
    for chunk in chunks(text):
        progress.decode(chunk)
    # By a sixteenth each time: a geometric series, 17 times its last term.
    assert 0 < sum(read) < 18 * len(text)


def test_the_name_of_a_call_may_come_late() -> None:
    first = AIMessageChunk("", tool_call_chunks=[tool_call_chunk(args='{"count": 1', index=0)])
    named = tool_call_chunk(name="save", args="", id="c1", index=0)
    last = AIMessageChunk("", tool_call_chunks=[tool_call_chunk(args="2}", index=0)])
    stream = [first, AIMessageChunk("", tool_call_chunks=[named]), last]
    assert list(parser().transform(iter(stream))) == [{"count": 1}, {"count": 12}]


def test_text_may_come_as_text() -> None:
    assert list(parser().transform(iter(['{"count"', ": 1}"]))) == [{"count": 1}]


def test_a_message_that_came_whole_is_read() -> None:
    call = {"name": "save", "args": {"count": 1}, "id": "c1"}
    assert list(parser().transform(iter([AIMessage("", tool_calls=[call])]))) == [{"count": 1}]


def test_a_call_that_was_cut_off_gives_no_object_at_the_end() -> None:
    stream = call_chunks('{"count": 1, "words": ["a", "b')
    stream.append(
        AIMessageChunk("", tool_call_chunks=[tool_call_chunk(args=INVALIDATING_SUFFIX, index=0)])
    )
    states = parser().transform(iter(stream))
    assert next(states) == {"count": 1}
    with pytest.raises(StructuredOutputError):
        list(states)


def test_nothing_gives_nothing() -> None:
    assert list(parser().transform(iter([]))) == []


async def test_an_async_stream_gives_the_same_states_as_a_sync_one() -> None:
    chunks = text_chunks(json.dumps(LONG))

    async def given() -> AsyncIterator[Any]:
        for chunk in chunks:
            yield chunk

    states = [state async for state in parser().atransform(given())]
    assert states == list(parser().transform(iter(chunks)))
    assert states[-1] == LONG
