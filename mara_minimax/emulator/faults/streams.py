"""Streams that break: an error event in each dialect, and an end at every place."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mara_minimax.emulator.faults.bodies import (
    KEPT_REASONING,
    KEPT_TEXT,
    KEPT_TOKENS,
    REQUEST_ID,
    call_chunk,
    chunk,
    counted_text_chunk,
    events,
    good_body,
    http,
    json_answer,
    mara_error,
    minimax_error,
    reasoning_chunk,
    stream_answer,
    text_chunk,
    to_json,
)
from mara_minimax.emulator.faults.fault import Ending, Fault

_CUT = Ending("IncompleteStreamError", 1, request_id=REQUEST_ID)
_BROKEN = Ending("APIConnectionError", 1)
_WHOLE = to_json(good_body())
_HALF_BODY = http(_WHOLE[:60], framing="open", end="close")
_CUT_BODY = Ending("InvalidReplyError", 3)
_CALL = '{"city": "Paris"}'


def _dialects() -> list[Fault]:
    """An event that reports a failure after reasoning and text."""
    before = (reasoning_chunk(), text_chunk())
    after = Ending("ServerError", 1, status=500, text=KEPT_TEXT, reasoning=KEPT_REASONING)
    limited = {"error": {"message": "slow down", "type": "rate_limit_error", "code": None}}
    cases: tuple[tuple[str, str, Any, str, Ending], ...] = (
        (
            "minimax",
            "MiniMax's error body as an event",
            minimax_error(500, "api_error", "unknown error (1000)"),
            "",
            replace(after, code="1000", request_id=REQUEST_ID),
        ),
        (
            "mara",
            "SambaNova's error under `event: error`",
            mara_error("upstream", "overloaded", "server_error"),
            "error",
            replace(after, code="upstream", request_id=REQUEST_ID),
        ),
        (
            "old-sambanova",
            "plain text under `event: error_event`",
            b"upstream failed",
            "error_event",
            after,
        ),
        (
            "openai",
            "OpenAI's error object, known by its type",
            limited,
            "",
            replace(after, error="RateLimitError", status=429),
        ),
        ("text", '`{"error": "text"}`', {"error": "upstream failed"}, "", after),
    )
    return [
        Fault(
            f"event-{name}",
            f"{what}, after reasoning and text",
            json_answer(payload if isinstance(payload, dict) else {"error": "upstream failed"}),
            stream_answer(events(*before, payload, name=event)),
            replace(ending, requests=3, text="", reasoning=""),
            ending,
        )
        for name, what, payload, event, ending in cases
    ]


def _early() -> list[Fault]:
    """Failures before the first token, which are retried."""
    role = chunk({"role": "assistant", "content": ""})
    failure = minimax_error(500, "api_error", "unknown error (1000)")
    ending = Ending("ServerError", 3, "1000", 500, REQUEST_ID)
    return [
        Fault(
            "event-before-token",
            "an error event before the first token",
            json_answer(failure),
            stream_answer(events(role, failure)),
            ending,
            ending,
        ),
        Fault(
            "cut-before-token",
            "the stream ends before its first token",
            _HALF_BODY,
            stream_answer(events(role)),
            _CUT_BODY,
            replace(_CUT, requests=3),
        ),
        Fault(
            "done-alone",
            "`[DONE]` and nothing before it",
            http(b"{"),
            stream_answer(b"data: [DONE]\n\n"),
            _CUT_BODY,
            Ending("IncompleteStreamError", 3),
        ),
    ]


def _places() -> tuple[tuple[str, str, bytes, Ending], ...]:
    """Where a stream can end too early: its bytes so far, and what is kept of them."""
    nothing = replace(_CUT, text="")
    half = text_chunk()
    return (
        ("text", "inside the text", events(half), replace(nothing, text=KEPT_TEXT)),
        (
            "reasoning",
            "inside the reasoning",
            events(reasoning_chunk()),
            replace(nothing, reasoning=KEPT_REASONING),
        ),
        (
            "inline-reasoning",
            "inside `<think>`",
            events(text_chunk(f"<think>\n{KEPT_REASONING}")),
            replace(nothing, reasoning=KEPT_REASONING),
        ),
        (
            "usage",
            "after text and counts",
            events(reasoning_chunk(), counted_text_chunk()),
            replace(nothing, text=KEPT_TEXT, reasoning=KEPT_REASONING, tokens=KEPT_TOKENS),
        ),
        (
            "call",
            "inside a tool call, after reasoning and text",
            events(reasoning_chunk(), half, call_chunk('{"city": "Par')),
            replace(nothing, text=KEPT_TEXT, reasoning=KEPT_REASONING),
        ),
        (
            "calls",
            "after a whole tool call, without a finish reason",
            events(half, call_chunk(_CALL[:9]), call_chunk(_CALL[9:], first=False)),
            replace(nothing, text=KEPT_TEXT),
        ),
        (
            "event",
            "inside an event",
            events(half) + events(text_chunk(" 42"))[:-20],
            replace(nothing, text=KEPT_TEXT),
        ),
    )


def _cuts() -> list[Fault]:
    """Each place, with an orderly end and with a reset."""
    rows = []
    for name, where, body, ending in _places():
        for how, answer, plain, plain_ending, stream_ending in (
            ("ends", stream_answer(body), _HALF_BODY, _CUT_BODY, ending),
            (
                "is reset",
                stream_answer(body, end="reset"),
                http(_WHOLE[:60], length=len(_WHOLE), end="reset"),
                replace(_BROKEN, requests=3),
                replace(ending, error="APIConnectionError", request_id=None),
            ),
        ):
            slug = "cut" if how == "ends" else "reset"
            rows.append(
                Fault(
                    f"{slug}-{name}",
                    f"the stream {how} {where}",
                    plain,
                    answer,
                    plain_ending,
                    stream_ending,
                )
            )
    return rows


def _mara_cut() -> Fault:
    return Fault(
        "cut-mara-reasoning",
        "the stream ends inside SambaNova's `reasoning`",
        _HALF_BODY,
        stream_answer(events(reasoning_chunk("mara"))),
        _CUT_BODY,
        replace(_CUT, reasoning=KEPT_REASONING),
        "mara",
    )


STREAMS = (*_dialects(), *_early(), *_cuts(), _mara_cut())
