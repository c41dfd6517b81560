"""An answer without end ends in an error, and what it takes until then grows with its bytes."""

from __future__ import annotations

import gzip
import tracemalloc

import pytest

from mara_minimax import limits
from mara_minimax.emulator.faults import FaultServer
from mara_minimax.emulator.faults.bodies import http
from mara_minimax.errors import InvalidReplyError
from mara_minimax.reply.events import EventDecoder
from mara_minimax.reply.reader import ReplyReader
from mara_minimax.settings import MiniMaxSettings
from tests.core.calls import FORMS, call
from tests.core.wire import (
    call_head,
    details,
    minimax_chunk,
    minimax_event,
    minimax_summary,
    minimax_usage_chunk,
    read,
    request_to,
    sse,
    to_json,
)

PIECE = 64 * 1024
TEXT = sse(minimax_chunk(content="two words "))
NOISE = {
    "comments": b": keep-alive\n\n",
    "blank lines": b"\n",
    "empty events": b"data: {}\n\n",
    "names of events": b"event: x\n\n",
    "events of nothing": sse(minimax_event([])),
    "text": TEXT,
}


@pytest.mark.parametrize("name", NOISE)
@pytest.mark.parametrize("start", [b"", TEXT])
def test_a_stream_without_end_is_refused(name, start, monkeypatch):
    monkeypatch.setattr(limits, "MAX_ANSWER_BYTES", 100_000)
    noise = NOISE[name] * (1000 // len(NOISE[name]) + 1)
    with pytest.raises(InvalidReplyError, match="more than 100000 bytes") as caught:
        read([start, *[noise] * 200])
    assert caught.value.provider == "minimax"
    assert not caught.value.retryable


@pytest.mark.parametrize("name", NOISE)
def test_what_follows_a_whole_reply_without_end_does_not_take_it_back(name, monkeypatch):
    monkeypatch.setattr(limits, "MAX_ANSWER_BYTES", 20_000)
    whole = sse(minimax_chunk(content="It is four."), minimax_chunk("stop"), minimax_usage_chunk())
    flood = [NOISE[name] * (20_000 // len(NOISE[name]) + 1)] * 3
    reply = read([whole, *flood])[-1].reply
    assert reply is not None
    assert (reply.text, reply.finish_reason) == ("It is four.", "stop")


@pytest.mark.parametrize("name", ["comments", "blank lines", "empty events", "events of nothing"])
def test_noise_takes_no_memory(name):
    noise = NOISE[name] * (PIECE // len(NOISE[name]))
    reader = ReplyReader(request_to())
    reader.decode(TEXT)
    reader.decode(noise)
    tracemalloc.start()
    try:
        for _ in range(10):
            assert reader.decode(noise) == []
        assert tracemalloc.get_traced_memory()[0] < 10_000
    finally:
        tracemalloc.stop()


DENSE = b"{}," * (limits.MAX_CONTAINERS + 1)


@pytest.mark.parametrize(
    "pieces",
    [
        [b'{"choices": [', DENSE, b"{}]}"],
        [b'data: {"choices": [', DENSE, b"{}]}\n\n"],
        [b'data: {"choices": [\n', b"data: " + DENSE, b"\ndata: {}]}\n\n"],
    ],
    ids=["document", "line", "lines"],
)
def test_json_of_nothing_but_brackets_is_refused_before_it_fills_the_memory(pieces):
    tracemalloc.start()
    try:
        with pytest.raises(InvalidReplyError, match="more than 1048576 objects and arrays"):
            read(pieces)
        assert tracemalloc.get_traced_memory()[1] < 8 * len(DENSE)
    finally:
        tracemalloc.stop()


def test_brackets_in_a_long_text_are_no_objects_too_many():
    text = "f(x) = {x[0]} " * 100_000
    assert read(to_json(minimax_summary("stop", content=text)))[-1].text == text


PARTS = {
    "tool calls": [minimax_chunk(tool_calls=[call_head(n, "add")]) for n in range(12)],
    "entries": [minimax_chunk(reasoning_details=details("x", index=n, id=n)) for n in range(12)],
    "fields": [minimax_event([], **{f"field {n}": n}) for n in range(20)],
}


@pytest.mark.parametrize("name", PARTS)
def test_parts_of_a_reply_are_not_kept_without_end(name, monkeypatch):
    assert read(sse(*PARTS[name], minimax_chunk("stop", content="x")))[-1].reply is not None
    monkeypatch.setattr(limits, "MAX_PARTS", 10)
    with pytest.raises(InvalidReplyError, match=f"more than 10 {name}"):
        read(sse(*PARTS[name], minimax_chunk("stop", content="x")))


def test_a_comment_is_no_part_of_an_event():
    assert list(EventDecoder().decode(b'data: {"a":\n: comment\ndata: 1}\n\n')) == [{"a": 1}]


@FORMS
def test_a_small_answer_that_unpacks_to_a_large_one_takes_little_memory(form, monkeypatch):
    monkeypatch.setattr(limits, "MAX_ANSWER_BYTES", 64 * 2**20)
    packed = gzip.compress(b"\n" * 80 * 2**20)
    with FaultServer() as server:
        server.play(lambda _: http(packed, headers={"content-encoding": "gzip"}))
        settings = MiniMaxSettings(api_key="key", base_url=server.base_url, max_retries=0)
        tracemalloc.start()
        try:
            with pytest.raises(InvalidReplyError, match="more than 67108864 bytes"):
                call(settings, form)
            assert tracemalloc.get_traced_memory()[1] < 8 * 2**20
        finally:
            tracemalloc.stop()
