"""Whole replies, and their equality with any stream of them."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mara_minimax.errors import ContextOverflowError, InvalidReplyError, RateLimitError
from mara_minimax.providers.endpoints import LLMPROVIDER, MARA, MINIMAX
from mara_minimax.providers.models import find_profile
from mara_minimax.reply.closers import split_at_lone_closer
from mara_minimax.reply.decoder import ReplyDecoder
from tests.core.wire import (
    NO_ERROR,
    PLACEHOLDER,
    REPLY_ID,
    SAMBANOVA_USAGE,
    USAGE,
    assert_adds_up,
    call_head,
    call_tail,
    cut,
    decode_reply,
    details,
    mara_event,
    minimax_chunk,
    minimax_event,
    minimax_summary,
    minimax_usage_chunk,
    split_reasoning,
)


def decode(body, provider=MINIMAX, model="", **options):
    profile = find_profile(provider.name, model or provider.default_model)
    return decode_reply(body, provider, profile, **options)


def test_split_reasoning_beside_clean_content():
    reply = decode(minimax_summary("stop", content="Four.", **split_reasoning("Add.")))
    assert (reply.text, reply.reasoning.text, reply.finish_reason) == ("Four.", "Add.", "stop")
    assert reply.reasoning.details == details("Add.")
    assert reply.usage.raw == USAGE
    assert (reply.id, reply.model) == (REPLY_ID, "MiniMax-M2.7")


def test_inline_reasoning_beside_a_call():
    call = call_head(0, "add", '{"a": 1}')
    reply = decode(
        minimax_summary("tool_calls", content="<think>\nAdd.\n</think>\n\n\n", tool_calls=[call])
    )
    assert (reply.text, reply.reasoning.suffix) == ("", "\n</think>\n\n\n")
    assert reply.tool_calls[0].parsed_arguments() == {"a": 1}


def test_a_message_without_content_key():
    reply = decode(minimax_summary("tool_calls", tool_calls=[call_head(0, "now", "{}")]))
    assert (reply.text, len(reply.tool_calls)) == ("", 1)


def test_reasoning_field_of_sambanova():
    message = {"content": "Four.", "reasoning": "Add.", "role": "assistant"}
    choice = {"finish_reason": "length", "index": 0, "logprobs": None, "message": message}
    reply = decode(mara_event([choice], usage=SAMBANOVA_USAGE), MARA, "gpt-oss-120b")
    assert (reply.text, reply.reasoning.text, reply.reasoning.form) == (
        "Four.",
        "Add.",
        "reasoning",
    )
    assert reply.metadata == {"created": 1764000000.5, "system_fingerprint": "fastcoe"}


def test_a_closing_tag_alone_where_content_starts_in_reasoning():
    body = minimax_summary("stop", content="Add.</think>Four.")
    reply = decode(body, MARA, "DeepSeek-V3.1", starts_in_reasoning=True)
    assert (reply.text, reply.reasoning.wire_text) == ("Four.", "Add.</think>")


def test_a_message_in_a_list():
    body = {"choices": [{"messages": [{"content": "no"}, {"content": "Four."}]}]}
    assert decode(body).text == "Four."


def test_a_finish_reason_is_not_required():
    assert decode({"choices": [{"message": {"content": "Four."}}]}).finish_reason == "stop"


@pytest.mark.parametrize("usage", [None, PLACEHOLDER])
def test_usage_is_not_required(usage):
    assert decode(minimax_summary("stop", usage, content="Four.")).usage is None


def test_an_error_inside_a_good_answer():
    body = minimax_event(None, base_resp={"status_code": 1002, "status_msg": "rate limit"})
    with pytest.raises(RateLimitError) as caught:
        decode(body)
    assert (caught.value.code, caught.value.partial) == ("1002", None)


def test_an_error_in_the_shape_of_openai():
    error = {"message": "context window exceeds limit (2013)", "type": "bad_request_error"}
    with pytest.raises(ContextOverflowError):
        decode({"type": "error", "error": error})


@pytest.mark.parametrize(
    "choices",
    [
        None, [], {}, "text", 5, [None], ["text"], [{}], [{"message": None}], [{"message": "x"}],
        [{"message": []}], [{"messages": []}], [{"messages": ["x"]}], [{"messages": "x"}],
        [{"delta": {"content": "x"}, "finish_reason": "stop"}],
    ],
)  # fmt: skip
def test_an_answer_without_a_message_is_an_error(choices):
    with pytest.raises(InvalidReplyError, match="without choices"):
        decode({"id": REPLY_ID, "choices": choices, "base_resp": NO_ERROR})


@pytest.mark.parametrize("body", [None, [], "text", 5, [{"choices": []}], {}, True])
def test_a_body_that_is_no_reply_is_an_error(body):
    with pytest.raises(InvalidReplyError):
        decode(body)


def test_a_message_that_is_not_in_the_first_choice_is_an_error():
    choices = [{"index": 0}, {"index": 1, "message": {"content": "x"}}]
    with pytest.raises(InvalidReplyError):
        decode({"choices": choices})


def test_a_body_is_not_changed_and_can_be_decoded_again():
    body = minimax_summary(
        "tool_calls",
        content="x",
        tool_calls=[call_head(0, "a", "{}"), call_head(1, "b", "")],
        **split_reasoning("y"),
    )
    assert decode(body) == decode(body)


# Fragments of words and of everything that a decoder looks for.
PIECES = ["<think>", "</think>", "<mm:think>", "</mm:think>", "<", "</th", "\n", " ", "a", "and"]
WORDS = st.lists(st.sampled_from(PIECES), max_size=7).map("".join)
CALLS = st.lists(
    st.tuples(st.sampled_from(["add", "now"]), st.sampled_from(["", "{}", '{"a": "}"}', '{"a"'])),
    max_size=3,
)
FORMS = ["inline", "reasoning_content", "reasoning", "reasoning_details", "both", "none"]


def cuts_of(text, data):
    return cut(text, data.draw(st.lists(st.integers(0, len(text)), max_size=3))) if text else []


def reasoning_fields(form, text):
    if form in ("reasoning_content", "reasoning"):
        return {form: text}
    if form == "reasoning_details":
        return {form: details(text)}
    return split_reasoning(text)


def looks_like_snapshots(pieces):
    return len(pieces) > 1 and pieces[1].startswith(pieces[0]) and pieces[1] != pieces[0]


@st.composite
def replies(draw):
    """Draw a whole body, its finish reason and the deltas of a stream of it."""
    data = draw(st.data())
    form, reasoning, content = draw(st.sampled_from(FORMS)), draw(WORDS), draw(WORDS)
    message, deltas = {}, []
    if form == "inline":
        content = f"<think>\n{reasoning}\n</think>\n\n{content}"
    elif form != "none" and reasoning:
        message |= reasoning_fields(form, reasoning)
        pieces = [piece for piece in cuts_of(reasoning, data) if piece]
        assume(not looks_like_snapshots(pieces))
        deltas += [reasoning_fields(form, piece) for piece in pieces]
    pieces = cuts_of(content, data)
    assume(not looks_like_snapshots([piece for piece in pieces if piece]))
    deltas += [{"content": piece} for piece in pieces]
    message["content"] = content
    if calls := draw(CALLS):
        message["tool_calls"] = [call_head(n, *call) for n, call in enumerate(calls)]
        for n, (name, arguments) in enumerate(calls):
            head, *tails = cuts_of(arguments, data) or [""]
            deltas.append({"tool_calls": [call_head(n, name, head)]})
            deltas += [{"tool_calls": [call_tail(n, tail)]} for tail in tails]
    reason = draw(st.sampled_from(["stop", "length", "tool_calls", "tool_call"]))
    return message, reason, deltas


def endings(message, reason, deltas):
    """Return the stream with each of the known endings."""
    chunks = [minimax_chunk(**delta) for delta in deltas]
    placed = [{**chunk, "usage": PLACEHOLDER} for chunk in chunks]
    return [
        [*chunks, minimax_chunk(reason), minimax_usage_chunk()],
        [*chunks, {**minimax_chunk(reason), "usage": USAGE}],
        [*placed, minimax_chunk(reason), minimax_summary(reason, **message)],
        [*placed, minimax_summary(reason, **message)],
    ]


@settings(max_examples=150)
@given(replies(), st.sampled_from([MINIMAX, MARA, LLMPROVIDER]), st.booleans())
def test_a_whole_reply_equals_every_stream_of_it(parts, provider, starts_inside):
    message, reason, deltas = parts
    profile = find_profile(provider.name, provider.default_model)
    options = {"starts_in_reasoning": starts_inside}
    whole = decode_reply(minimax_summary(reason, **message), provider, profile, **options)
    for events in endings(message, reason, deltas):
        decoder = ReplyDecoder(provider, profile, **options)
        received = [delta for event in events if (delta := decoder.decode(event))]
        received.append(decoder.flush())
        assert received[-1].reply == whole
        told_late = profile.reasoning and split_at_lone_closer("".join(d.text for d in received))
        if not told_late:
            assert_adds_up(received, whole)


@settings(max_examples=100)
@given(replies(), st.lists(st.sampled_from(["a", "an", " ", "🧮", "think"]), min_size=1))
def test_a_whole_reply_stops_where_every_stream_of_it_stops(parts, stop):
    message, reason, deltas = parts
    profile = find_profile("mara", "MiniMax-M2.5")
    options = {"stop": tuple(stop)}
    whole = decode_reply(minimax_summary(reason, **message), MARA, profile, **options)
    for events in endings(message, reason, deltas):
        decoder = ReplyDecoder(MARA, profile, **options)
        for event in events:
            decoder.decode(event)
            if decoder.stopped:
                break
        reply = decoder.flush().reply
        assert (reply.text, reply.finish_reason) == (whole.text, whole.finish_reason)
        assert reply.reasoning == whole.reasoning
