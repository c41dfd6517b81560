"""Bodies to deltas: whatever the network cuts, whatever the provider sends."""

from __future__ import annotations

import random

import openai
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mara_minimax import limits
from mara_minimax.errors import IncompleteStreamError, InvalidReplyError, RateLimitError
from mara_minimax.providers.endpoints import MARA
from mara_minimax.reply.reader import ReplyReader
from mara_minimax.types import Delta
from tests.core.wire import (
    STREAMS,
    assert_adds_up,
    call_head,
    cut,
    minimax_chunk,
    minimax_event,
    minimax_summary,
    minimax_usage_chunk,
    outcome,
    read,
    reply_of,
    request_to,
    split_reasoning,
    sse,
    to_json,
)

ANSWER = sse(minimax_chunk(content="It is"), minimax_chunk("stop", content=" four."))
SPLITS = 400
"""Random splits of each stream of `STREAMS`."""

EXPECTED = {
    "tags in content, usage chunk with empty choices, no done": (
        "**Even.** ∎ That is all 🧮", "The sum is even, because 1 < 2.", [], "stop", 30,
    ),
    "split reasoning, usage chunk with null choices, done": (
        "我是 MiniMax。", "用户问我是谁。\n", [], "stop", 30,
    ),
    "split reasoning, tool calls, placeholders and summary frame": (
        "", "Weather first.\nThen time.",
        [("get_weather", {"city": "Zürich"}), ("get_time", {})], "tool_calls", 30,
    ),
    "nothing after the finish reason": ("Hello, wor", None, [], "length", None),
    "snapshots instead of deltas": (
        "It is forty-two.", "The answer is short.", [], "stop", 30,
    ),
    "reasoning field with channel, CRLF, comments, timing": (
        "It is four.", "We need to add.\n", [], "stop", 30,
    ),
    "inline tags and interleaved calls": (
        "", "Two calls", [("add", {"b": "}{"}), ("sub", {"a": 1})], "tool_calls", 30,
    ),
    "closing tag alone": ("It is 4.", "The user wants 4.", [], "stop", None),
    "text without reasoning": ("Ünïcödé 🎉", None, [], "stop", None),
    "ignored stop sequence": ("Action: look\n", "Observation: none", [], "stop", None),
    "calls without index or id": (
        "", None, [("add", {"a": 1}), ("add", {}), ("now", {})], "tool_calls", None,
    ),
    "stray closer at the end of the reasoning and before the answer": (
        "Yes!", "Yes.", [], "stop", None,
    ),
    "no final blank line": ("Hi", None, [], "stop", None),
    "whole reply where a stream was asked for": (
        "\n", "Weather first.\nThen time.",
        [("get_weather", {"city": "Zürich"}), ("get_time", {})], "tool_calls", 30,
    ),
}  # fmt: skip
"""Text, reasoning, calls, finish reason and total tokens of the streams that hold a reply."""


@pytest.mark.parametrize("name", EXPECTED)
def test_streams_of_every_form(name):
    stream = STREAMS[name]
    reply = reply_of(stream.data, stream.request)
    assert (
        reply.text,
        reply.reasoning and reply.reasoning.text,
        [(call.name, call.parsed_arguments()) for call in reply.tool_calls],
        reply.finish_reason,
        reply.usage and reply.usage.total_tokens,
    ) == EXPECTED[name]


def test_all_other_streams_end_in_an_error_after_their_deltas():
    kinds = {}
    for name in STREAMS.keys() - EXPECTED.keys():
        deltas, kinds[name], _, partial = outcome(STREAMS[name].data, STREAMS[name].request)
        assert "".join(delta.text for delta in deltas) == partial.text == "Hal"
    assert kinds == {
        "error within the stream": RateLimitError,
        "connection cut within an event": IncompleteStreamError,
    }


@pytest.mark.parametrize("name", STREAMS)
def test_random_splits_of_every_stream_change_nothing(name):
    stream = STREAMS[name]
    whole = outcome(stream.data, stream.request)
    random_cuts = random.Random(name)
    positions = range(len(stream.data) + 1)
    for _ in range(SPLITS):
        cuts = random_cuts.choices(positions, k=random_cuts.choice([1, 2, 5, 20]))
        assert outcome(cut(stream.data, cuts), stream.request) == whole, cuts


