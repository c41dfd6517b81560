"""Memory is bounded, whatever a server sends without end."""

from __future__ import annotations

import itertools
import tracemalloc
from collections.abc import Iterable

import pytest

from mara_minimax.errors import InvalidReplyError
from mara_minimax.limits import MAX_EVENT_BYTES
from mara_minimax.reply.reader import ReplyReader
from tests.core.wire import request_to

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
        reader.decode(beginning)
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
        reader.decode(piece)


def test_white_space_without_end_takes_no_memory():
    reader = ReplyReader(request_to())
    tracemalloc.start()
    try:
        for _ in range(HUGE // PIECE):
            reader.decode(b"\n" * PIECE)
        assert tracemalloc.get_traced_memory()[1] < 20 * PIECE
    finally:
        tracemalloc.stop()


def test_keep_alives_without_end_take_no_memory():
    reader = ReplyReader(request_to())
    reader.decode(b": start\n\n")
    tracemalloc.start()
    try:
        for _ in range(100):
            reader.decode(b": keep-alive\n\n" * 1000)
        assert tracemalloc.get_traced_memory()[1] < 4 * 14_000 + 200_000
    finally:
        tracemalloc.stop()
