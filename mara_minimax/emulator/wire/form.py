"""The form of a reply: the choices in which providers, models and scenarios differ."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from mara_minimax.emulator.types.body import ReasoningTextField

ToolEntry = dict[str, Any]
"""One element of a `tool_calls` list, whole or a fragment."""

Fragments = list[list[ToolEntry]]
"""The `tool_calls` lists of consecutive deltas."""

ReasoningPlace = Literal[
    "none", "inline", "split", "mirrored", "reasoning_details", ReasoningTextField
]
"""Where reasoning goes: nowhere; tags in `content`; `reasoning_content` and `reasoning_details`;
tags in `content` and `reasoning_content` at once; one field, by its name."""

Ending = Literal["usage-chunk", "summary-frame", "nothing"]


def headed(entries: Sequence[ToolEntry]) -> Fragments:
    """Each call in turn: a head with `arguments: ""`, then the arguments with the index alone.

    MiniMax begins calls this way in captured traffic, and cuts the arguments inside strings or
    not at all (2026-03 to 2026-07).
    """
    fragments: Fragments = []
    for entry in entries:
        arguments = entry["function"]["arguments"]
        middle = len(arguments) * 2 // 3
        fragments.append([{**entry, "function": {**entry["function"], "arguments": ""}}])
        fragments += [
            [{"function": {"arguments": piece}, "index": entry["index"]}]
            for piece in (arguments[:middle], arguments[middle:])
            if piece
        ]
    return fragments


def unchanged(entries: Sequence[ToolEntry]) -> list[ToolEntry]:
    """Entries of a whole reply as the provider writes them."""
    return list(entries)


@dataclass(frozen=True)
class Form:
    """How a reply is put on the wire."""

    reasoning: ReasoningPlace
    ending: Ending
    done: bool
    """Whether `data: [DONE]` closes the stream."""
    opening: str = "<think>\n"
    closing: str = "\n</think>\n\n"
    closing_before_calls: str = "\n</think>\n"
    content_with_calls: str | None = None
    """Content beside tool calls when there is neither text nor inline reasoning."""
    channel: str | None = None
    """The `channel` beside `reasoning`; gpt-oss models send `analysis`."""
    reasoning_tokens: bool = True
    """Whether usage tells how many tokens went into reasoning."""
    cache_details: bool = False
    """`cache_read_input_tokens` and its twin instead of `cached_tokens`."""
    piece: int | None = None
    """Characters a delta; by default coarse pieces of several tokens."""
    fragments: Callable[[Sequence[ToolEntry]], Fragments] = headed
    entries: Callable[[Sequence[ToolEntry]], list[ToolEntry]] = unchanged