@pytest.mark.parametrize("name", STREAMS)
def test_one_byte_at_a_time_changes_nothing(name):
    stream = STREAMS[name]
    pieces = cut(stream.data, range(len(stream.data)))
    assert outcome(pieces, stream.request) == outcome(stream.data, stream.request)


@pytest.mark.parametrize("name", ["no final blank line", "closing tag alone"])
def test_a_cut_at_every_position_changes_nothing(name):
    stream = STREAMS[name]
    whole = outcome(stream.data, stream.request)
    for position in range(len(stream.data)):
        assert outcome(cut(stream.data, [position]), stream.request) == whole, position


def test_the_first_delta_is_given_out_with_its_bytes():
    reader = ReplyReader(request_to())
    assert reader.decode(sse(minimax_chunk(content="It is"))) == [Delta(text="It is")]


def test_done_ends_the_reply_without_waiting_for_the_connection():
    reader = ReplyReader(request_to())
    deltas = reader.decode(ANSWER + b"data: [DONE]\n")
    assert reader.finished
    assert deltas[-1].reply.text == "It is four."
    assert reader.decode(b"data: junk\n\n") == []
    assert reader.flush() == []


def test_finishing_twice_gives_one_reply():
    reader = ReplyReader(request_to())
    reader.decode(ANSWER)
    assert len(reader.flush()) == 1
    assert reader.flush() == []


def test_a_done_without_line_end_gives_one_reply():
    assert reply_of(ANSWER + b"data: [DONE]").text == "It is four."


def test_a_stop_sequence_asks_to_close_the_connection():
    reader = ReplyReader(request_to(stop=["is"]))
    deltas = reader.decode(ANSWER)
    assert reader.stopped
    assert not reader.finished
    assert [delta.text for delta in deltas] == ["It "]
    assert reader.flush()[-1].reply.finish_reason == "stop"


def test_a_stop_sequence_in_the_last_line():
    reply = reply_of(ANSWER.rstrip(), request_to(stop=["four"]))
    assert (reply.text, reply.finish_reason) == ("It is ", "stop")


def test_what_comes_before_a_failure_in_the_same_read_is_given_out():
    failure = minimax_event(None, base_resp={"status_code": 1002, "status_msg": "rate limit"})
    reader = ReplyReader(request_to())
    assert [delta.text for delta in reader.decode(ANSWER + sse(failure))] == ["It is", " four."]
    assert reader.stopped
    with pytest.raises(RateLimitError) as caught:
        reader.flush()
    assert caught.value.partial.text == "It is four."


def test_a_failure_at_the_beginning_is_raised_at_once():
    reader = ReplyReader(request_to())
    failure = minimax_event(None, base_resp={"status_code": 1002, "status_msg": "rate limit"})
    with pytest.raises(RateLimitError):
        reader.decode(sse(failure))


def test_an_error_event_with_plain_text_is_the_providers_error():
    with pytest.raises(openai.APIError, match="upstream is busy"):
        read(b"event: error\ndata: upstream is busy\n\n")


def test_an_unreadable_event_holds_what_came_before():
    with pytest.raises(InvalidReplyError) as caught:
        read(sse(minimax_chunk(content="It is"), b"data: oops\n\n"))
    assert caught.value.partial.text == "It is"


@pytest.mark.parametrize("data", [b"{", b'{"choices": [', b"[1]", b"{}", b'{"choices": null}'])
def test_a_document_that_is_no_reply_is_an_error(data):
    with pytest.raises(InvalidReplyError):
        read(data)


@pytest.mark.parametrize(
    "data", [b"", b" \r\n", b"<html>Bad Gateway</html>", b": comment\n\n", b"null", b"\xef\xbb"]
)
def test_a_body_that_is_neither_json_nor_events_is_an_error(data):
    with pytest.raises(InvalidReplyError, match="neither JSON nor"):
        read(cut(data, range(len(data))))


def test_a_stream_that_only_says_done_is_an_error():
    with pytest.raises(IncompleteStreamError):
        read(b"data: [DONE]\n\n")


