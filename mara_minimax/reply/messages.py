"""Where a choice of the wire holds its message, and what of it is text."""

from __future__ import annotations

from typing import Any

from mara_minimax.reply.tool_calls import as_text
from mara_minimax.types import JSONObject


def message_in(choice: JSONObject) -> JSONObject | None:
    """Return the whole message of a choice, `None` when it has none."""
    message = choice.get("message")
    if message is None and isinstance(messages := choice.get("messages"), list) and messages:
        # MiniMax's older hosts close a stream with a list (capture of 2025-05).
        message = messages[-1]
    return message if isinstance(message, dict) else None


def without_wrapping(part: JSONObject) -> JSONObject:
    """Return a message with its details in the provider's place.

    LiteLLM moves them, in replies that are no streams (1.106, tried in 2026-11).
    """
    wrapped = part["provider_specific_fields"]
    details = wrapped.get("reasoning_details") if isinstance(wrapped, dict) else None
    if not details or part.get("reasoning_details"):
        return part
    rest = {name: value for name, value in wrapped.items() if name != "reasoning_details"}
    return {**part, "reasoning_details": details, "provider_specific_fields": rest or None}


def content_text(content: Any) -> str:
    """Return content as text; some servers send a list of parts."""
    if isinstance(content, list):
        return "".join(map(_part_text, content))
    return _part_text(content)


def _part_text(part: Any) -> str:
    if not isinstance(part, dict):
        return as_text(part)
    # Parts of other types, such as reasoning, do not belong to the answer.
    return as_text(part.get("text")) if part.get("type") in (None, "text") else ""
