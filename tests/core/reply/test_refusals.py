"""Answers that are refused on purpose: by the model in words, or by a filter of the provider."""

from __future__ import annotations

import pytest

from mara_minimax.types import Reply
from tests.core.wire import (
    call_head,
    mara_chunk,
    minimax_chunk,
    minimax_event,
    minimax_summary,
    read,
    reply_of,
    sse,
    to_json,
)

WORDS = "I can't help with that."
FILTERED = "The provider's content filter ended the answer."


def marked(event, side="output", kind=5):
    """An event that the provider calls sensitive."""
    return {**event, f"{side}_sensitive": True, f"{side}_sensitive_type": kind}


def replies(body: bytes, stream: bytes) -> Reply:
    """The one reply that a body and a stream of it both are."""
    whole, streamed = reply_of(body), reply_of(stream)
    assert (whole.text, whole.refusal) == (streamed.text, streamed.refusal)
    return streamed


def test_the_words_of_a_refusal_are_put_together():
    reply = replies(
        to_json(minimax_summary("stop", content="", refusal=WORDS)),
        sse(
            minimax_chunk(refusal=WORDS[:5]),
            minimax_chunk(refusal=WORDS[5:]),
            minimax_chunk("stop", content=""),
        ),
    )
    assert (reply.text, reply.refusal, reply.finish_reason) == ("", WORDS, "stop")
    assert "refusal" not in reply.metadata


def test_a_frame_that_repeats_a_refusal_adds_nothing():
    data = sse(
        minimax_chunk(refusal=WORDS),
        minimax_chunk("stop", content=""),
        minimax_summary("stop", content="", refusal=WORDS),
    )
    assert reply_of(data).refusal == WORDS


@pytest.mark.parametrize("content", ["", "I can"])
def test_what_a_filter_cut_off_is_kept_beside_the_refusal(content):
    reply = replies(
        to_json(minimax_summary("content_filter", content=content)),
        sse(minimax_chunk(content=content), minimax_chunk("content_filter")),
    )
    assert (reply.text, reply.refusal) == (content, FILTERED)


@pytest.mark.parametrize(
    ("side", "kind", "refusal"),
    [
        ("input", 5, "The provider found the question too sensitive (abuse)."),
        ("output", 1, "The provider found the answer too sensitive (severe)."),
        ("output", 7, "The provider found the answer too sensitive."),
        ("output", [], "The provider found the answer too sensitive."),
    ],
)
@pytest.mark.parametrize("content", ["", "\n"])
def test_a_mark_of_sensitivity_without_an_answer_is_a_refusal(side, kind, refusal, content):
    reply = replies(
        to_json(marked(minimax_summary("stop", content=content), side, kind)),
        sse(minimax_chunk(content=content), marked(minimax_chunk("stop"), side, kind)),
    )
    assert reply.refusal == refusal


@pytest.mark.parametrize(
    "message", [{"content": "Four."}, {"content": "", "tool_calls": [call_head(0, "add", "{}")]}]
)
def test_a_mark_of_sensitivity_beside_an_answer_is_metadata(message):
    for body in (
        to_json(marked(minimax_summary("stop", **message))),
        sse(minimax_chunk(**message), marked(minimax_chunk("stop"))),
    ):
        reply = reply_of(body)
        assert reply.refusal is None
        assert (reply.metadata["output_sensitive"], reply.metadata["output_sensitive_type"]) == (
            True,
            5,
        )


@pytest.mark.parametrize("odd", [None, "", 5, [], {}, False])
def test_other_values_are_no_refusal(odd):
    body = minimax_summary("stop", content="", refusal=odd)
    assert reply_of(to_json(body)).refusal is None
    data = sse(mara_chunk(content="Hi", refusal=odd), mara_chunk("stop"))
    assert reply_of(data).refusal is None


def test_a_refusal_without_a_token_is_no_error_that_a_gateway_swallowed():
    spent = {"prompt_tokens": 10, "completion_tokens": 0, "total_tokens": 10}
    data = sse(
        minimax_event([], usage=None),
        minimax_chunk("stop", refusal=WORDS),
        minimax_event([], usage=spent),
    )
    assert read(data)[-1].reply.refusal == WORDS
