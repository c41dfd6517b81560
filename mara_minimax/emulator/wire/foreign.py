"""Payloads as gateways and servers of one's own write them, made of a provider's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from mara_minimax.emulator.wire.form import Fragments, ToolEntry, headed
from mara_minimax.emulator.wire.oddities import bare, role_first
from mara_minimax.emulator.wire.wire import Payload

_OWN = ("input_sensitive", "output_sensitive", "input_sensitive_type", "output_sensitive_type",
        "output_sensitive_int", "base_resp")  # fmt: skip


def litellm(events: list[Payload]) -> list[Payload]:
    """Whole messages keep `reasoning_details` in a place of LiteLLM's own."""
    events = [_without_own(event) for event in bare(events)]
    for said in _said(events, "message"):
        if details := said.pop("reasoning_details", None):
            said["provider_specific_fields"] = {"reasoning_details": details}
    return events


def swallowed(events: list[Payload]) -> list[Payload]:
    """A stream of no choices, then `stop` and not one token; a whole reply of nothing."""
    head = {name: events[0][name] for name in ("id", "created", "model", "object")}
    usage = {"prompt_tokens": 10, "completion_tokens": 0, "total_tokens": 10}
    end = {"finish_reason": "stop", "index": 0}
    if "message" in events[0]["choices"][0]:
        message = {"role": "assistant", "content": ""}
        return [{**head, "choices": [{**end, "message": message}], "usage": usage}]
    return [
        {**head, "choices": []},
        {**head, "choices": [{**end, "delta": {}}]},
        {**head, "choices": [], "usage": usage},
    ]


def openrouter(events: list[Payload]) -> list[Payload]:
    """`reasoning` beside details of an unknown format."""
    events = [{**_without_own(event), "provider": "Minimax"} for event in bare(events)]
    for said in (*_said(events, "delta"), *_said(events, "message")):
        if text := said.pop("reasoning_content", None):
            said["reasoning"] = text
            said["reasoning_details"] = [
                {"type": "reasoning.text", "text": text, "format": "unknown", "index": 0}
            ]
        said.setdefault("content", "")
    for said in _said(events, "message"):
        said["refusal"] = None
    return events


def openrouter_error(events: list[Payload]) -> list[Payload]:
    """The error object in place of the second half, or of a whole reply."""
    error = {
        "message": "Minimax midstream error: invalid params, tool result's tool id not found",
        "code": 400,
        "metadata": {"provider_name": "Minimax"},
    }
    return [*events[: len(events) // 2], {"error": error, "user_id": "user_1"}]


def vllm(events: list[Payload]) -> list[Payload]:
    """The role comes first and alone; whole messages name what they lack."""
    events = role_first([_without_own(event) for event in bare(events)])
    for said in _said(events, "delta"):
        if "content" not in said or said["content"] or "tool_calls" in said:
            said.pop("role", None)
    for said in _said(events, "message"):
        said.update(refusal=None, annotations=None, audio=None, function_call=None)
        said.setdefault("content", None)
        said.setdefault("reasoning", None)
    return events


def vllm_calls(entries: Sequence[ToolEntry]) -> Fragments:
    """The head lacks `arguments`, what follows lacks id and type."""
    fragments = headed(entries)
    for (piece,) in fragments:
        if not piece["function"]["arguments"]:
            del piece["function"]["arguments"]
    return fragments


def sglang(events: list[Payload]) -> list[Payload]:
    """Deltas name role, content and reasoning in each chunk, mostly as null."""
    events = role_first([_without_own(event) for event in bare(events)])
    for number, said in enumerate(_said(events, "delta")):
        said["role"] = None if number else "assistant"
        said.setdefault("content", None)
        said.setdefault("reasoning_content", None)
    for event in events:
        if usage := event.get("usage"):
            details = usage.get("completion_tokens_details") or {"reasoning_tokens": 0}
            usage["reasoning_tokens"] = details["reasoning_tokens"]
    return events


def sglang_calls(entries: Sequence[ToolEntry]) -> Fragments:
    """What follows the head has an id and a name that are null."""
    fragments = headed(entries)
    for (piece,) in fragments:
        piece.setdefault("id", None)
        piece.setdefault("type", "function")
        piece["function"].setdefault("name", None)
    return fragments


def _said(events: list[Payload], name: str) -> Iterator[Any]:
    for event in events:
        for choice in event.get("choices") or []:
            if isinstance(choice.get(name), dict):
                yield choice[name]


def _without_own(event: Payload) -> Payload:
    """A payload without the fields that only MiniMax has."""
    return {name: value for name, value in event.items() if name not in _OWN}
