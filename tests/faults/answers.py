"""Answers and scripts that the tests of retries share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mara_minimax.emulator.faults import RawAnswer, good_body, good_stream
from mara_minimax.emulator.faults.bodies import (
    call_chunk,
    chunk,
    events,
    json_answer,
    stream_answer,
    usage_chunk,
)

GOOD_TEXT = "It is 42."
CALL = '{"city": "Paris"}'


def good(body: Any) -> RawAnswer:
    """A whole reply in the form that `body` asks for."""
    return good_stream(GOOD_TEXT) if body.get("stream") else json_answer(good_body(GOOD_TEXT))


def tool_call(body: Any) -> RawAnswer:
    """A whole reply that calls `get_weather`."""
    if body.get("stream"):
        pieces = (call_chunk(CALL[:7]), call_chunk(CALL[7:], first=False))
        return stream_answer(events(*pieces, chunk({}, "tool_calls"), usage_chunk(), b"[DONE]"))
    reply = good_body("")
    choice = reply["choices"][0]
    choice["finish_reason"] = "tool_calls"
    choice["message"]["tool_calls"] = call_chunk(CALL)["choices"][0]["delta"]["tool_calls"]
    return json_answer(reply)


def in_turn(*answers: RawAnswer | Callable[[Any], RawAnswer]) -> Callable[[Any], RawAnswer]:
    """A script that gives each answer once, and the last one for good."""
    left = list(answers)

    def script(body: Any) -> RawAnswer:
        answer = left.pop(0) if len(left) > 1 else left[0]
        return answer(body) if callable(answer) else answer

    return script
