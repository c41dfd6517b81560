"""Answers damaged piece by piece: fields lost, repeated, of other types and in other order."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

from mara_minimax.errors import ProviderError
from mara_minimax.types import Reply
from tests.core.wire import decode_reply, to_json
from tests.fuzz.bodies import REQUESTS, check_splits
from tests.fuzz.forms import Case, make_case
from tests.fuzz.oracles import check_outcome, read
from tests.fuzz.source import Source, cuts, once_in, pick

ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 10**20, float("inf"), float("nan"), "", "x", "\ud800", "0", [],
    [None], {}, [[]], [{}], {"x": None}, [[[[["x"]]]]], "<think>", "</think>", [{"type": "text"}],
    [{"type": "text", "text": "part"}, {"type": "image", "text": "no"}, "bare", None],
)  # fmt: skip
"""Values of every JSON type, and some that look right."""
NAMES = (
    "id", "choices", "delta", "message", "messages", "content", "reasoning", "reasoning_content",
    "reasoning_details", "channel", "tool_calls", "function", "name", "arguments", "index",
    "finish_reason", "usage", "total_tokens", "prompt_tokens", "completion_tokens_details",
    "base_resp", "status_code", "status_msg", "error", "type", "code", "http_code", "model",
    "logprobs", "text", "request_id",
)  # fmt: skip


def check_damaged_stream(source: Source) -> int:
    """Check a damaged stream, whole and cut; return how often it was decoded."""
    case, events = _damaged(source)
    request = case.request if source.below(2) else pick(source, REQUESTS)
    lines = [_line(source, event) for event in events]
    data = b"".join(lines) + (b"data: [DONE]\n\n" if case.done else b"")
    outcome = read([data], request)
    if not case.inline:
        reply = outcome.error.partial if outcome.error else outcome.reply
        _assert_apart(reply)
    return 1 + check_splits(data, cuts(source, len(data)), request)


def check_damaged_reply(source: Source) -> int:
    """Check that a damaged plain reply is read, or refused with an error of the provider."""
    case = make_case(source)
    body = _damage(source, case.body())
    request = pick(source, REQUESTS)
    try:
        reply = decode_reply(
            body,
            request.provider,
            request.profile,
            stop=request.stop,
            starts_in_reasoning=request.starts_in_reasoning,
        )
    except ProviderError:
        reply = None
    if not case.inline:
        _assert_apart(reply)
    if not isinstance(body, dict):
        return 1
    outcome = read([_to_json(body)], request)
    check_outcome(outcome)
    return 2


def _damaged(source: Source) -> tuple[Case, list[Any]]:
    case = make_case(source)
    events: list[Any] = list(case.events)
    for _ in range(source.below(4)):
        if not events:
            break
        at = source.below(len(events))
        change = source.below(5)
        if change == 0:
            events[at] = _damage(source, events[at])
        elif change == 1:
            del events[at]
        elif change == 2:
            events.insert(at, events[at])
        elif change == 3:
            other = source.below(len(events))
            events[at], events[other] = events[other], events[at]
        else:
            events.insert(at, _odd(source))
    return case, events


def _damage(source: Source, value: Any) -> Any:
    """Return `value` with some of its fields replaced, removed, added or moved."""
    if not isinstance(value, dict | list):
        return _odd(source)
    value = copy.deepcopy(value)
    for _ in range(1 + source.below(3)):
        places = list(_places(value))
        if not places:
            return value
        holder, key = pick(source, places)
        change = source.below(4)
        if change == 0:
            holder[key] = _odd(source)
        elif change == 1:
            del holder[key]
        elif isinstance(holder, list):
            holder.insert(key, holder[key] if change == 2 else _odd(source))
        elif change == 2:
            holder[pick(source, NAMES)] = _odd(source)
        else:
            holder[pick(source, NAMES)] = {pick(source, NAMES): _odd(source)}
    return value


def _odd(source: Source) -> Any:
    return copy.deepcopy(pick(source, ODD))


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    keys = value.keys() if isinstance(value, dict) else range(len(value))
    for key in keys:
        yield value, key
        if isinstance(value[key], dict | list):
            yield from _places(value[key])


def _line(source: Source, event: Any) -> bytes:
    if once_in(source, 12):
        head = pick(source, (b"event: error\n", b": comment\n", b"id: 1\n", b"\xef\xbb\xbf"))
    else:
        head = b""
    newline = pick(source, (b"\n", b"\n", b"\r\n"))
    return head + b"data: " + _to_json(event) + newline * (2 - once_in(source, 4))


def _to_json(value: Any) -> bytes:
    try:
        return to_json(value)
    except UnicodeEncodeError:
        # Lone surrogates, which JSON can only hold escaped.
        return json.dumps(value).encode()


def _assert_apart(reply: Reply | None) -> None:
    """Assert that no letter of the reasoning, which stood in its own field, is in the text."""
    if reply is not None:
        assert not set(reply.text) & set("αβγδεζηθικλμνξΩ🧮")
