"""Server-sent events from bytes that a network cuts anywhere."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mara_minimax import limits
from mara_minimax.errors import InvalidReplyError
from mara_minimax.limits import MAX_EVENT_BYTES
from mara_minimax.reply.events import DONE, EventDecoder
from tests.core.wire import cut


def events_of(*reads):
    decoder = EventDecoder()
    events = [event for data in reads for event in decoder.decode(data)]
    return events + list(decoder.flush())


def test_an_event_is_given_out_before_its_blank_line():
    assert list(EventDecoder().decode(b'data: {"a":1}\n')) == [{"a": 1}]


def test_a_space_after_the_colon_is_optional():
    assert events_of(b'data:{"a":1}\n\n') == [{"a": 1}]


def test_several_events_in_one_read():
    assert events_of(b'data: {"a":1}\n\ndata: {"a":2}\n\ndata: {"a":3}\n\n') == [
        {"a": 1},
        {"a": 2},
        {"a": 3},
    ]


def test_one_event_in_many_reads():
    data = 'data: {"text":"Zürich 🧮"}\n\n'.encode()
    assert events_of(*(bytes([byte]) for byte in data)) == [{"text": "Zürich 🧮"}]


def test_lines_may_end_in_crlf():
    assert events_of(b'data: {"a":1}\r', b'\n\r\ndata: {"a":2}\r\n\r\n') == [{"a": 1}, {"a": 2}]


def test_blank_lines_may_be_missing():
    assert events_of(b'data: {"a":1}\ndata: {"a":2}\n') == [{"a": 1}, {"a": 2}]


def test_the_final_blank_line_may_be_missing():
    assert events_of(b'data: {"a":1}\n\ndata: {"a":2}') == [{"a": 1}, {"a": 2}]


def test_comments_ids_and_retry_times_are_skipped():
    assert events_of(b': hello\nid: 7\nretry: 10\n\ndata: {"a":1}\n\n: keep-alive\n\n') == [
        {"a": 1}
    ]


def test_a_byte_order_mark_is_skipped():
    assert events_of(b"\xef\xbb", b'\xbfdata: {"a":1}\n\n') == [{"a": 1}]


def test_done_is_an_event_of_its_own():
    assert events_of(b'data: {"a":1}\n\ndata: [DONE]\n\n') == [{"a": 1}, DONE]


def test_data_lines_of_one_event_are_joined():
    assert events_of(b'data: {\ndata: "a": {}\ndata: }\n\n') == [{"a": {}}]


def test_an_object_in_pieces_that_look_whole_is_joined():
    assert events_of(b'data: {"a": {}\ndata: }\n\n') == [{"a": {}}]


def test_empty_data_lines_are_no_events():
    assert events_of(b"data:\n\ndata: \n\n\n") == []


def test_a_lone_surrogate_does_not_wait_for_a_blank_line():
    assert events_of(b'data: {"a":"\\ud83d"}\ndata: {"a":2}\n') == [{"a": "\ud83d"}, {"a": 2}]


def test_infinity_and_nan_are_read_as_python_reads_them():
    (event,) = events_of(b'data: {"a":Infinity}\n\n')
    assert event == {"a": float("inf")}


@pytest.mark.parametrize("name", [b"error", b"error_event"])
@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b'{"message":"busy"}', {"message": "busy"}),
        (b'{"error":{"message":"busy"}}', {"message": "busy"}),
        (b'{"error":null,"message":"busy"}', {"error": None, "message": "busy"}),
        (b'"busy"', "busy"),
        (b"upstream is busy", "upstream is busy"),
        (b"null", None),
        (b"{}", {}),
    ],
)
def test_an_event_named_error_shows_it_in_its_fields(name, data, error):
    (event,) = events_of(b"event: " + name + b"\ndata: " + data + b"\n\n")
    assert event["type"] == "error"
    assert event["error"] == error


def test_an_event_name_counts_for_one_event():
    first, second = events_of(b'event: error\ndata: {"a":1}\n\ndata: {"a":2}\n\n')
    assert "error" in first
    assert second == {"a": 2}


@pytest.mark.parametrize("data", [b"[1]", b"null", b"5", b'"text"', b"hello", b'{"a":'])
def test_an_event_that_is_no_json_object_is_an_error(data):
    decoder = EventDecoder()
    with pytest.raises(InvalidReplyError):
        list(decoder.decode(b"data: " + data + b"\n\n"))


def test_events_before_a_bad_one_are_given_out():
    events = EventDecoder().decode(b'data: {"a":1}\n\ndata: oops\n\n')
    assert next(events) == {"a": 1}
    with pytest.raises(InvalidReplyError):
        next(events)


def test_an_event_that_the_end_cuts_off_is_dropped():
    assert events_of(b'data: {"a":1}\n\ndata: {"a":') == [{"a": 1}]


def test_an_error_does_not_quote_the_data():
    with pytest.raises(InvalidReplyError) as caught:
        list(EventDecoder().decode(b"data: secret\n\n"))
    assert "secret" not in str(caught.value)


def test_an_event_of_one_megabyte_is_read():
    text = "x" * 1_000_000
    data = b"data: " + json.dumps({"a": text}).encode() + b"\n\n"
    assert events_of(*(data[at : at + 100] for at in range(0, len(data), 100))) == [{"a": text}]


def test_an_event_beyond_the_limit_is_refused():
    piece = b"x" * (1024 * 1024)
    pieces = [piece] * (MAX_EVENT_BYTES // len(piece))
    with pytest.raises(InvalidReplyError, match="33554432 bytes"):
        events_of(b"data: ", *pieces)


@pytest.mark.parametrize("size", [7, 40, 5000])
@pytest.mark.parametrize("unit", [b"x", b"data: x\n", b": comment without an end "])
def test_the_limit_does_not_depend_on_the_reads(monkeypatch, size, unit):
    monkeypatch.setattr(limits, "MAX_EVENT_BYTES", 1000)
    data = unit * 1500
    with pytest.raises(InvalidReplyError, match="1000 bytes"):
        events_of(*(data[at : at + size] for at in range(0, len(data), size)))


def test_the_limit_counts_one_event_not_the_stream(monkeypatch):
    monkeypatch.setattr(limits, "MAX_EVENT_BYTES", 100)
    data = b'data: {"a":1}\n\n: comment\n\n' * 50
    assert events_of(data) == events_of(data[:77], data[77:]) == [{"a": 1}] * 50


JSON_OBJECTS = st.dictionaries(
    st.text(max_size=5),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda values: st.lists(values, max_size=3),
        max_leaves=5,
    ),
    max_size=3,
)


@given(st.lists(JSON_OBJECTS, max_size=5), st.sampled_from([b"\n", b"\r\n"]), st.data())
def test_any_cut_of_any_events_gives_the_same_events(objects, newline, data):
    lines = [
        b"data: " + json.dumps(each, ensure_ascii=False).encode() + newline * 2 for each in objects
    ]
    stream = b"".join(lines)
    cuts = data.draw(st.lists(st.integers(0, len(stream)), max_size=6))
    assert events_of(*cut(stream, cuts)) == objects


def test_a_line_of_many_byte_order_marks_is_read_like_one():
    decoder = EventDecoder()
    assert list(decoder.decode(b":\n" + b"\xef\xbb\xbf" * 5000 + b'data: {"a": 1}\n')) == [{"a": 1}]
