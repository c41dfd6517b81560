"""Time and memory are bounded by the input, however it is cut."""

from __future__ import annotations

import itertools
import time
import tracemalloc
from collections.abc import Callable, Iterable

import pytest

from mara_minimax.errors import InvalidReplyError
from mara_minimax.limits import MAX_EVENT_BYTES
from mara_minimax.reader import ReplyReader
from tests.core.wire import (
    call_head,
    call_tail,
    cut,
    details,
    minimax_chunk,
    read,
    request_to,
    split_reasoning,
    sse,
)

PIECE = 64 * 1024
HUGE = 100 * 1024 * 1024

ENDLESS: dict[str, tuple[bytes, bytes]] = {
    "a line": (b"data: ", b"x"),
    "a string": (b'data: {"choices": [{"delta": {"content": "', b"x"),
    "a comment": (b": ", b"x"),
    "an event of many lines": (b"", b"data: " + b"x" * 1000 + b"\n"),
    "a document": (b'{"choices": [{"message": {"content": "', b"x"),
    "a nested document": (b"", b"["),
}
"""What a body begins with, and what it then repeats without end."""


@pytest.mark.parametrize("name", ENDLESS)
def test_a_hundred_megabytes_without_an_event_are_refused_in_little_memory(name):
    beginning, unit = ENDLESS[name]
    reader = ReplyReader(request_to())
    piece = unit * (PIECE // len(unit))
    pieces = itertools.repeat(piece, HUGE // PIECE)
    tracemalloc.start()
    try:
        reader.read(beginning)
        with pytest.raises(InvalidReplyError, match=str(MAX_EVENT_BYTES)):
            _read_all(reader, pieces)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    unread = sum(map(len, pieces))
    assert unread > HUGE - 1.1 * MAX_EVENT_BYTES
    assert peak < 3 * MAX_EVENT_BYTES


def _read_all(reader: ReplyReader, pieces: Iterable[bytes]) -> None:
    for piece in pieces:
        reader.read(piece)


def test_white_space_without_end_takes_no_memory():
    reader = ReplyReader(request_to())
    tracemalloc.start()
    try:
        for _ in range(HUGE // PIECE):
            reader.read(b"\n" * PIECE)
        assert tracemalloc.get_traced_memory()[1] < 20 * PIECE
    finally:
        tracemalloc.stop()


def test_keep_alives_without_end_take_no_memory():
    reader = ReplyReader(request_to())
    reader.read(b": start\n\n")
    tracemalloc.start()
    try:
        for _ in range(100):
            reader.read(b": keep-alive\n\n" * 1000)
        assert tracemalloc.get_traced_memory()[1] < 4 * 14_000 + 200_000
    finally:
        tracemalloc.stop()


def _whole_frames(count: int) -> bytes:
    """Return a long text, its call, and then many frames that disagree with both."""
    call = {"function": {"arguments": "z"}}
    frame = {"choices": [{"message": {"content": "y", "tool_calls": [call]}}]}
    long = "x" * count * 1000
    return sse(
        *[minimax_chunk(content=long), minimax_chunk(content="q")],
        *[minimax_chunk(tool_calls=[call_head(0, "f", long)])],
        *[minimax_chunk(tool_calls=[call_tail(0, "q")])],
        *[frame] * count,
    )


def _repeated_ids(count: int) -> bytes:
    entries = [call_head(n, "f", "{}", call_id="a") for n in range(count)]
    return sse(*(minimax_chunk(tool_calls=[entry]) for entry in entries))


GROWING: dict[str, Callable[[int], bytes]] = {
    "text": lambda n: sse(*[minimax_chunk(content="ab ")] * n),
    "text with beginnings of a tag": lambda n: sse(*[minimax_chunk(content="</thi")] * n),
    "reasoning between tags": lambda n: sse(
        minimax_chunk(content="<think>"), *[minimax_chunk(content="ab <")] * n
    ),
    "reasoning in two fields": lambda n: sse(*[minimax_chunk(**split_reasoning("ab "))] * n),
    "reasoning in many entries": lambda n: sse(
        *(minimax_chunk(reasoning_details=details("ab ", index=k, id=f"r{k}")) for k in range(n))
    ),
    "white space before a tag": lambda n: sse(*[minimax_chunk(content=" ")] * n),
    "white space after a tag": lambda n: sse(
        minimax_chunk(content="<think>a</think>"), *[minimax_chunk(content="\n")] * n
    ),
    "arguments of a call": lambda n: sse(
        minimax_chunk(tool_calls=[call_head(0, "f", "{")]),
        *[minimax_chunk(tool_calls=[call_tail(0, '"a"')])] * n,
    ),
    "arguments without index": lambda n: sse(
        *[minimax_chunk(tool_calls=[{"function": {"name": "f", "arguments": '{"'}}])] * n
    ),
    "calls": lambda n: sse(
        *(minimax_chunk(tool_calls=[call_head(k, "f", "{}", call_id=f"c{k}")]) for k in range(n))
    ),
    "calls of one id": _repeated_ids,
    "log probabilities": lambda n: sse(
        *[{"choices": [{"delta": {"content": "a"}, "logprobs": {"content": [{"token": "a"}]}}]}] * n
    ),
    "new fields": lambda n: sse(*({"choices": [], f"field{k}": k} for k in range(n))),
    "lines of one event": lambda n: b"data: {\n" + b'data: "a": 1,\n' * n + b'data: "b": 2}\n\n',
    "comments": lambda n: b": ping\n\n" * n * 10,
    "frames with the whole message": _whole_frames,
    "text beside a stop sequence": lambda n: sse(*[minimax_chunk(content="aaab")] * n),
}
"""Streams that grow with a number of events."""

COUNT = 150
LIMIT = 24


@pytest.mark.parametrize("name", GROWING)
def test_eight_times_the_stream_costs_about_eight_times_the_time(name):
    def seconds(count: int) -> float:
        data = GROWING[name](count) + sse(minimax_chunk("stop"))
        pieces = cut(data, range(0, len(data), 500))
        # Time of this thread alone, which other work on the machine adds little to.
        start = time.thread_time()
        read(pieces, request_to(stop=["aaaaaaaaaab"]))
        return time.thread_time() - start

    # Quadratic cost gives 64.
    assert any(seconds(8 * COUNT) < LIMIT * seconds(COUNT) for _ in range(8))
