"""A reply cut into the parts that become the deltas of a stream, or joined for a whole message."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mara_minimax.emulator.types.body import REASONING_TEXT_FIELDS
from mara_minimax.emulator.types.reply import Reply
from mara_minimax.emulator.wire.form import Form, ToolEntry

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


def whole_message(reply: Reply, form: Form) -> tuple[str | None, str | None]:
    """Reasoning and content of a whole message; `None` where the message has none."""
    if form.reasoning in ("inline", "mirrored") and reply.reasoning:
        reasoning = reply.reasoning if form.reasoning == "mirrored" else None
        return reasoning, form.opening + reply.reasoning + _closing(reply, form) + reply.text
    reasoning = reply.reasoning if reply.reasoning and form.reasoning != "none" else None
    if reply.tool_calls and not reply.text:
        return reasoning, form.content_with_calls
    return reasoning, reply.text


def stream_parts(reply: Reply, form: Form, entries: Sequence[ToolEntry]) -> list[Part]:
    """The deltas of a reply, in order; never none at all."""
    reasoning, content = whole_message(reply, form)
    if form.reasoning == "mirrored" and reply.reasoning:
        parts = _mirrored(reply, form)
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
    if form.reasoning == "reasoning_details":
        return {"reasoning_details": details}
    if form.reasoning == "split":
        return {"reasoning_content": text, "reasoning_details": details}
    channel = {"channel": form.channel} if form.channel else {}
    name = form.reasoning if form.reasoning in REASONING_TEXT_FIELDS else "reasoning_content"
    return {name: text, **channel}


def _closing(reply: Reply, form: Form) -> str:
    # When the budget ends inside the reasoning the server closes the tag and adds one newline
    # (captured on M2, 2026).
    if not reply.text and reply.finish_reason == "length":
        return form.closing.rstrip("\n") + "\n" if form.closing else ""
    return form.closing if reply.text else form.closing_before_calls


def _mirrored(reply: Reply, form: Form) -> list[Part]:
    texts = pieces(reply.reasoning, form.piece, first=True)
    contents = list(texts)
    contents[0] = form.opening + contents[0]
    contents[-1] += _closing(reply, form)
    parts = [
        Part(reasoning=text, content=content) for text, content in zip(texts, contents, strict=True)
    ]
    return parts + [Part(content=text) for text in pieces(reply.text, form.piece)]
