"""A chat request that passed validation, with the readings that answers and wires need."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mara_minimax.emulator.models import Model
from mara_minimax.emulator.schemas import tidy

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
        for key in ("tool_calls", "reasoning_details", "reasoning_content", "reasoning"):
            if message.get(key):
                total += count_tokens(json.dumps(message[key]))
    if body.get("tools"):
        total += count_tokens(json.dumps(body["tools"]))
    return total


@dataclass(frozen=True)
class ChatRequest:
    """A validated body and its model."""

    body: Mapping[str, Any]
    model: Model
    provider: str

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The messages as sent."""
        return list(self.body["messages"])

    @property
    def stream(self) -> bool:
        """Whether an event stream is asked for."""
        return self.body.get("stream") is True

    @property
    def include_usage(self) -> bool:
        """Whether `stream_options` asks for usage."""
        options = self.body.get("stream_options")
        return isinstance(options, dict) and options.get("include_usage") is True

    @property
    def tools(self) -> list[dict[str, Any]]:
        """The function definitions, readable; none at a provider without tools."""
        if self.provider == "llmprovider":
            return []
        functions = [tool["function"] for tool in self.body.get("tools") or []]
        return [
            {
                "name": function["name"],
                "description": str(function.get("description") or ""),
                "parameters": tidy(function.get("parameters")),
            }
            for function in functions
        ]

    @property
    def max_tokens(self) -> int | None:
        """The smaller of the two output limits."""
        limits = [self.body.get("max_tokens"), self.body.get("max_completion_tokens")]
        set_limits = [limit for limit in limits if isinstance(limit, int)]
        return min(set_limits, default=None)

    @property
    def stop(self) -> list[str]:
        """The stop sequences the provider obeys.

        MiniMax ignores `stop` without a word (probed on M2.7, 2026-04).
        """
        if self.provider == "minimax":
            return []
        stop = self.body.get("stop")
        if isinstance(stop, str):
            return [stop]
        sequences = stop if isinstance(stop, list) else []
        return [text for text in sequences if isinstance(text, str) and text]
