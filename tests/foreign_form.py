"""A history that another integration wrote, and what is sent of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from mara_minimax.emulator import Emulator
from mara_minimax.encoded_request import HistoryWarning

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


def check_request(form: ForeignForm, emulator: Emulator, found: list[Any]) -> None:
    """What is sent is what the form says, and what is left out is warned of."""
    (request,) = emulator.requests
    sent = [
        {name: value for name, value in message.items() if value is not None}
        for message in request.body["messages"]
    ]
    expected = form.sent
    if emulator.provider == "mara":
        expected = [_at_mara(message) for message in form.sent]
    assert sent == expected
    named = [str(each.message) for each in found if each.category is HistoryWarning]
    assert bool(named) is bool(form.left_out)
    assert all(form.left_out in text for text in named)


def _at_mara(message: dict[str, Any]) -> dict[str, Any]:
    """The same message with reasoning in the form of the other host."""
    details = message.get("reasoning_details")
    if details is None:
        return message
    rest = {name: value for name, value in message.items() if name != "reasoning_details"}
    return {**rest, "reasoning": details[0]["text"]}
