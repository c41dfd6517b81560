"""The neutral reply: reasoning, text, tool calls, finish reason, usage, in no provider's form."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mara_minimax.emulator.request import (
    CHARACTERS_PER_TOKEN,
    ChatRequest,
    count_tokens,
    prompt_tokens,
)

# MiniMax reports cached tokens from about 500 prompt tokens on, in blocks (probed 2026-06).
_CACHE_FROM = 500
_CACHE_BLOCK = 64


@dataclass(frozen=True)
class ToolCall:
    """A call of a tool; `arguments` is the JSON text that goes on the wire."""

    name: str
    arguments: str

    @classmethod
    def of(cls, name: str, arguments: Mapping[str, Any]) -> ToolCall:
        """A call with its arguments written as the models write them: with spaces."""
        return cls(name, json.dumps(arguments, ensure_ascii=False))


@dataclass(frozen=True)
class Usage:
    """Token counts of an exchange."""

    prompt: int
    completion: int
    reasoning: int = 0
    cached: int = 0

    @property
    def total(self) -> int:
        """Prompt and completion together."""
        return self.prompt + self.completion


@dataclass(frozen=True)
class Plan:
    """Everything that is said, before a wire puts it into bytes."""

    reasoning: str
    text: str
    calls: tuple[ToolCall, ...] = ()
    finish_reason: str = "stop"
    usage: Usage | None = None


@dataclass(frozen=True)
class Draft:
    """What a rule answers."""

    reasoning: str
    text: str = ""
    calls: tuple[ToolCall, ...] = field(default=())


def plan_reply(draft: Draft, request: ChatRequest, *, thinks: bool) -> Plan:
    """Apply stop sequences and the token limit to a draft and count its tokens."""
    reasoning = draft.reasoning if thinks else ""
    text = _before_stop(draft.text, request.stop)
    finish = "tool_calls" if draft.calls else "stop"
    plan = Plan(reasoning, text, draft.calls, finish)
    if request.max_tokens is not None:
        plan = _within(plan, request.max_tokens)
    return count_usage(plan, request)


def count_usage(plan: Plan, request: ChatRequest) -> Plan:
    """The plan with the usage that fits what it says."""
    prompt = prompt_tokens(request.body)
    reasoning = count_tokens(plan.reasoning)
    spoken = "".join(call.name + call.arguments for call in plan.calls)
    completion = reasoning + count_tokens(plan.text) + count_tokens(spoken)
    cached = prompt // 2 // _CACHE_BLOCK * _CACHE_BLOCK if prompt >= _CACHE_FROM else 0
    return replace(plan, usage=Usage(prompt, completion, reasoning, cached))


def _before_stop(text: str, stop: list[str]) -> str:
    found = [text.index(sequence) for sequence in stop if sequence in text]
    return text[: min(found)] if found else text


def _within(plan: Plan, tokens: int) -> Plan:
    """Cut the plan after that many tokens, reasoning first."""
    reasoning, tokens = _cut(plan.reasoning, tokens)
    text, tokens = _cut(plan.text, tokens)
    calls = []
    for call in plan.calls:
        name, left = _cut(call.name, tokens)
        if name != call.name or not left:
            break
        arguments, tokens = _cut(call.arguments, left)
        calls.append(replace(call, arguments=arguments))
    complete = (reasoning, text, tuple(calls)) == (plan.reasoning, plan.text, plan.calls)
    finish = plan.finish_reason if complete else "length"
    return replace(plan, reasoning=reasoning, text=text, calls=tuple(calls), finish_reason=finish)


def _cut(text: str, tokens: int) -> tuple[str, int]:
    """The part of a text that fits, and the tokens left after it."""
    kept = text[: tokens * CHARACTERS_PER_TOKEN]
    return kept, tokens - count_tokens(kept)
