"""Stop sequences, enforced for models that ignore them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mara_minimax.reply.stop import StopDecoder
from tests.core.wire import (
    STREAMS,
    call_head,
    call_tail,
    cut,
    minimax_chunk,
    minimax_summary,
    minimax_usage_chunk,
    read,
    reply_of,
    request_to,
    split_reasoning,
    sse,
    to_json,
)


def scan(fragments, sequences):
    decoder = StopDecoder(sequences)
    text = "".join(map(decoder.decode, fragments))
    return text + decoder.flush(), decoder.stopped


def test_text_ends_before_the_first_stop_sequence():
    assert scan(["one END two STOP three"], ["STOP", "END"]) == ("one ", True)


def test_a_sequence_is_found_across_fragments():
    assert scan(["one E", "N", "D two"], ["END"]) == ("one ", True)


def test_text_without_a_sequence_is_whole():
    assert scan(["one E", "N", "d EN"], ["END"]) == ("one ENd EN", False)


def test_nothing_follows_a_stop_sequence():
    assert scan(["a#", "b", "c"], ["#"]) == ("a", True)


def test_at_most_the_longest_sequence_less_one_character_is_held_back():
    decoder = StopDecoder(["\nObservation:"])
    assert decoder.decode("look\nObservation") == "look"
    assert decoder.decode(" deck") == "\nObservation deck"


def test_text_that_cannot_begin_a_sequence_is_not_held_back():
    assert StopDecoder(["END"]).decode("one") == "one"


def test_empty_sequences_are_ignored():
    assert scan(["abc"], ["", "c"]) == ("ab", True)


def test_the_sequence_that_is_complete_first_counts():
    assert scan(["abc"], ["abc", "b"]) == scan("abc", ["abc", "b"]) == ("a", True)


@given(
    st.text("ab#", max_size=20),
    st.lists(st.text("ab#", min_size=1, max_size=4), min_size=1, max_size=3),
    st.data(),
)
def test_any_cut_of_any_text_stops_at_the_same_place(text, sequences, data):
    cuts = data.draw(st.lists(st.integers(0, len(text)), max_size=4))
    result, stopped = scan(cut(text, cuts), sequences)
    assert (result, stopped) == scan([text], sequences)
    assert stopped == any(sequence in text for sequence in sequences)
    assert not any(sequence in result for sequence in sequences)
    assert text.startswith(result)


@given(st.text("ab#", max_size=20), st.lists(st.text("ab#", min_size=1, max_size=4), max_size=3))
def test_never_more_is_held_than_the_longest_sequence_less_one(text, sequences):
    decoder = StopDecoder(sequences)
    given_out = 0
    for position, character in enumerate(text, start=1):
        given_out += len(decoder.decode(character))
        if decoder.stopped:
            break
        assert position - given_out <= max(map(len, sequences), default=1) - 1


def test_the_reply_to_an_ignored_stop_has_finish_reason_stop():
    stream = STREAMS["ignored stop sequence"]
    reply = reply_of(stream.data, stream.request)
    assert reply.text == "Action: look\n"
    assert reply.finish_reason == "stop"


def test_a_whole_reply_is_cut_at_the_same_place():
    stream = STREAMS["ignored stop sequence"]
    whole = to_json(
        minimax_summary(
            "length", content="<think>Observation: none</think>Action: look\nObservation: a door"
        )
    )
    reply = reply_of(whole, stream.request)
    assert reply.text == "Action: look\n"
    assert reply.finish_reason == "stop"
    assert reply.metadata["raw_finish_reason"] == "length"


def test_the_finish_reason_of_a_stop_that_the_provider_honoured_is_kept():
    data = sse(minimax_chunk("length", content="Action: loo"))
    assert reply_of(data, request_to(stop=["Observation:"])).finish_reason == "length"


def test_reasoning_is_not_cut():
    request = request_to(stop=["END"])
    data = sse(
        minimax_chunk(**split_reasoning("first END ")),
        minimax_chunk(**split_reasoning("then more\n")),
        minimax_chunk("stop", content="text END more"),
    )
    reply = reply_of(data, request)
    assert reply.reasoning.text == "first END then more\n"
    assert reply.text == "text "


def test_tool_arguments_are_not_cut():
    data = sse(
        minimax_chunk(tool_calls=[call_head(0, "write", '{"text": "the ')]),
        minimax_chunk("tool_calls", tool_calls=[call_tail(0, 'END"}')]),
    )
    (call,) = reply_of(data, request_to(stop=["END"])).tool_calls
    assert call.parsed_arguments() == {"text": "the END"}


def test_a_call_that_the_stop_cut_off_is_not_presented_as_a_valid_one():
    data = sse(
        minimax_chunk(tool_calls=[call_head(0, "write")]),
        minimax_chunk(content="text END"),
        minimax_chunk("tool_calls", tool_calls=[call_tail(0, '{"text": "x"}')]),
    )
    (call,) = reply_of(data, request_to(stop=["END"])).tool_calls
    assert call.parsed_arguments() is None


def test_what_comes_after_a_stop_is_not_read_however_it_arrives():
    request = request_to(stop=["END"])
    first = sse(minimax_chunk(content="text END"))
    rest = sse(minimax_chunk("stop", content=" more"), minimax_usage_chunk(), b"data: junk\n\n")
    assert read(first + rest, request) == read([first, rest], request)


def test_text_that_is_held_back_comes_at_the_end():
    data = sse(minimax_chunk("stop", content="the EN"))
    deltas = read(data, request_to(stop=["END"]))
    assert [delta.text for delta in deltas] == ["the ", "EN"]
