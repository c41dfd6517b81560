"""Changes of a reply before it goes on the wire: each makes one deviation that was seen."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

from mara_minimax.emulator.answers.limits import with_usage
from mara_minimax.emulator.answers.values import fill_call
from mara_minimax.emulator.types.reply import Reply, ToolCall
from mara_minimax.emulator.types.request import ChatRequest

_MOST_FORCED = 2


def no_usage(reply: Reply, _: ChatRequest) -> Reply:
    """Nothing is counted."""
    return replace(reply, usage=None)


def empty_finish(reply: Reply, _: ChatRequest) -> Reply:
    """The finish reason is an empty string."""
    return replace(reply, finish_reason="")


def singular_finish(reply: Reply, request: ChatRequest) -> Reply:
    """`tool_call` instead of `tool_calls`."""
    reply = force_calls(reply, request)
    return replace(reply, finish_reason="tool_call") if reply.tool_calls else reply


def stop_with_calls(reply: Reply, request: ChatRequest) -> Reply:
    """`stop` although tools are called."""
    reply = force_calls(reply, request)
    return replace(reply, finish_reason="stop")


def only_reasoning(reply: Reply, _: ChatRequest) -> Reply:
    """The token limit ends the reply inside the reasoning."""
    return replace(reply, text="", tool_calls=(), finish_reason="length")


def stray_closer(reply: Reply, _: ChatRequest) -> Reply:
    """A closing tag is left at the start of the text."""
    return replace(reply, text=f"</think>\n\n{reply.text}") if reply.text else reply


def stray_closer_in_reasoning(reply: Reply, _: ChatRequest) -> Reply:
    """A closing tag is left at the end of the reasoning."""
    return replace(reply, reasoning=f"{reply.reasoning}\n</think>") if reply.reasoning else reply


def quoted_tags(reply: Reply, _: ChatRequest) -> Reply:
    """The answer itself speaks of the tags."""
    quoting = " In raw replies <think> opens the reasoning and </think> closes it."
    return replace(reply, text=reply.text + quoting) if reply.text else reply


def beyond_ascii(reply: Reply, _: ChatRequest) -> Reply:
    """Characters of two, three and four bytes."""
    text = f"{reply.text} \u00e4 \u4f60\u597d \U0001f680" if reply.text else ""
    reasoning = f"{reply.reasoning} \u2713\U0001f9ed" if reply.reasoning else ""
    return replace(reply, text=text, reasoning=reasoning)


def fenced_json(reply: Reply, _: ChatRequest) -> Reply:
    """JSON in a Markdown fence although bare JSON was asked for."""
    if not reply.text.startswith(("{", "[")):
        return reply
    return replace(reply, text=f"```json\n{reply.text}\n```")


def force_calls(reply: Reply, request: ChatRequest) -> Reply:
    """Call the first tool, or the first two, unless there are none or they have answered."""
    if not request.tools or request.messages[-1].role == "tool":
        return reply
    question = request.question.text
    calls = tuple(fill_call(tool, question) for tool in request.tools[:_MOST_FORCED])
    forced = replace(reply, text="", tool_calls=calls, finish_reason="tool_calls")
    return with_usage(forced, request)


def break_arguments(reply: Reply, request: ChatRequest) -> Reply:
    """Forced calls whose arguments are not JSON."""
    return _with_arguments(force_calls(reply, request), lambda text: text[:-1] + ",,}")


def truncate_arguments(reply: Reply, request: ChatRequest) -> Reply:
    """Forced calls, the last of which the token limit cut off."""
    reply = force_calls(reply, request)
    if not reply.tool_calls:
        return reply
    last = reply.tool_calls[-1]
    text = last.arguments_text
    cut = replace(last, arguments=text[: max(1, len(text) * 2 // 3)])
    return replace(reply, tool_calls=(*reply.tool_calls[:-1], cut), finish_reason="length")


def empty_arguments(reply: Reply, request: ChatRequest) -> Reply:
    """Forced calls with an empty string for arguments."""
    return _with_arguments(force_calls(reply, request), lambda _: "")


def leak_markup(reply: Reply, request: ChatRequest) -> Reply:
    """Forced calls that arrive as the model's own markup in the text (MiniMax-M2.5 issue 10)."""
    reply = force_calls(reply, request)
    if not reply.tool_calls:
        return reply
    lines = [line for call in reply.tool_calls for line in _markup(call)]
    text = "\n".join(["<minimax:tool_call>", *lines, "</minimax:tool_call>"])
    return replace(reply, text=text, tool_calls=(), finish_reason="stop")


def _with_arguments(reply: Reply, change: Callable[[str], str]) -> Reply:
    calls = tuple(replace(call, arguments=change(call.arguments_text)) for call in reply.tool_calls)
    return replace(reply, tool_calls=calls)


def _markup(call: ToolCall) -> list[str]:
    parameters = [
        f'<parameter name="{name}">{value}</parameter>'
        for name, value in json.loads(call.arguments_text).items()
    ]
    return [f'<invoke name="{call.name}">', *parameters, "</invoke>"]
