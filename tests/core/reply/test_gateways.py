"""What gateways, older hosts and servers of one's own send that the providers do not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mara_minimax import errors
from mara_minimax.providers.endpoints import MINIMAX
from tests.core.wire import (
    NO_ERROR,
    call_head,
    details,
    minimax_chunk,
    minimax_event,
    minimax_summary,
    read,
    reply_of,
    request_to,
    split_reasoning,
    sse,
    to_json,
)

EMPTY = {"prompt_tokens": 10, "completion_tokens": 0, "total_tokens": 10}


@pytest.mark.parametrize("others", [{}, {"annotations": ["x"]}])
def test_details_that_a_gateway_moved_are_read_where_they_are(others):
    wrapped = {"reasoning_details": details("Because."), **others}
    body = minimax_summary(
        "stop", content="Hi", reasoning_content="Because.", provider_specific_fields=wrapped
    )
    reply = reply_of(to_json(body))
    assert (reply.reasoning.text, reply.reasoning.form) == ("Because.", "reasoning_details")
    assert reply.reasoning.details == details("Because.")
    assert reply.metadata.get("provider_specific_fields", {}) == others


@pytest.mark.parametrize("odd", [None, 5, [], {}, {"reasoning_details": []}])
def test_odd_fields_of_a_gateway_hide_no_reasoning(odd):
    body = minimax_summary(
        "stop", content="Hi", **split_reasoning("Because."), provider_specific_fields=odd
    )
    assert reply_of(to_json(body)).reasoning.details == details("Because.")


def test_details_in_both_places_are_read_once():
    wrapped = {"reasoning_details": details("Because.")}
    body = minimax_summary(
        "stop", content="Hi", **split_reasoning("Because."), provider_specific_fields=wrapped
    )
    assert reply_of(to_json(body)).reasoning.details == details("Because.")


def search_delta(content):
    delta = {"role": "tool", "content": content, "tool_call_id": "call_function_1"}
    return minimax_event([{"index": 0, "finish_reason": "stop", "delta": delta}])


def test_results_of_a_search_are_metadata_and_no_answer():
    reply = reply_of(
        sse(search_delta("[1]"), minimax_chunk(content="Bees."), minimax_chunk("stop"))
    )
    assert (reply.text, reply.finish_reason) == ("Bees.", "stop")
    assert [result["content"] for result in reply.metadata["tool_results"]] == ["[1]"]


def test_results_of_a_search_do_not_end_a_stream():
    with pytest.raises(errors.IncompleteStreamError):
        read(sse(search_delta("[1]")))


def test_results_of_a_search_are_limited(monkeypatch):
    monkeypatch.setattr("mara_minimax.limits.MAX_PARTS", 2)
    with pytest.raises(errors.InvalidReplyError, match="2 tool results"):
        read(sse(*[search_delta("[1]")] * 3))


@pytest.mark.parametrize(
    "body",
    [
        to_json(minimax_summary("stop", EMPTY, content="")),
        sse(
            minimax_event([]),
            minimax_chunk("stop"),
            minimax_event([], usage=EMPTY, base_resp=NO_ERROR),
            done=True,
        ),
    ],
)
def test_an_answer_without_a_token_is_an_error_that_a_gateway_swallowed(body):
    with pytest.raises(errors.InvalidReplyError, match="single token") as caught:
        read(body)
    assert caught.value.retryable
    assert caught.value.partial.usage.input_tokens == 10


@pytest.mark.parametrize(
    "body",
    [
        minimax_summary("stop", {**EMPTY, "completion_tokens": 1}, content=""),
        minimax_summary("stop", None, content=""),
        minimax_summary("length", EMPTY, content=""),
        minimax_summary("stop", EMPTY, content="Hi"),
        minimax_summary("stop", EMPTY, content="", tool_calls=[call_head(0, "add", "{}")]),
        minimax_summary("stop", EMPTY, content="", **split_reasoning("Hm")),
        {**minimax_summary("stop", EMPTY, content=""), "output_sensitive": True},
    ],
)
def test_other_answers_without_text_are_none(body):
    reply_of(to_json(body))


@pytest.mark.parametrize("reason", ["length", "abort"])
@pytest.mark.parametrize("arguments", ["{}", '{"a": 1}', ""])
def test_the_last_call_of_an_answer_that_was_cut_is_no_whole_call(arguments, reason):
    calls = [call_head(0, "add", '{"a": 1}'), call_head(1, "add", arguments)]
    for body in (
        to_json(minimax_summary(reason, content="", tool_calls=calls)),
        sse(minimax_chunk(tool_calls=calls), minimax_chunk(reason)),
    ):
        first, last = reply_of(body).tool_calls
        assert first.parsed_arguments() == {"a": 1}
        assert (last.parsed_arguments(), last.arguments) == (None, arguments)


def test_tags_in_the_finish_chunk_after_tool_calls_are_no_text():
    data = sse(
        minimax_chunk(content="<think>\nI add.\n</think>\n\n"),
        minimax_chunk(tool_calls=[call_head(0, "add", "{}")]),
        minimax_chunk("tool_calls", content="\n<think>\n"),
        minimax_chunk("tool_calls", content=""),
    )
    reply = reply_of(data)
    assert (reply.text, reply.reasoning.text) == ("", "I add.")


def test_a_tag_in_a_second_finish_chunk_is_no_text():
    data = sse(
        minimax_chunk(content="<think>\nI add.\n</think>\n\nFour."),
        minimax_chunk("stop", content=""),
        minimax_chunk("stop", content="\n<think>\n"),
    )
    reply = reply_of(data)
    assert (reply.text, reply.reasoning.text) == ("Four.", "I add.")


SERVER = replace(MINIMAX, leaves_line_breaks=True)


def answer_after_a_field(content, **fields):
    """A whole reply and a stream of it, in which `content` follows a field of reasoning."""
    whole = minimax_summary("stop", reasoning_content="I add.\n", content=content, **fields)
    stream = sse(
        minimax_chunk(reasoning_content="I add.\n"),
        *[minimax_chunk(content=piece) for piece in content],
        minimax_chunk("stop", **fields),
    )
    return to_json(whole), stream


@pytest.mark.parametrize("content", ["\n\nFour.\n", "\n\n", "\r\n"])
@pytest.mark.parametrize("fields", [{}, {"tool_calls": [call_head(0, "add", "{}")]}])
def test_line_breaks_after_a_field_of_reasoning_are_text_or_not_as_the_provider_says(
    content, fields
):
    for body in answer_after_a_field(content, **fields):
        for provider, text in ((SERVER, content.lstrip("\r\n")), (MINIMAX, content)):
            reply = reply_of(body, request_to(provider))
            assert (reply.text, reply.reasoning.text) == (text, "I add.\n")


@pytest.mark.parametrize(("stop", "text"), [("\n", "Four."), ("\n\n", "Four.\nFive."), ("F", "")])
def test_a_stop_sequence_cuts_what_is_shown(stop, text):
    """Line breaks that are never shown are none that an answer can stop at."""
    for body in answer_after_a_field("\n\nFour.\nFive."):
        assert reply_of(body, request_to(SERVER, stop=(stop,))).text == text
        assert reply_of(body, request_to(MINIMAX, stop=("\n",))).text == ""


def test_what_only_the_last_frame_has_of_the_reasoning_is_added():
    data = sse(
        minimax_chunk(**split_reasoning("I add.")),
        minimax_chunk(content="Four."),
        minimax_summary("stop", content="Four.", **split_reasoning("I add. Twice.")),
    )
    assert reply_of(data).reasoning.text == "I add. Twice."
