"""A history that another integration wrote, and what is sent of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

QUESTION: Final = "Weather in Paris?"
USER: Final = {"role": "user", "content": QUESTION}
NOT_RECORDED: Final = "(no result was recorded for this call)"


@dataclass(frozen=True)
class ForeignForm:
    """One form of messages; the documentation has a row for each."""

    author: str
    """The class that writes it."""
    holds: str
    """What is special about it, in Markdown."""
    messages: list[Any]
    """The framework's messages, as they are stored."""
    sent: list[dict[str, Any]]
    """The wire messages for MiniMax."""
    left_out: str = ""
    """What is left out with a warning, as the warning names it."""

    def __str__(self) -> str:
        return f"{self.author}: {self.holds}"


def called(*calls: tuple[str, str, str], content: str | None = None) -> dict[str, Any]:
    """The wire message of an assistant that calls; each call has an id, a name and arguments."""
    message: dict[str, Any] = {"role": "assistant"}
    if content is not None:
        message["content"] = content
    message["tool_calls"] = [
        {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}
        for call_id, name, arguments in calls
    ]
    return message


def result(call_id: str, content: str) -> dict[str, Any]:
    """The wire message of a tool."""
    return {"role": "tool", "tool_call_id": call_id, "content": content}
