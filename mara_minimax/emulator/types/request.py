"""A chat request that passed the provider's checks, in plain typed form."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from mara_minimax.emulator.types.body import media_of, text_of
from mara_minimax.emulator.types.reply import ToolCall

_NOT_PARAMETERS = frozenset(
    {"model", "messages", "tools", "tool_choice", "response_format", "stream"}
)
# https://platform.llmprovider.ai's page (2025-03-26) knows no tools.
_WITHOUT_TOOLS = "llmprovider"


@dataclass(frozen=True)
class Message:
    """One message of the conversation."""

    role: str
    text: str = ""
    """The text of the content, whether that is a string or a list of parts."""
    tool_calls: tuple[ToolCall, ...] = ()
    """Arguments are objects where the text is a JSON object, else that text."""
    tool_call_id: str = ""
    """Which call a message of the role `tool` answers."""
    media: tuple[str, ...] = ()
    """Types of the content's parts that are not text, such as `image_url`."""
    body: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """The message as it was sent, with its reasoning."""

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> Self:
        """Read a message of a checked request."""
        calls = (
            ToolCall(
                str(call["function"].get("name") or ""),
                _object_or_text(call["function"].get("arguments")),
                str(call.get("id") or ""),
            )
            for call in body.get("tool_calls") or []
        )
        return cls(
            role=body["role"],
            text=text_of(body),
            tool_calls=tuple(calls),
            tool_call_id=str(body.get("tool_call_id") or ""),
            media=tuple(media_of(body)),
            body=body,
        )


@dataclass(frozen=True)
class Tool:
    """A function that the model may call."""

    name: str
    description: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """The JSON schema of the arguments."""


@dataclass(frozen=True)
class ToolResult:
    """What a called tool returned."""

    name: str
    text: str


@dataclass(frozen=True)
class ChatRequest:
    """What was asked."""

    provider: str
    """`minimax`, `mara` or `llmprovider`."""
    model: str
    messages: tuple[Message, ...]
    tools: tuple[Tool, ...] = ()
    """None at a provider without tools, whatever was sent."""
    tool_choice: str = "auto"
    """`none`, `auto`, `required`, or the name of the one tool that is demanded."""
    response_format: Mapping[str, Any] | None = None
    stream: bool = False
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """All other fields of the body, such as `temperature`, as they were sent."""
    body: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """The whole body as it was sent."""

    @classmethod
    def from_body(cls, body: Mapping[str, Any], *, provider: str, model: str) -> Self:
        """Read a body that passed the provider's checks."""
        functions = [tool["function"] for tool in body.get("tools") or []
                     if provider != _WITHOUT_TOOLS]  # fmt: skip
        wanted = body.get("response_format")
        return cls(
            provider=provider,
            model=model,
            messages=tuple(Message.from_body(message) for message in body["messages"]),
            tools=tuple(map(_tool, functions)),
            tool_choice=_tool_choice(body.get("tool_choice")),
            response_format=wanted if isinstance(wanted, dict) else None,
            stream=body.get("stream") is True,
            parameters={key: body[key] for key in body if key not in _NOT_PARAMETERS},
            body=body,
        )

    @property
    def include_usage(self) -> bool:
        """Whether `stream_options` asks for usage."""
        options = self.parameters.get("stream_options")
        return isinstance(options, dict) and options.get("include_usage") is True

    @property
    def max_tokens(self) -> int | None:
        """The smaller of the two output limits."""
        names = ("max_tokens", "max_completion_tokens")
        limits = [self.parameters.get(name) for name in names]
        return min((limit for limit in limits if isinstance(limit, int)), default=None)

    @property
    def question(self) -> Message:
        """The newest message of the user; the newest message where there is none."""
        users = [message for message in self.messages if message.role == "user"]
        return users[-1] if users else self.messages[-1]

    @property
    def results(self) -> tuple[ToolResult, ...]:
        """What the tools returned since the newest message of the user."""
        place = max(n for n, message in enumerate(self.messages) if message is self.question)
        turn = self.messages[place:]
        names = {call.id: call.name for message in turn for call in message.tool_calls}
        return tuple(
            ToolResult(names.get(message.tool_call_id, "the tool"), message.text)
            for message in turn
            if message.role == "tool"
        )


def _tool(function: Mapping[str, Any]) -> Tool:
    parameters = function.get("parameters")
    return Tool(
        name=function["name"],
        description=str(function.get("description") or ""),
        parameters=parameters if isinstance(parameters, dict) else {},
    )


def _tool_choice(choice: Any) -> str:
    function = choice.get("function") if isinstance(choice, dict) else None
    if isinstance(function, dict):
        return str(function.get("name", "auto"))
    return choice if isinstance(choice, str) else "auto"


def _object_or_text(arguments: Any) -> Mapping[str, Any] | str:
    if isinstance(arguments, str):
        try:
            value = json.loads(arguments)
        except (ValueError, RecursionError):
            return arguments
        return value if isinstance(value, dict) else arguments
    return arguments if isinstance(arguments, dict) else ""
