"""What MiniMax refuses in a conversation: roles, order, pairing and content of messages.

The messages quote refusals reported in public issues of clients (2025-11 to 2026-10); code 1042
is from https://platform.minimax.io/docs/api-reference/errorcode (2026).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from mara_minimax.emulator.checks.validation import Candidate, Rule
from mara_minimax.emulator.types.body import media_of, text_of
from mara_minimax.emulator.types.refusal import Refusal, invalid_params

_ROLES = frozenset({"system", "user", "assistant", "tool"})
_MEDIA = frozenset({"image_url", "video_url"})

# Controls other than tab and line breaks, zero-width space, word joiners, byte order mark,
# direction marks, lone surrogates. Zero-width joiners stay: emoji and several scripts need them.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\ud800-\udfff]"
)


def _known_roles(candidate: Candidate) -> Refusal | None:
    for message in candidate.messages:
        role = message.get("role")
        if role not in _ROLES:
            return invalid_params(f"invalid role: {role}")
    return None


def _one_leading_system(candidate: Candidate) -> Refusal | None:
    places = [
        place for place, message in enumerate(candidate.messages) if message["role"] == "system"
    ]
    if len(places) > 1:
        return invalid_params("invalid chat setting")
    if places and places[0] != 0:
        return invalid_params("chat content has invalid message role: system")
    return None


def _content_present(candidate: Candidate) -> Refusal | None:
    """Empty content is refused, except beside tool calls, where reports contradict each other."""
    for message in candidate.messages:
        if message["role"] == "assistant" and message.get("tool_calls"):
            continue
        if not text_of(message) and not media_of(message):
            return invalid_params("chat content is empty")
    return None


def _visible_characters(candidate: Candidate) -> Refusal | None:
    for message in candidate.messages:
        if _INVISIBLE.search(text_of(message)):
            return Refusal(400, 1042, "input contains invisible or illegal characters")
    return None


def _media(candidate: Candidate) -> Refusal | None:
    """Text-only models are documented without media; the real ones may drop them silently."""
    for message in candidate.messages:
        for kind in media_of(message):
            if kind not in _MEDIA:
                return invalid_params(f"invalid content type: {kind}")
            if not candidate.model.images:
                return invalid_params(f"model[{candidate.model.id}] does not support {kind} input")
    return None


def _call_names(candidate: Candidate) -> Refusal | None:
    """A name is required by OpenAI's schema; the hosts' own words are unknown."""
    for message in candidate.messages:
        for call in message.get("tool_calls") or []:
            if not call.get("function", {}).get("name"):
                return invalid_params(f"function name is empty, tool_call_id: {call.get('id')}")
    return None


def _call_arguments(candidate: Candidate) -> Refusal | None:
    for message in candidate.messages:
        for call in message.get("tool_calls") or []:
            arguments = call.get("function", {}).get("arguments")
            if not _is_json_object(arguments):
                return invalid_params(
                    f"invalid function arguments json string, tool_call_id: {call.get('id')}"
                )
    return None


def _results_follow_calls(candidate: Candidate) -> Refusal | None:
    """Results stand right after the message that calls, one for each call, by id."""
    waiting: set[Any] | None = None
    for message in candidate.messages:
        if message["role"] == "tool":
            if waiting is None:
                return invalid_params("tool call result does not follow tool call")
            if message.get("tool_call_id") not in waiting:
                shown = message.get("tool_call_id")
                return invalid_params(f"tool result's tool id({shown}) not found")
            waiting.discard(message["tool_call_id"])
            continue
        if waiting:
            return invalid_params("tool call result does not follow tool call")
        waiting = _called_ids(message)
    if waiting:
        return invalid_params("tool call result does not follow tool call")
    return None


def _called_ids(message: Mapping[str, Any]) -> set[Any] | None:
    calls = message.get("tool_calls") if message["role"] == "assistant" else None
    return {call["id"] for call in calls if call.get("id")} if calls else None


def _is_json_object(text: object) -> bool:
    if not isinstance(text, str):
        return False
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


HISTORY_RULES: tuple[Rule, ...] = (
    _known_roles,
    _one_leading_system,
    _content_present,
    _visible_characters,
    _media,
    _call_names,
    _call_arguments,
    _results_follow_calls,
)
