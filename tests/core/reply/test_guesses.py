"""Content that only a setting makes reasoning, and what shows that it is the answer."""

from __future__ import annotations

import pytest

from mara_minimax import errors
from mara_minimax.providers.endpoints import MARA
from tests.core.wire import (
    mara_chunk,
    mara_event,
    minimax_chunk,
    read,
    request_to,
    split_reasoning,
    sse,
)

INSIDE = request_to(MARA, "DeepSeek-V3.1", starts_in_reasoning=True)


def reply_of(data, request=INSIDE):
    return read(data, request)[-1].reply


def test_content_beside_a_reasoning_field_is_the_answer():
    data = sse(
        mara_chunk(reasoning="Add.", channel="analysis"),
        mara_chunk(content="It is 2."),
        mara_chunk("stop"),
    )
    deltas = read(data, INSIDE)
    assert [(delta.reasoning, delta.text) for delta in deltas] == [
        ("Add.", ""),
        ("", "It is 2."),
        ("", ""),
    ]
    reply = deltas[-1].reply
    assert (reply.text, reply.reasoning.text, reply.reasoning.form) == (
        "It is 2.",
        "Add.",
        "reasoning",
    )


def test_content_before_a_reasoning_field_is_the_answer():
    data = sse(mara_chunk(content="It is 2."), mara_chunk(reasoning="Add."), mara_chunk("length"))
    deltas = read(data, INSIDE)
    assert (deltas[1].text, deltas[1].reasoning) == ("It is 2.", "Add.")
    assert (deltas[-1].reply.text, deltas[-1].reply.reasoning.text) == ("It is 2.", "Add.")


def test_tags_beside_a_reasoning_field_still_count():
    request = request_to(starts_in_reasoning=True)
    data = sse(
        minimax_chunk(**split_reasoning("The user"), content="<think>\nThe user"),
        minimax_chunk("stop", content="\n</think>\n\nYes"),
    )
    reply = reply_of(data, request)
    assert (reply.text, reply.reasoning.text) == ("Yes", "The user")


def test_reasoning_that_is_never_closed_is_the_answer_where_the_model_stopped():
    data = sse(mara_chunk(content="It is "), mara_chunk("stop", content="2."))
    deltas = read(data, INSIDE)
    # Chunks cannot be taken back, so that the last one says it again, as text.
    assert [(delta.reasoning, delta.text) for delta in deltas] == [
        ("It is ", ""),
        ("2.", ""),
        ("", "It is 2."),
    ]
    assert (deltas[-1].reply.text, deltas[-1].reply.reasoning) == ("It is 2.", None)


def test_stop_sequences_end_an_answer_that_was_taken_for_reasoning():
    request = request_to(MARA, "DeepSeek-V3.1", starts_in_reasoning=True, stop=["\n"])
    reply = reply_of(sse(mara_chunk("stop", content="It is 2.\nAnd 3.")), request)
    assert (reply.text, reply.finish_reason) == ("It is 2.", "stop")


@pytest.mark.parametrize("finish", ["length", "content_filter", "tool_calls"])
def test_reasoning_that_is_never_closed_stays_reasoning_where_something_cut_it(finish):
    reply = reply_of(sse(mara_chunk(finish, content="I add")))
    assert (reply.text, reply.reasoning.text) == ("", "I add")


def test_reasoning_that_is_closed_stays_reasoning():
    reply = reply_of(sse(mara_chunk("stop", content="I add.\n</think>\n\n")))
    assert (reply.text, reply.reasoning.text) == ("", "I add.")


def test_what_was_received_before_an_error_stays_where_it_was():
    data = sse(mara_chunk(content="I add"), mara_event(None, error={"message": "no"}))
    with pytest.raises(errors.ProviderError) as caught:
        read(data, INSIDE)
    assert caught.value.partial.reasoning.text == "I add"
