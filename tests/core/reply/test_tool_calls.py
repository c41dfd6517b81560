"""Tool calls put together from deltas of every shape."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mara_minimax.errors import InvalidReplyError
from mara_minimax.providers.endpoints import MARA
from mara_minimax.reply.tool_calls import ToolCallDecoder, as_index, as_text
from mara_minimax.types import ToolCall, ToolCallDelta
from tests.core.wire import (
    call_head,
    call_tail,
    cut,
    mara_chunk,
    minimax_chunk,
    minimax_summary,
    read,
    reply_of,
    request_to,
    sse,
)

ADD, SUB = '{"a": 1, "b": "}{\\""}', '{"x": {"y": [2]}}'


def entry(name=None, arguments=None, **fields):
    """Return an entry of `tool_calls` that holds no more than what is given."""
    function = {"name": name, "arguments": arguments}
    return {**fields, "function": {k: v for k, v in function.items() if v is not None}}


def assembled(*chunks, cut=False, whole=None):
    """Return the calls of a stream whose chunks hold `chunks`; check what is announced."""
    decoder = ToolCallDecoder()
    deltas = [delta for chunk in chunks for delta in decoder.decode(chunk)]
    if whole is not None:
        deltas += decoder.decode_whole(whole)
    last, calls = decoder.flush("reply", cut=cut)
    deltas += last
    for call in calls:
        own = [delta for delta in deltas if delta.index == call.index]
        assert [delta.id for delta in own if delta.id is not None] == [call.id]
        assert [delta.name for delta in own if delta.name is not None] == [call.name][
            : len(call.name)
        ]
        assert "".join(delta.arguments for delta in own) == call.arguments
    assert [call.index for call in calls] == list(range(len(calls)))
    assert len({call.id for call in calls}) == len(calls)
    return calls


def plain(calls):
    return [(call.name, call.arguments) for call in calls]


TWO = [("add", ADD), ("sub", SUB)]


def test_one_call_in_fragments():
    calls = assembled([call_head(0, "add", ADD[:5], "c1")], [call_tail(0, ADD[5:])])
    assert calls == (ToolCall(0, "c1", "add", ADD),)
    assert calls[0].parsed_arguments() == {"a": 1, "b": '}{"'}


def test_several_calls_in_one_chunk():
    calls = assembled([call_head(0, "add", ADD), call_head(1, "sub", SUB)])
    assert plain(calls) == TWO


def test_interleaved_calls():
    calls = assembled(
        [call_head(0, "add"), call_head(1, "sub")],
        [call_tail(1, SUB[:3]), call_tail(0, ADD[:9])],
        [call_tail(0, ADD[9:])],
        [call_tail(1, SUB[3:])],
    )
    assert plain(calls) == TWO


def test_indices_that_do_not_count_from_zero():
    calls = assembled([call_head(7, "add", ADD)], [call_head(3, "sub")], [call_tail(3, SUB)])
    assert plain(calls) == TWO


@pytest.mark.parametrize("convert", [str, float, lambda n: f" {n} "])
def test_an_index_that_is_text_or_a_float(convert):
    calls = assembled(
        [call_head(0, "add"), call_head(1, "sub")],
        [{**call_tail(0, ADD), "index": convert(0)}],
        [{**call_tail(1, SUB), "index": convert(1)}],
    )
    assert plain(calls) == TWO


@pytest.mark.parametrize("odd", [None, True, "first", [0], {"n": 0}, float("nan"), float("inf")])
def test_an_index_that_is_no_number_is_none(odd):
    head, tail = entry("add", "", id="c1"), entry(arguments=ADD)
    assert plain(assembled([{**head, "index": odd}], [{**tail, "index": odd}])) == [("add", ADD)]


def test_calls_without_index_in_fragments():
    calls = assembled(
        [entry("add", "", id="c1")],
        [entry(arguments=ADD[:4])],
        [entry(arguments=ADD[4:])],
        [entry("sub", "", id="c2")],
        [entry(arguments=SUB)],
    )
    assert plain(calls) == TWO


def test_calls_without_index_or_id_in_fragments():
    calls = assembled(
        [entry("add", "")],
        [entry(arguments=ADD)],
        [entry("sub", SUB[:2])],
        [entry(arguments=SUB[2:])],
    )
    assert plain(calls) == TWO


def test_calls_of_one_name_without_index_or_id():
    calls = assembled([entry("add", ADD)], [entry("add", "")], [entry(arguments=SUB)])
    assert plain(calls) == [("add", ADD), ("add", SUB)]


def test_calls_of_one_name_without_index_or_id_in_one_chunk():
    calls = assembled([entry("add", ""), entry("add", ""), entry("add", ADD)])
    assert plain(calls) == [("add", "{}"), ("add", "{}"), ("add", ADD)]


def test_calls_without_index_are_told_by_a_known_id():
    calls = assembled(
        [entry("add", "", id="c1"), entry("sub", "", id="c2")],
        [entry(arguments=ADD, id="c1")],
        [entry(arguments=SUB, id="c2")],
    )
    assert plain(calls) == TWO


def test_every_call_with_index_zero():
    calls = assembled(
        [call_head(0, "add", ADD, "c1")], [call_head(0, "sub", "", "c2")], [call_tail(0, SUB)]
    )
    assert plain(calls) == TWO


def test_every_call_with_index_zero_and_no_id():
    calls = assembled([entry("add", ADD, index=0)], [entry("sub", SUB, index=0)])
    assert plain(calls) == TWO


def test_calls_of_one_name_with_index_zero_and_no_id():
    calls = assembled([entry("add", ADD, index=0)], [entry("add", SUB, index=0)])
    assert plain(calls) == [("add", ADD), ("add", SUB)]


def test_calls_without_arguments_that_share_index_zero():
    calls = assembled([call_head(0, "now", "", "c1")], [call_head(0, "here", "", "c2")])
    assert plain(calls) == [("now", "{}"), ("here", "{}")]


def test_calls_of_one_name_that_share_index_zero_in_one_chunk():
    calls = assembled([call_head(0, "now", "", "c1"), call_head(0, "now", "", "c2")])
    assert plain(calls) == [("now", "{}"), ("now", "{}")]


def test_a_new_id_alone_opens_a_call_after_a_complete_one():
    calls = assembled(
        [call_head(0, "add", ADD, "c1")],
        [entry(arguments="", id="c2", index=0)],
        [entry("sub", SUB, index=0)],
    )
    assert plain(calls) == TWO


@pytest.mark.parametrize("index", [{"index": 0}, {}])
def test_id_and_name_repeated_with_every_fragment(index):
    calls = assembled(
        *([entry("add", piece, id="c1", **index)] for piece in (ADD[:3], ADD[3:], ""))
    )
    assert calls == (ToolCall(0, "c1", "add", ADD),)


def test_a_name_repeated_with_every_fragment_and_no_id():
    calls = assembled(*([entry("add", piece, index=0)] for piece in (ADD[:3], ADD[3:], " ")))
    assert plain(calls) == [("add", ADD + " ")]


def test_an_id_that_changes_with_every_fragment():
    pieces = [
        entry("add", piece, id=f"c{n}", index=0) for n, piece in enumerate((ADD[:3], ADD[3:]))
    ]
    assert assembled(*([piece] for piece in pieces)) == (ToolCall(0, "c0", "add", ADD),)


def test_an_id_that_two_calls_share_is_made_unique():
    calls = assembled([entry("add", ADD, id="c"), entry("sub", SUB, id="c")])
    assert plain(calls) == TWO
    assert calls[0].id == "c"


def test_a_made_id_does_not_meet_one_of_the_wire():
    calls = assembled(
        [call_head(0, "a", ADD, "call_reply_2"), entry("b", ADD, index=1)],
        [call_head(2, "c", ADD, "x_4"), call_head(3, "d", ADD, "x"), call_head(4, "e", ADD, "x")],
    )
    assert [call.name for call in calls] == ["a", "b", "c", "d", "e"]


def test_a_missing_id_is_made_from_the_id_of_the_reply():
    calls = assembled([entry("add", ADD), entry("sub", SUB)])
    assert [call.id for call in calls] == ["call_reply_1", "call_reply_2"]


def test_a_missing_id_in_a_reply_without_id_is_made_at_random():
    ids = set()
    for _ in range(2):
        decoder = ToolCallDecoder()
        decoder.decode([entry("add", ADD)])
        ids.add(decoder.flush(None, cut=False)[1][0].id)
    assert len(ids) == 2


def test_an_id_that_comes_late():
    calls = assembled([entry("add", ADD[:3])], [entry(arguments=ADD[3:], id="c1")])
    assert calls == (ToolCall(0, "c1", "add", ADD),)


def test_a_name_that_comes_late():
    calls = assembled(
        [entry(arguments=ADD[:3], id="c1", index=0)], [entry("add", ADD[3:], index=0)]
    )
    assert calls == (ToolCall(0, "c1", "add", ADD),)


def test_a_name_that_comes_after_the_arguments():
    calls = assembled([entry(arguments=ADD, id="c1")], [entry("add")])
    assert calls == (ToolCall(0, "c1", "add", ADD),)


def test_an_id_that_is_a_number():
    assert assembled([entry("add", ADD, id=7)])[0].id == "7"


@pytest.mark.parametrize("odd", [{}, [], True, None, 10**30, float("nan")])
def test_odd_ids_and_names_are_missing_ones(odd):
    (call,) = assembled([{"id": odd, "index": 0, "function": {"name": odd, "arguments": ADD}}])
    assert (call.id, call.name) == ("call_reply_1", "")


@pytest.mark.parametrize("nothing", ["", None, " "])
def test_empty_arguments_are_an_empty_object(nothing):
    (call,) = assembled([{"id": "c1", "function": {"name": "now", "arguments": nothing}}])
    assert call.parsed_arguments() == {}


def test_missing_arguments_are_an_empty_object():
    assert assembled([entry("now", id="c1")])[0].arguments == "{}"


def test_arguments_that_are_an_object_become_text():
    (call,) = assembled([entry("add", {"city": "Zürich", "n": 1})])
    assert call.arguments == '{"city": "Zürich", "n": 1}'


@pytest.mark.parametrize("arguments", ['{"a": 1', "not json", "[1]", "null", "5", '{"a": 1}}'])
def test_invalid_arguments_are_data(arguments):
    (call,) = assembled([entry("add", arguments)])
    assert call.arguments == arguments
    assert call.parsed_arguments() is None


@pytest.mark.parametrize("arguments", ["[" * 100_000, "1" * 5000, '{"a": ' + "1" * 5000 + "}"])
def test_arguments_that_json_cannot_read_are_data(arguments):
    assert ToolCall(0, "c1", "add", arguments).parsed_arguments() is None


@pytest.mark.parametrize("odd", [5, True, [1, 2], 1.5])
def test_arguments_of_another_type_are_data(odd):
    (call,) = assembled([entry("add", odd)])
    assert call.arguments == json.dumps(odd)
    assert call.parsed_arguments() is None


def test_arguments_that_cannot_be_written_are_an_error():
    deep: object = "x"
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(InvalidReplyError, match="arguments"):
        ToolCallDecoder().decode([entry("add", deep)])


@pytest.mark.parametrize(
    "entries", [None, 5, "x", {}, [None], ["x"], [5], [[]], [{}], [{"index": 0, "function": None}]]
)
def test_entries_that_say_nothing_open_no_call(entries):
    decoder = ToolCallDecoder()
    assert decoder.decode(entries) == ()
    assert decoder.decode_whole(entries) == ()
    assert not decoder
    assert decoder.flush("reply", cut=False) == ((), ())


def test_a_delta_is_given_out_at_once():
    decoder = ToolCallDecoder()
    assert decoder.decode([call_head(0, "add", '{"a"', "c1")]) == (
        ToolCallDelta(0, "c1", "add", '{"a"'),
    )
    assert decoder.decode([call_tail(0, ": 1}")]) == (ToolCallDelta(0, None, None, ": 1}"),)


def test_cut_off_empty_arguments_are_not_a_call_without_arguments():
    calls = assembled([call_head(0, "now", ""), call_head(1, "add", "")], cut=True)
    assert [call.parsed_arguments() for call in calls] == [{}, None]


def test_a_frame_that_repeats_the_calls_adds_nothing():
    whole = [call_head(0, "add", ADD), call_head(1, "sub", SUB)]
    assert plain(assembled([whole[0]], [whole[1]], whole=whole)) == TWO


def test_a_frame_adds_what_was_not_streamed():
    whole = [call_head(0, "add", ADD), call_head(1, "sub", SUB)]
    assert plain(assembled([call_head(0, "add", ADD[:4])], whole=whole)) == TWO


def test_a_frame_adds_ids_and_names():
    calls = assembled([entry(arguments=ADD)], whole=[entry("add", ADD, id="c1")])
    assert calls == (ToolCall(0, "c1", "add", ADD),)


def test_a_frame_in_another_order_is_told_by_id():
    first, second = call_head(0, "add", ADD, "c1"), call_head(1, "sub", SUB, "c2")
    calls = assembled([call_head(0, "add", "", "c1"), second], whole=[second, first])
    assert plain(calls) == TWO


def test_a_frame_whose_ids_changed_is_told_by_place():
    calls = assembled([call_head(0, "add", ADD, "c1")], whole=[call_head(0, "add", ADD, "other")])
    assert plain(calls) == [("add", ADD)]


def test_a_frame_that_contradicts_the_stream_adds_no_arguments():
    calls = assembled([call_head(0, "add", ADD)], whole=[call_head(0, "add", SUB), 5])
    assert plain(calls) == [("add", ADD)]


def test_a_frame_with_more_calls_of_one_name_adds_them():
    whole = [entry("now", ""), entry("now", "")]
    assert plain(assembled([entry("now", "")], whole=whole)) == [("now", "{}")] * 2


@pytest.mark.parametrize("reason", ["stop", "tool_calls", "tool_call", "function_call"])
def test_a_reply_with_calls_ends_with_tool_calls(reason):
    data = sse(minimax_chunk(reason, tool_calls=[call_head(0, "add", ADD)]))
    assert reply_of(data).finish_reason == "tool_calls"


@pytest.mark.parametrize("reason", ["length", "content_filter", "abort"])
def test_a_call_that_was_cut_off_is_never_valid(reason):
    for arguments in ("", ADD[:-1], ADD[:4]):
        data = sse(
            minimax_chunk(tool_calls=[call_head(0, "add", arguments)]), minimax_chunk(reason)
        )
        reply = reply_of(data)
        assert reply.finish_reason == reason
        assert reply.tool_calls[0].parsed_arguments() is None


def test_calls_come_with_text_and_reasoning():
    data = sse(
        mara_chunk(reasoning="Add it.\n"),
        mara_chunk(content="Let me add."),
        mara_chunk("tool_calls", tool_calls=[call_head(0, "add", ADD)]),
    )
    reply = reply_of(data, request_to(MARA))
    assert (reply.reasoning.text, reply.text) == ("Add it.\n", "Let me add.")
    assert plain(reply.tool_calls) == [("add", ADD)]


def test_reasoning_that_was_held_back_comes_before_a_call():
    data = sse(
        mara_chunk(reasoning="Add it.\n"),
        mara_chunk("tool_calls", tool_calls=[call_head(0, "add", ADD)]),
    )
    deltas = read(data, request_to(MARA))
    assert [delta.reasoning for delta in deltas] == ["Add it.", "\n", ""]


def test_calls_of_a_summary_frame_alone_are_read():
    data = sse(minimax_chunk(content="Hm"), minimax_summary("stop", tool_calls=[entry("add", ADD)]))
    assert plain(reply_of(data).tool_calls) == [("add", ADD)]


CALLS = st.lists(
    st.tuples(
        st.sampled_from(["add", "sub"]),
        st.dictionaries(st.text('a"\\{}', max_size=3), st.text('a"\\{}ü', max_size=4), max_size=2),
    ),
    min_size=1,
    max_size=3,
)


def fragments_of(calls, data):
    """Return the arguments of each call in one to four pieces."""
    texts = [json.dumps(arguments, ensure_ascii=False) for _, arguments in calls]
    return [cut(text, data.draw(st.lists(st.integers(0, len(text)), max_size=3))) for text in texts]


@given(CALLS, st.data())
def test_any_interleaving_of_indexed_fragments_gives_the_same_calls(calls, data):
    queues = [
        [call_head(n, name), *(call_tail(n, piece) for piece in pieces)]
        for n, ((name, _), pieces) in enumerate(zip(calls, fragments_of(calls, data), strict=True))
    ]
    heads = [queue.pop(0) for queue in queues]
    chunks = [[head] for head in heads]
    while any(queues):
        queue = data.draw(st.sampled_from([queue for queue in queues if queue]))
        if data.draw(st.booleans()):
            chunks.append([queue.pop(0)])
        else:
            chunks[-1].append(queue.pop(0))
    result = assembled(*chunks)
    assert [(call.name, call.parsed_arguments()) for call in result] == calls


@given(CALLS, st.data(), st.sampled_from(["without index", "index 0", "without id", "repeating"]))
def test_any_fragments_in_order_give_the_same_calls_in_each_shape(calls, data, shape):
    chunks = []
    for n, ((name, _), given_pieces) in enumerate(
        zip(calls, fragments_of(calls, data), strict=True)
    ):
        pieces = [piece for piece in given_pieces if piece]
        for position, piece in enumerate(pieces):
            part = call_head(n, name, piece) if position == 0 else call_tail(n, piece)
            if shape == "repeating":
                part = call_head(n, name, piece)
            if shape == "without index":
                del part["index"]
            if shape == "index 0":
                part["index"] = 0
            if shape == "without id":
                part.pop("id", None)
            chunks.append([part])
    result = assembled(*chunks)
    assert [(call.name, call.parsed_arguments()) for call in result] == calls


@pytest.mark.parametrize(
    ("value", "text"),
    [("a", "a"), (5, "5"), (1.5, "1.5"), (True, ""), (None, ""), ([], ""), (10**19, "")],
)
def test_text_of_odd_values(value, text):
    assert as_text(value) == text


@pytest.mark.parametrize(
    ("value", "index"), [(2, 2), ("2", 2), (2.0, 2), ("", None), ("9" * 5000, None), (None, None)]
)
def test_index_of_odd_values(value, index):
    assert as_index(value) == index


def test_calls_of_one_id_are_given_different_ones():
    calls = assembled(
        [entry("add", ADD, id="a", index=0)],
        [entry("add", SUB, id="a", index=1)],
        [entry("add", ADD, id="a", index=2)],
    )
    assert [call.id for call in calls] == ["a", "a_2", "a_3"]


def test_a_quote_whose_backslash_came_with_the_fragment_before_ends_no_string():
    pieces = ['{"a": "\\', '"}', '"}']
    chunks = [[entry("add", piece, id=f"c{n}", index=0)] for n, piece in enumerate(pieces)]
    (call,) = assembled(*chunks)
    assert call.parsed_arguments() == {"a": '"}'}
