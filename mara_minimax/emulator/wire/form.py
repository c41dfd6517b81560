"""The form of a reply: the choices in which providers, models and scenarios differ."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

ToolEntry = dict[str, Any]
"""One element of a `tool_calls` list, whole or a fragment."""

Fragments = list[list[ToolEntry]]
"""The `tool_calls` lists of consecutive deltas."""

ReasoningPlace = Literal["none", "inline", "split", "details", "content", "field", "mirrored"]
"""Where reasoning goes: nowhere; tags in `content`; `reasoning_content` and `reasoning_details`;
one of the two; `reasoning`; tags in `content` and `reasoning_content` at once."""

Ending = Literal["usage-chunk", "summary-frame", "nothing"]


def in_two_fragments(entries: Sequence[ToolEntry]) -> Fragments:
    """Each call in turn: head and most of the arguments, then the rest with the index alone.

    MiniMax cuts this way in captured traffic (2026-05 to 2026-07).
    """
    fragments: Fragments = []
    for entry in entries:
        arguments = entry["function"]["arguments"]
        cut = max(len(arguments) - 1, 0)
        head = {**entry, "function": {**entry["function"], "arguments": arguments[:cut]}}
        rest = {"function": {"arguments": arguments[cut:]}, "index": entry["index"]}
        fragments += [[head], [rest]]
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
    cache_details: bool = False
    """`cache_read_input_tokens` and its twin instead of `cached_tokens`."""
    piece: int | None = None
    """Characters a delta; by default coarse pieces of several tokens."""
    fragments: Callable[[Sequence[ToolEntry]], Fragments] = in_two_fragments
    entries: Callable[[Sequence[ToolEntry]], list[ToolEntry]] = unchanged
