"""A plan cut into the parts that become the deltas of a stream, or joined for a whole message."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mara_minimax.emulator.form import Form, ToolEntry
from mara_minimax.emulator.reply import Plan

# Tags are single tokens of the models, so a piece ends before or after one, never inside.
_TOKEN = re.compile(r"</?(?:mm:)?think>\n*|\s*[^\s<]+|\s+|<")
_LONGEST = 110
_SHORTEST = 12


@dataclass(frozen=True)
class Part:
    """What one delta adds."""

    reasoning: str | None = None
    content: str | None = None
    tool_calls: list[ToolEntry] | None = None


def pieces(text: str, size: int | None = None, *, first: bool = False) -> list[str]:
    """Cut text into coarse pieces of several tokens; with `first`, the first one is short."""
    if size is not None:
        return [text[start : start + size] for start in range(0, len(text), size)]
    target = min(max(len(text) // 3, _SHORTEST), _LONGEST)
    out: list[str] = []
    current = ""
    limit = 1 if first else target
    for token in _TOKEN.findall(text):
        current += token
        if len(current.strip()) >= limit and not token.startswith(("<think", "<mm:think")):
            out.append(current)
            current = ""
            limit = target
    if current:
        out.append(current)
    return out


def whole_message(plan: Plan, form: Form) -> tuple[str | None, str | None]:
    """Reasoning and content of a whole message; `None` where the message has none."""
    if form.reasoning in ("inline", "mirrored") and plan.reasoning:
        reasoning = plan.reasoning if form.reasoning == "mirrored" else None
        return reasoning, form.opening + plan.reasoning + _closing(plan, form) + plan.text
    reasoning = plan.reasoning if plan.reasoning and form.reasoning != "none" else None
    if plan.calls and not plan.text:
        return reasoning, form.content_with_calls
    return reasoning, plan.text


def stream_parts(plan: Plan, form: Form, entries: Sequence[ToolEntry]) -> list[Part]:
    """The deltas of a plan, in order; never none at all."""
    reasoning, content = whole_message(plan, form)
    if form.reasoning == "mirrored" and plan.reasoning:
        parts = _mirrored(plan, form)
    else:
        parts = [Part(reasoning=text) for text in pieces(reasoning or "", form.piece, first=True)]
        leads = not parts
        parts += [Part(content=text) for text in pieces(content or "", form.piece, first=leads)]
    parts += [Part(tool_calls=fragment) for fragment in form.fragments(entries)]
    return parts or [Part(content="")]


def reasoning_fields(form: Form, text: str) -> dict[str, Any]:
    """The fields of a delta or message that carry reasoning."""
    details = [
        {
            "type": "reasoning.text",
            "id": "reasoning-text-1",
            "format": "MiniMax-response-v1",
            "index": 0,
            "text": text,
        }
    ]
    if form.reasoning == "details":
        return {"reasoning_details": details}
    if form.reasoning == "split":
        return {"reasoning_content": text, "reasoning_details": details}
    if form.reasoning == "field":
        channel = {"channel": form.channel} if form.channel else {}
        return {"reasoning": text, **channel}
    return {"reasoning_content": text}


def _closing(plan: Plan, form: Form) -> str:
    # When the budget ends inside the reasoning the server closes the tag and adds one newline
    # (captured on M2, 2026).
    if not plan.text and plan.finish_reason == "length":
        return form.closing.rstrip("\n") + "\n" if form.closing else ""
    return form.closing if plan.text else form.closing_before_calls


def _mirrored(plan: Plan, form: Form) -> list[Part]:
    texts = pieces(plan.reasoning, form.piece, first=True)
    contents = list(texts)
    contents[0] = form.opening + contents[0]
    contents[-1] += _closing(plan, form)
    parts = [
        Part(reasoning=text, content=content) for text, content in zip(texts, contents, strict=True)
    ]
    return parts + [Part(content=text) for text in pieces(plan.text, form.piece)]
