"""Changes of a reply before it goes on the wire: each makes one deviation that was seen."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from mara_minimax.emulator.answers.limits import with_usage
from mara_minimax.emulator.answers.values import fill_call
from mara_minimax.emulator.types.reply import Reply, ToolCall
from mara_minimax.emulator.types.request import ChatRequest

_MOST_FORCED = 2

ReplyChange = Callable[[Reply, ChatRequest], Reply]


def fields(**values: Any) -> ReplyChange:
    """Fields of the reply are something else."""
    return lambda reply, _: replace(reply, **values)


def texts(*, text: str = "{}", reasoning: str = "{}") -> ReplyChange:
    """Text and reasoning, where there are any, in templates."""

    def change(reply: Reply, _: ChatRequest) -> Reply:
        return replace(
            reply,
            text=text.replace("{}", reply.text) if reply.text else "",
            reasoning=reasoning.replace("{}", reply.reasoning) if reply.reasoning else "",
        )

    return change


def fenced_json(reply: Reply, _: ChatRequest) -> Reply:
    """JSON in a Markdown fence although bare JSON was asked for."""
    if not reply.text.startswith(("{", "[")):
        return reply
    return replace(reply, text=f"```json\n{reply.text}\n```")


def forced(change: Callable[[Reply], Reply] = lambda reply: reply) -> ReplyChange:
    """Call the first tool, or the first two, unless there are none or they have answered."""

    def force(reply: Reply, request: ChatRequest) -> Reply:
        if not request.tools or request.messages[-1].role == "tool":
            return reply
        question = request.question.text
        calls = tuple(fill_call(tool, question) for tool in request.tools[:_MOST_FORCED])
        called = replace(reply, text="", tool_calls=calls, finish_reason="tool_calls")
        return change(with_usage(called, request))

    return force


def finishing(reason: str) -> ReplyChange:
    """Forced calls with another finish reason."""
    return forced(lambda reply: replace(reply, finish_reason=reason))


def arguing(change: Callable[[str], str]) -> ReplyChange:
    """Forced calls with other arguments."""

    def argue(reply: Reply) -> Reply:
        calls = [replace(c, arguments=change(c.arguments_text)) for c in reply.tool_calls]
        return replace(reply, tool_calls=calls)

    return forced(argue)


def truncated(reply: Reply) -> Reply:
    """The token limit cut the last call off."""
    *others, last = reply.tool_calls
    text = last.arguments_text
    cut = replace(last, arguments=text[: max(1, len(text) * 2 // 3)])
    return replace(reply, tool_calls=(*others, cut), finish_reason="length")


def leaking(markup: Callable[[Sequence[ToolCall]], str]) -> ReplyChange:
    """Forced calls that arrive as the model's own markup in the text."""

    def leak(reply: Reply) -> Reply:
        text = f"I look it up.\n{markup(reply.tool_calls)}"
        return replace(reply, text=text, tool_calls=(), finish_reason="stop")

    return forced(leak)


def m2_markup(calls: Sequence[ToolCall]) -> str:
    """Calls as M2 models write them (MiniMax-M2.5 issue 10)."""
    lines = ["<minimax:tool_call>"]
    for call in calls:
        lines.append(f'<invoke name="{call.name}">')
        lines += [f'<parameter name="{name}">{text}</parameter>' for name, text in _texts(call)]
        lines.append("</invoke>")
    return "\n".join([*lines, "</minimax:tool_call>"])


def m3_markup(calls: Sequence[ToolCall]) -> str:
    """Calls as MiniMax-M3 writes them, a special token before each tag (MiniMax-M3 issue 31)."""
    token = "]<]minimax[>["  # noqa: S105 - not a secret
    lines = [f"{token}<tool_call>"]
    for call in calls:
        arguments = [f"{token}<{name}>{text}{token}</{name}>" for name, text in _texts(call)]
        head, end = f'{token}<invoke name="{call.name}">', f"{token}</invoke>"
        lines.append("".join([head, *arguments, end]))
    return "\n".join([*lines, f"{token}</tool_call>"])


def _texts(call: ToolCall) -> list[tuple[str, str]]:
    return [
        (name, value if isinstance(value, str) else json.dumps(value))
        for name, value in json.loads(call.arguments_text).items()
    ]