def test_a_stream_that_ends_before_its_reply_is_an_error():
    with pytest.raises(IncompleteStreamError) as caught:
        read(sse(minimax_chunk(content="It i")))
    assert caught.value.partial.text == "It i"


def test_arguments_cut_off_by_a_broken_stream_are_no_call():
    call = call_head(0, "add", '{"a": 1}')
    with pytest.raises(IncompleteStreamError) as caught:
        read(sse(minimax_chunk(tool_calls=[call])))
    assert caught.value.partial.tool_calls == ()


def test_a_document_is_given_out_as_one_delta():
    body = minimax_summary(
        "tool_calls",
        content="Four.",
        tool_calls=[call_head(0, "add", "{}"), {"id": "c2", "function": {}}],
        **split_reasoning("Add."),
    )
    (delta,) = read(to_json(body))
    assert (delta.text, delta.reasoning) == ("Four.", "Add.")
    assert [piece.name for piece in delta.tool_calls] == ["add", None]
    assert_adds_up([delta], delta.reply)


@pytest.mark.parametrize("start", [b"", b"\n\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf \n", b"  "])
@pytest.mark.parametrize("body", [ANSWER, to_json(minimax_summary("stop", content="It is four."))])
def test_white_space_and_a_byte_order_mark_before_the_body(start, body):
    data = start + body
    assert reply_of(data).text == "It is four."
    assert reply_of(cut(data, range(len(data)))).text == "It is four."


def test_a_document_beyond_the_limit_is_refused(monkeypatch):
    monkeypatch.setattr(limits, "MAX_EVENT_BYTES", 1000)
    reader = ReplyReader(request_to())
    reader.decode(b"{" + b" " * 900)
    with pytest.raises(InvalidReplyError, match="1000 bytes"):
        reader.decode(b" " * 100)


@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_usage_after_the_text_is_read_in_any_reads(size):
    data = ANSWER + sse(minimax_usage_chunk())
    assert reply_of(cut(data, range(0, len(data), size))).usage.total_tokens == 30


NEAR_MISSES = st.sampled_from(
    [
        b"data: ", b"data:", b"{", b"}", b"[", b"]", b"\n", b"\r\n", b"\n\n", b":", b",", b'"',
        b"event: error\n", b"[DONE]", b'"choices"', b'"delta"', b'"content"', b'"error"', b"null",
        b'{"choices":[{"delta":{"content":"a"},"finish_reason":"stop"}]}', b"\xff", b"\xef\xbb\xbf",
        b"0", b'{"choices":[{"message":', b'"base_resp"', b'"\\ud800"', b"1e999", b"NaN",
    ]
)  # fmt: skip
BODIES = st.binary(max_size=60) | st.lists(NEAR_MISSES, max_size=12).map(b"".join)


@settings(max_examples=250)
@given(BODIES, st.lists(st.integers(0, 100), max_size=4), st.booleans())
def test_any_bytes_only_ever_raise_errors_of_the_provider(data, cuts, is_minimax):
    request = request_to(stop=["STOP"]) if is_minimax else request_to(MARA)
    pieces = cut(data, [min(position, len(data)) for position in cuts])
    # `outcome` lets nothing else than OpenAI errors pass.
    assert outcome(pieces, request) == outcome(data, request)


@settings(max_examples=100)
@given(st.sampled_from(sorted(STREAMS)), st.data())
def test_any_damage_to_a_stream_only_ever_raises_errors_of_the_provider(name, data):
    stream = STREAMS[name]
    position = data.draw(st.integers(0, len(stream.data)))
    removed = data.draw(st.integers(0, 30))
    junk = data.draw(BODIES)
    damaged = stream.data[:position] + junk + stream.data[position + removed :]
    assert outcome(cut(damaged, [position]), stream.request) == outcome(damaged, stream.request)


def test_byte_order_marks_before_a_body_count_for_nothing_wherever_reads_cut_them():
    body = b"\xef\xbb\xbf\n\xef\xbb\xbf" + STREAMS["no final blank line"].data
    whole = reply_of(body)
    assert whole.text == "Hi"
    assert reply_of([body[n : n + 1] for n in range(len(body))]) == whole
