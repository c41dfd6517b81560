"""The shapes in which providers and self-hosted servers are known to stream tool calls."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from mara_minimax.emulator.form import Fragments, ToolEntry, in_two_fragments
from mara_minimax.emulator.reply import Plan, ToolCall, count_usage
from mara_minimax.emulator.request import ChatRequest, text_of
from mara_minimax.emulator.toolcalls import call_of

_MOST_FORCED = 2


def force_calls(plan: Plan, request: ChatRequest) -> Plan:
    """Call the first tool, or the first two, unless there are none or they have answered."""
    messages = request.messages
    if not request.tools or messages[-1]["role"] == "tool":
        return plan
    question = next((text_of(m) for m in reversed(messages) if m["role"] == "user"), "")
    calls = tuple(call_of(tool, question) for tool in request.tools[:_MOST_FORCED])
    forced = replace(plan, text="", calls=calls, finish_reason="tool_calls")
    return count_usage(forced, request)


def break_arguments(plan: Plan, request: ChatRequest) -> Plan:
    """Forced calls whose arguments are no JSON."""
    return _with_arguments(force_calls(plan, request), lambda text: text[:-1] + ",,}")


def truncate_arguments(plan: Plan, request: ChatRequest) -> Plan:
    """Forced calls, the last of which the token limit cut off."""
    plan = force_calls(plan, request)
    if not plan.calls:
        return plan
    last = plan.calls[-1]
    cut = replace(last, arguments=last.arguments[: max(1, len(last.arguments) * 2 // 3)])
    return replace(plan, calls=(*plan.calls[:-1], cut), finish_reason="length")


def empty_arguments(plan: Plan, request: ChatRequest) -> Plan:
    """Forced calls with an empty string for arguments."""
    return _with_arguments(force_calls(plan, request), lambda _: "")


def leak_markup(plan: Plan, request: ChatRequest) -> Plan:
    """Forced calls that arrive as the model's own markup in the text (MiniMax-M2.5 issue 10)."""
    plan = force_calls(plan, request)
    if not plan.calls:
        return plan
    lines = [line for call in plan.calls for line in _markup(call)]
    text = "\n".join(["<minimax:tool_call>", *lines, "</minimax:tool_call>"])
    return replace(plan, text=text, calls=(), finish_reason="stop")


def without_index(entries: Sequence[ToolEntry]) -> Fragments:
    """Neither heads nor continuations carry an index; a new id starts a new call."""
    return [[_without(entry, "index") for entry in each] for each in in_two_fragments(entries)]


def in_one_chunk(entries: Sequence[ToolEntry]) -> Fragments:
    """All calls, whole, in one delta."""
    return [list(entries)] if entries else []


def in_one_chunk_without_index(entries: Sequence[ToolEntry]) -> Fragments:
    """All calls, whole, in one delta and without index."""
    return [[_without(entry, "index") for entry in entries]] if entries else []


def interleaved(entries: Sequence[ToolEntry]) -> Fragments:
    """Heads of all calls first, then their arguments in turns."""
    fragments = [[_with_text(entry, "")] for entry in entries]
    pieces = [(entry["index"], _thirds(entry["function"]["arguments"])) for entry in entries]
    for turn in range(3):
        for index, texts in pieces:
            fragments.append([{"function": {"arguments": texts[turn]}, "index": index}])
    return fragments


def repeating_id(entries: Sequence[ToolEntry]) -> Fragments:
    """Every fragment repeats id, type and name."""
    return [
        [_with_text(entry, text)]
        for entry in entries
        for text in _thirds(entry["function"]["arguments"])
    ]


def without_id(entries: Sequence[ToolEntry]) -> Fragments:
    """No call has an id."""
    return [[_without(entry, "id") for entry in each] for each in in_two_fragments(entries)]


def entries_without_id(entries: Sequence[ToolEntry]) -> list[ToolEntry]:
    """The same in a whole reply."""
    return [_without(entry, "id") for entry in entries]


def with_late_name(entries: Sequence[ToolEntry]) -> Fragments:
    """The id first, the name in the next fragment, then the arguments."""
    fragments: Fragments = []
    for entry in entries:
        index, function = entry["index"], entry["function"]
        fragments += [
            [{**entry, "function": {"arguments": ""}}],
            [{"function": {"name": function["name"], "arguments": ""}, "index": index}],
            [{"function": {"arguments": function["arguments"]}, "index": index}],
        ]
    return fragments


def as_objects(entries: Sequence[ToolEntry]) -> list[ToolEntry]:
    """Arguments as a JSON object instead of its text."""
    return [_with_text(entry, json.loads(entry["function"]["arguments"])) for entry in entries]


def as_object_fragments(entries: Sequence[ToolEntry]) -> Fragments:
    """Each call whole, its arguments an object."""
    return [[entry] for entry in as_objects(entries)]


def as_null(entries: Sequence[ToolEntry]) -> list[ToolEntry]:
    """Arguments are null."""
    return [_with_text(entry, None) for entry in entries]


def as_null_fragments(entries: Sequence[ToolEntry]) -> Fragments:
    """Each call in one delta, its arguments null."""
    return [[entry] for entry in as_null(entries)]


def _with_arguments(plan: Plan, change: Any) -> Plan:
    calls = tuple(replace(call, arguments=change(call.arguments)) for call in plan.calls)
    return replace(plan, calls=calls)


def _with_text(entry: ToolEntry, arguments: Any) -> ToolEntry:
    return {**entry, "function": {**entry["function"], "arguments": arguments}}


def _without(entry: ToolEntry, key: str) -> ToolEntry:
    return {name: value for name, value in entry.items() if name != key}


def _thirds(text: str) -> list[str]:
    size = max(1, len(text) // 3)
    return [text[:size], text[size : 2 * size], text[2 * size :]]


def _markup(call: ToolCall) -> list[str]:
    parameters = [
        f'<parameter name="{name}">{value}</parameter>'
        for name, value in json.loads(call.arguments).items()
    ]
    return [f'<invoke name="{call.name}">', *parameters, "</invoke>"]
