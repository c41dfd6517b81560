"""Reasoning in each form, read once and kept byte for byte."""

from __future__ import annotations

import pytest

from mara_minimax.providers.endpoints import MARA, MINIMAX
from mara_minimax.providers.models import find_profile
from mara_minimax.reply.details import DetailsDecoder
from mara_minimax.reply.reasoning import ReasoningDecoder
from mara_minimax.request.records import restore_reasoning
from mara_minimax.types import REASONING_TEXT_FIELDS, Reasoning
from tests.core.wire import (
    REPLY_ID,
    details,
    mara_chunk,
    mara_event,
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


def reasoning_of(*parts, provider=MINIMAX, content="Yes", finish="stop"):
    """Return the reasoning of a stream whose deltas hold `parts`, then the answer."""
    chunks = [minimax_chunk(**part) for part in parts]
    data = sse(*chunks, minimax_chunk(finish, content=content))
    reply = reply_of(data, request_to(provider))
    assert reply.text == content
    return reply.reasoning


def test_details_and_field_with_the_same_text_are_read_once():
    reasoning = reasoning_of(split_reasoning("The "), split_reasoning("user"))
    assert reasoning.text == "The user"
    assert reasoning.form == "reasoning_details"
    assert reasoning.details == details("The user")


def test_details_and_field_that_look_like_snapshots_at_first_are_read_once():
    parts = [split_reasoning(text) for text in ("a", "and", " so")]
    assert reasoning_of(*parts).text == "aand so"


def test_details_and_field_as_snapshots_are_read_once():
    texts = ["The user wants to know about the weather", " in Zürich", " today."]
    parts = [split_reasoning("".join(texts[: n + 1])) for n in range(3)]
    reasoning = reasoning_of(*parts)
    assert reasoning.text == "".join(texts)
    assert reasoning.details == details("".join(texts))


def test_details_alone():
    reasoning = reasoning_of({"reasoning_details": details("The user")})
    assert (reasoning.text, reasoning.form) == ("The user", "reasoning_details")


@pytest.mark.parametrize("form", REASONING_TEXT_FIELDS)
def test_a_text_field_alone(form):
    reasoning = reasoning_of({form: "The "}, {form: "user"})
    assert (reasoning.text, reasoning.form, reasoning.details) == ("The user", form, None)


def test_both_text_fields_with_the_same_text_are_read_once():
    reasoning = reasoning_of({"reasoning": "The", "reasoning_content": "The"})
    assert reasoning.text == "The"


@pytest.mark.parametrize("empty", ["", None, [], 5])
def test_an_empty_or_odd_field_does_not_hide_the_other(empty):
    assert reasoning_of({"reasoning_content": empty, "reasoning": "The"}).text == "The"


def test_the_channel_of_the_reasoning_is_kept():
    data = sse(
        mara_chunk(channel="analysis", reasoning="Add."),
        mara_chunk(channel="final", reasoning="", content="4"),
        mara_chunk("stop"),
    )
    reasoning = reply_of(data, request_to(MARA)).reasoning
    assert (reasoning.form, reasoning.channel) == ("reasoning", "analysis")


@pytest.mark.parametrize("channel", [5, {}, [], "", None])
def test_an_odd_channel_is_none(channel):
    assert not reasoning_of({"reasoning": "Add.", "channel": channel}).channel


def test_reasoning_mirrored_between_tags_in_content_is_read_once():
    data = sse(
        minimax_chunk(content="<think>\nThe", reasoning_content="The"),
        minimax_chunk(content=" user\n</think>\n\nYes", reasoning_content=" user"),
        minimax_chunk("stop"),
    )
    reply = reply_of(data)
    assert (reply.reasoning.text, reply.text) == ("The user", "Yes")


def test_fields_that_repeat_what_stood_between_tags_are_not_read_again():
    data = sse(
        minimax_chunk(content="<think>\nThe user\n</think>\n\nYes"),
        minimax_chunk("stop", **split_reasoning("The user")),
    )
    reply = reply_of(data)
    assert (reply.reasoning.text, reply.reasoning.form) == ("The user", "inline")


def test_snapshots_that_repeat_what_stood_between_tags_are_not_read_again():
    data = sse(
        minimax_chunk(content="<think>\nThe user\n</think>\n\nYes"),
        minimax_chunk(reasoning_content="The"),
        minimax_chunk("stop", reasoning_content="The user"),
    )
    assert reply_of(data).reasoning.text == "The user"


def test_empty_details_do_not_hide_reasoning_between_tags():
    data = sse(
        minimax_chunk(content="<think>The", reasoning_details=details("")),
        minimax_chunk("stop", content=" user</think>Yes"),
    )
    reply = reply_of(data)
    assert (reply.reasoning.text, reply.text) == ("The user", "Yes")


def test_a_field_that_later_comes_with_details_is_read_on():
    reasoning = reasoning_of({"reasoning_content": "The "}, split_reasoning("user"))
    assert (reasoning.text, reasoning.form) == ("The user", "reasoning_content")


def test_undecided_details_beside_a_field_are_not_read_twice():
    parts = [{"reasoning_content": "I "}, split_reasoning("a"), split_reasoning("and")]
    assert reasoning_of(*parts).text == "I aand"


def test_details_are_read_where_the_field_is_missing():
    parts = [{"reasoning_content": "The "}, {"reasoning_details": details("user")}]
    assert reasoning_of(*parts).text == "The user"


def test_a_field_is_read_where_the_details_are_missing():
    parts = [split_reasoning("The "), {"reasoning_content": "user"}]
    assert reasoning_of(*parts, provider=MARA).text == "The user"


def test_details_without_text_are_kept_beside_a_field():
    sealed = [{"type": "reasoning.encrypted", "index": 0, "data": "c2VhbGVk"}]
    reasoning = reasoning_of({"reasoning_details": sealed, "reasoning_content": "The user"})
    assert (reasoning.text, reasoning.form) == ("The user", "reasoning_details")
    assert reasoning.details == sealed


def test_details_without_any_text_are_kept():
    sealed = [{"type": "reasoning.encrypted", "index": 0, "data": "c2VhbGVk"}]
    reasoning = reasoning_of({"reasoning_details": sealed})
    assert (reasoning.text, reasoning.details) == ("", sealed)


def test_reasoning_goes_on_after_a_tool_call():
    data = sse(
        mara_chunk(reasoning="First."),
        mara_chunk(content="Then"),
        mara_chunk(reasoning=" Second."),
        mara_chunk("stop", content=" done"),
    )
    reply = reply_of(data, request_to(MARA))
    assert (reply.reasoning.text, reply.text) == ("First. Second.", "Then done")


def test_a_stray_closer_at_the_end_of_split_reasoning_is_no_reasoning():
    reasoning = reasoning_of(split_reasoning("The user\n</thi"), split_reasoning("nk>\n"))
    assert (reasoning.text, reasoning.suffix) == ("The user", "\n</think>\n")
    assert reasoning.wire_text == "The user\n</think>\n"
    assert reasoning.details == details("The user\n</think>\n")


def test_a_stray_closer_before_the_answer_is_no_text():
    data = sse(
        minimax_chunk(**split_reasoning("The user")),
        minimax_chunk("stop", content="</mm:think>\n\nYes"),
    )
    reply = reply_of(data)
    assert (reply.reasoning.text, reply.text) == ("The user", "Yes")


def test_a_stray_closer_without_reasoning_is_kept_for_replay():
    reply = reply_of(sse(minimax_chunk("stop", content="</think>\n\nYes")))
    assert (reply.text, reply.reasoning.wire_text) == ("Yes", "</think>\n\n")


def test_the_line_break_at_the_end_of_the_reasoning_comes_before_the_answer():
    deltas = read(
        sse(
            minimax_chunk(**split_reasoning("The user\n")),
            minimax_chunk("stop", content="Yes"),
        )
    )
    assert [(delta.reasoning, delta.text) for delta in deltas[:2]] == [
        ("The user", ""),
        ("\n", "Yes"),
    ]


def test_unclosed_reasoning_at_the_token_limit_is_reasoning():
    reply = reply_of(sse(minimax_chunk("length", content="<think>\nThe user wan")))
    assert (reply.text, reply.finish_reason) == ("", "length")
    assert (reply.reasoning.text, reply.reasoning.suffix) == ("The user wan", "")


def test_reasoning_that_eats_the_whole_budget_leaves_no_text():
    reply = reply_of(sse(minimax_chunk("length", content="<think>\nThe user\n</think>\n")))
    assert (reply.text, reply.reasoning.wire_text) == ("", "<think>\nThe user\n</think>\n")


def test_an_answer_that_quotes_the_tags_is_left_alone():
    text = "Write <think>\nso\n</think>\n around it."
    reply = reply_of(sse(minimax_chunk("stop", content=text)))
    assert (reply.text, reply.reasoning) == (text, None)


def test_a_closing_tag_alone_is_told_at_the_end_of_a_stream():
    data = sse(minimax_chunk(content="I add.\n</thi"), minimax_chunk("stop", content="nk>\n\n4"))
    deltas = read(data)
    reply = deltas[-1].reply
    # Nothing said earlier that this was reasoning, so it was streamed as text.
    assert "".join(delta.text for delta in deltas) == "I add.\n</think>\n\n4"
    assert (reply.reasoning.text, reply.text) == ("I add.", "4")
    assert reply.reasoning.wire_text == "I add.\n</think>\n\n"
    assert (
        reply
        == read(to_json(minimax_summary("stop", None, content="I add.\n</think>\n\n4")))[-1].reply
    )


@pytest.mark.parametrize(
    "text",
    [
        "To end the block, write this on its own line:\n</think>\nThen write the answer.",
        "It ends in </think>",
        "I add.\n</mm:think>\n\n4",
    ],
)
def test_a_closing_tag_alone_is_text_where_it_ends_no_reasoning(text):
    request = request_to(closer_ends_reasoning=False)
    for body in (
        sse(*(minimax_chunk(content=character) for character in text), minimax_chunk("stop")),
        to_json(minimax_summary("stop", None, content=text)),
    ):
        reply = reply_of(body, request)
        assert (reply.text, reply.reasoning) == (text, None)


def test_tags_in_their_places_are_read_where_a_closing_tag_alone_is_text():
    request = request_to(closer_ends_reasoning=False)
    reply = reply_of(sse(minimax_chunk("stop", content="<think>I add.</think>4")), request)
    assert (reply.reasoning.text, reply.text) == ("I add.", "4")
    inside = request_to(starts_in_reasoning=True, closer_ends_reasoning=False)
    reply = reply_of(sse(minimax_chunk("stop", content="I add.</think>4")), inside)
    assert (reply.reasoning.text, reply.text) == ("I add.", "4")


def test_a_model_that_does_not_reason_has_no_closing_tag_alone():
    request = request_to(MINIMAX, "M2-her")
    text = "It ends so:\n</think>\nSee?"
    assert reply_of(sse(minimax_chunk("stop", content=text)), request).text == text


def test_the_record_restores_the_reasoning():
    for stream in (
        sse(minimax_chunk("stop", **split_reasoning("The user</think>"))),
        sse(minimax_chunk("stop", content="<think>\nThe user\n</think>\n\nYes")),
        sse(mara_chunk("stop", channel="analysis", reasoning="The user")),
    ):
        reasoning = reply_of(stream).reasoning
        record = reasoning.to_record()
        assert restore_reasoning(reasoning.text, reasoning.details, record) == reasoning


def test_a_record_that_says_nothing_is_completed():
    assert restore_reasoning("a", None, {}) == Reasoning("a", "reasoning_content")
    assert restore_reasoning("a", details("a"), {"x": 1}) == Reasoning(
        "a", "reasoning_details", details=details("a")
    )


def test_the_summary_frame_settles_what_looked_like_snapshots():
    texts = {"aand": ["a", "and"], "and": ["a", "and"]}
    for whole, fragments in texts.items():
        data = sse(
            *(minimax_chunk(**split_reasoning(fragment)) for fragment in fragments),
            minimax_summary("stop", **split_reasoning(whole), content="Yes"),
        )
        reply = reply_of(data)
        assert (reply.reasoning.text, reply.text) == (whole, "Yes")
        assert reply.reasoning.details == details(whole)


def test_reasoning_that_only_the_summary_frame_holds_is_read():
    data = sse(
        minimax_chunk(content="Yes"),
        minimax_summary("stop", **split_reasoning("The user"), content="Yes"),
    )
    reply = reply_of(data)
    assert (reply.reasoning.text, reply.text) == ("The user", "Yes")


def test_the_provider_and_family_are_those_of_the_request():
    data = sse(mara_chunk("stop", reasoning="Add."), mara_event([]))
    reasoning = reply_of(data, request_to(MARA, "DeepSeek-V3.1")).reasoning
    assert (reasoning.provider, reasoning.family) == ("mara", "deepseek")


def assembled(*lists):
    decoder = DetailsDecoder()
    text = "".join(decoder.decode(each) or "" for each in lists)
    return text + decoder.flush(None), decoder.entries()


def test_entries_are_put_together_by_index_id_and_type():
    first, second = details("a", index=0)[0], details("b", index=1, id="reasoning-text-2")[0]
    text, entries = assembled([first], [second], [first, second])
    assert text == "abab"
    assert entries == [{**first, "text": "aa"}, {**second, "text": "bb"}]


def test_a_continuation_may_leave_out_id_and_type():
    text, entries = assembled(details("a"), [{"index": 0, "text": "b"}])
    assert (text, entries) == ("ab", details("ab"))


def test_a_first_delta_may_leave_out_id_and_type():
    _, entries = assembled([{"index": 0, "text": "a"}], details("b"))
    assert entries == details("ab")


def test_an_entry_of_another_type_with_the_same_index_is_another_entry():
    sealed = {"type": "reasoning.encrypted", "index": 0, "data": "c2VhbGVk"}
    _, entries = assembled(details("a"), [sealed], details("b"))
    assert entries == [*details("ab"), sealed]


def test_a_whole_list_is_kept_as_it_is():
    whole = [
        {"type": "reasoning.text", "text": "a"},
        {"type": "reasoning.text", "text": "b"},
        {"text": "c", "signature": None},
        {"format": "x"},
    ]
    assert assembled(whole) == ("abc", whole)


def test_a_value_that_comes_late_is_kept():
    _, entries = assembled(
        [{"index": 0, "text": None, "signature": None}],
        [{"index": 0, "text": "a", "signature": "s"}],
    )
    assert entries == [{"index": 0, "text": "a", "signature": "s"}]


@pytest.mark.parametrize("odd", [[], {}, {"a": [1]}, 1.5, float("nan"), True, None, "x", [[]]])
def test_odd_values_in_entries_are_kept_and_read_past(odd):
    entry = {"index": odd, "id": odd, "type": odd, "text": "a"}
    text, entries = assembled([entry, odd], [{"text": odd}])
    assert text in ("a", "ax")
    assert entries[0]["type"] is odd


@pytest.mark.parametrize("odd", [None, "text", 5, {}, {"text": "a"}, [None], [5, "a"], []])
def test_details_that_are_no_list_of_objects_say_nothing(odd):
    assert assembled(odd) == ("", None)
    decoder = ReasoningDecoder(MINIMAX, find_profile("minimax", "MiniMax-M2"), starts_inside=False)
    assert decoder.decode_fields({"reasoning_details": odd}) == ""
    assert decoder.build() is None


def test_what_is_built_is_not_changed_by_what_comes_later():
    decoder = DetailsDecoder()
    decoder.decode(details("a"))
    before = decoder.entries()
    decoder.decode(details("b"))
    assert before == details("a")


def test_a_whole_reply_and_a_stream_hold_the_same_details():
    whole = to_json(minimax_summary("stop", None, **split_reasoning("The user"), content="Yes"))
    stream = sse(
        minimax_chunk(**split_reasoning("The ")),
        minimax_chunk(**split_reasoning("user")),
        minimax_chunk("stop", content="Yes"),
    )
    assert reply_of(whole).reasoning == reply_of(stream).reasoning
    assert reply_of(stream).id == REPLY_ID


def test_usage_counts_the_reasoning():
    data = sse(minimax_chunk("stop", **split_reasoning("Hm")), minimax_usage_chunk())
    assert reply_of(data).usage.reasoning_tokens == 4
