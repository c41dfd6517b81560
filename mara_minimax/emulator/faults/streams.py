"""Streams that break: an error event in each dialect, and an end at every place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mara_minimax.emulator.faults.bodies import (
    KEPT_REASONING,
    KEPT_TEXT,
    KEPT_TOKENS,
    REQUEST_ID,
    USAGE,
    WHOLE,
    call_chunk,
    chunk,
    events,
    http,
    json_answer,
    mara_error,
    minimax_error,
    reasoning_chunk,
    stream_answer,
    text_chunk,
)
from mara_minimax.emulator.faults.fault import Ending, Fault, fault

_CUT = Ending("IncompleteStreamError", 1, request_id=REQUEST_ID)
_CUT_BODY = Ending("InvalidReplyError", 3)
_BROKEN = Ending("APIConnectionError", 3)
_FAILED = Ending("ServerError", 1, status=500, text=KEPT_TEXT, reasoning=KEPT_REASONING)
_EARLY_FAILURE = Ending("ServerError", 3, "1000", 500, REQUEST_ID)
_HALF_BODY = http(WHOLE[:60], framing="open", end="close")
_RESET_BODY = http(WHOLE[:60], length=len(WHOLE), end="reset")
_CALL = '{"city": "Paris"}'
_HALF = text_chunk()
_ROLE = chunk({"role": "assistant", "content": ""})
_FAILURE = minimax_error(500, "api_error", "unknown error (1000)")
_LIMITED = {"error": {"message": "slow down", "type": "rate_limit_error", "code": None}}
_TEXT = {"error": "upstream failed"}

# Name, what, payload, name of the event, ending.
_DIALECTS = (
    ("minimax", "MiniMax's error body as an event", _FAILURE, "",
     replace(_FAILED, code="1000", request_id=REQUEST_ID)),
    ("mara", "SambaNova's error under `event: error`",
     mara_error("upstream", "overloaded", "server_error"), "error",
     replace(_FAILED, code="upstream", request_id=REQUEST_ID)),
    ("old-sambanova", "plain text under `event: error_event`", b"upstream failed", "error_event",
     _FAILED),
    ("openai", "OpenAI's error object, known by its type", _LIMITED, "",
     replace(_FAILED, error="RateLimitError", status=429)),
    ("text", '`{"error": "text"}`', _TEXT, "", _FAILED),
)  # fmt: skip

# Where a stream can end too early, its bytes so far, and what is kept of them.
_PLACES = (
    ("text", "inside the text", events(_HALF), replace(_CUT, text=KEPT_TEXT)),
    ("reasoning", "inside the reasoning", events(reasoning_chunk()),
     replace(_CUT, reasoning=KEPT_REASONING)),
    ("inline-reasoning", "inside `<think>`", events(text_chunk(f"<think>\n{KEPT_REASONING}")),
     replace(_CUT, reasoning=KEPT_REASONING)),
    ("usage", "after text and counts", events(reasoning_chunk(), text_chunk(usage=USAGE)),
     replace(_CUT, text=KEPT_TEXT, reasoning=KEPT_REASONING, tokens=KEPT_TOKENS)),
    ("call", "inside a tool call, after reasoning and text",
     events(reasoning_chunk(), _HALF, call_chunk('{"city": "Par')),
     replace(_CUT, text=KEPT_TEXT, reasoning=KEPT_REASONING)),
    ("calls", "after a whole tool call, without a finish reason",
     events(_HALF, call_chunk(_CALL[:9]), call_chunk(_CALL[9:], first=False)),
     replace(_CUT, text=KEPT_TEXT)),
    ("event", "inside an event", events(_HALF) + events(text_chunk(" 42"))[:-20],
     replace(_CUT, text=KEPT_TEXT)),
)  # fmt: skip


def _dialects() -> Iterator[Fault]:
    """An event that reports a failure after reasoning and text."""
    for name, what, payload, event, ending in _DIALECTS:
        yield fault(
            f"event-{name}",
            f"{what}, after reasoning and text",
            json_answer(payload if isinstance(payload, dict) else _TEXT),
            replace(ending, requests=3, text="", reasoning=""),
            stream_answer(events(reasoning_chunk(), _HALF, payload, name=event)),
            ending,
        )


# Failures before the first token, which are retried.
_EARLY = (
    fault("event-before-token", "an error event before the first token",
          json_answer(_FAILURE), _EARLY_FAILURE, stream_answer(events(_ROLE, _FAILURE))),
    fault("cut-before-token", "the stream ends before its first token",
          _HALF_BODY, _CUT_BODY, stream_answer(events(_ROLE)), replace(_CUT, requests=3)),
    fault("done-alone", "`[DONE]` and nothing before it", http(b"{"), _CUT_BODY,
          stream_answer(b"data: [DONE]\n\n"), Ending("IncompleteStreamError", 3)),
)  # fmt: skip


def _cuts() -> Iterator[Fault]:
    """Each place, with an orderly end and with a reset."""
    for name, where, body, ending in _PLACES:
        what, stream = f"the stream ends {where}", stream_answer(body)
        yield fault(f"cut-{name}", what, _HALF_BODY, _CUT_BODY, stream, ending)
        what, stream = f"the stream is reset {where}", stream_answer(body, end="reset")
        reset = replace(ending, error="APIConnectionError", request_id=None)
        yield fault(f"reset-{name}", what, _RESET_BODY, _BROKEN, stream, reset)


_MARA_CUT = fault(
    "cut-mara-reasoning",
    "the stream ends inside SambaNova's `reasoning`",
    _HALF_BODY,
    _CUT_BODY,
    stream_answer(events(reasoning_chunk("mara"))),
    replace(_CUT, reasoning=KEPT_REASONING),
    provider="mara",
)

STREAMS = (*_dialects(), *_EARLY, *_cuts(), _MARA_CUT)
