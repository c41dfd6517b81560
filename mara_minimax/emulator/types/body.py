"""Readings of a raw chat body: the text of a message, its media, its size."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final, Literal, get_args

ReasoningTextField = Literal["reasoning_content", "reasoning"]
"""Fields of a message or delta that hold reasoning as text."""
REASONING_TEXT_FIELDS: Final[tuple[ReasoningTextField, ...]] = get_args(ReasoningTextField)
CHARACTERS_PER_TOKEN = 4


def count_tokens(text: str) -> int:
    """A crude count: four characters a token, rounded up."""
    return -(-len(text) // CHARACTERS_PER_TOKEN)


def text_of(message: Mapping[str, Any]) -> str:
    """The text of a message, whether its content is a string or a list of parts."""
    content = message.get("content")
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    texts = [part.get("text", "") for part in content if isinstance(part, dict)]
    return "\n".join(text for text in texts if isinstance(text, str) and text)


def media_of(message: Mapping[str, Any]) -> list[str]:
    """The types of the parts of a message that are not text."""
    content = message.get("content")
    if not isinstance(content, list):
        return []
    return [
        str(part.get("type")) for part in content
        if isinstance(part, dict) and part.get("type") != "text"
    ]  # fmt: skip


def prompt_tokens(body: Mapping[str, Any]) -> int:
    """The crude size of messages and tools; media count as nothing."""
    total = 0
    for message in body.get("messages", []):
        total += 4 + count_tokens(text_of(message))
        for key in ("tool_calls", "reasoning_details", *REASONING_TEXT_FIELDS):
            if message.get(key):
                total += count_tokens(json.dumps(message[key]))
    if body.get("tools"):
        total += count_tokens(json.dumps(body["tools"]))
    return total
