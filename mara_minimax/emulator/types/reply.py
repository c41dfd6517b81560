"""What a model says, in no provider's form: text, reasoning, tool calls, finish reason, usage."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class ToolCall:
    """A call of a tool."""

    name: str
    arguments: Mapping[str, Any] | str = field(default_factory=dict)
    """An object, or the text that stands for it, which goes on the wire as it is."""
    id: str = ""
    """By default an id in the provider's form."""

    @property
    def arguments_text(self) -> str:
        """The arguments on the wire; objects are written as the models do, with spaces."""
        if isinstance(self.arguments, str):
            return self.arguments
        return json.dumps(self.arguments, ensure_ascii=False)


@dataclass(frozen=True)
class Usage:
    """Token counts of an exchange; reasoning is part of the completion, cached of the prompt."""

    prompt_tokens: int
    completion_tokens: int
    reasoning_tokens: int = 0
    cached_tokens: int = 0

    @property
    def total_tokens(self) -> int:
        """Prompt and completion together."""
        return self.prompt_tokens + self.completion_tokens


@dataclass(frozen=True)
class Reply:
    """What the model says; the emulator puts it into the provider's form."""

    text: str = ""
    reasoning: str = ""
    """Left out where the model does not reason."""
    tool_calls: Sequence[ToolCall] = ()
    finish_reason: str | None = None
    """By default `tool_calls` or `stop`, and `length` where `max_tokens` cuts the reply."""
    usage: Usage | None = None
    """By default a crude count: four characters a token."""
