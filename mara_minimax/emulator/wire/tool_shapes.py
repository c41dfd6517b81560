"""The shapes in which providers and self-hosted servers are known to stream tool calls."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from typing import Any

from mara_minimax.emulator.wire.form import Fragments, ToolEntry, headed

Entries = Callable[[Sequence[ToolEntry]], list[ToolEntry]]


def without(key: str) -> Entries:
    """A change of entries: they lack a key."""
    return lambda entries: [{name: e[name] for name in e if name != key} for e in entries]


def arguments(change: Callable[[str], Any]) -> Entries:
    """A change of entries: their arguments are something else than their text."""
    return lambda entries: [_with_text(e, change(e["function"]["arguments"])) for e in entries]


def each(change: Entries, split: Callable[[Sequence[ToolEntry]], Fragments]) -> Any:
    """Fragments with a change of each."""
    return lambda entries: [change(fragment) for fragment in split(entries)]


def in_one_chunk(entries: Sequence[ToolEntry]) -> Fragments:
    """All calls, whole, in one delta."""
    return [list(entries)] if entries else []


def whole(entries: Sequence[ToolEntry]) -> Fragments:
    """Each call in one delta."""
    return [[entry] for entry in entries]


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


def repeating_type(entries: Sequence[ToolEntry]) -> Fragments:
    """Fragments after the head repeat the type, but neither id nor name."""
    fragments = headed(entries)
    return [[{"type": "function", **fragment[0]}] for fragment in fragments]


def with_empty_names(entries: Sequence[ToolEntry]) -> Fragments:
    """Fragments after the head have an empty id, name and type (a public gateway, 2026-03)."""
    blank = {"id": "", "type": ""}
    return [
        [{**blank, **piece, "function": {"name": "", **piece["function"]}}]
        for (piece,) in headed(entries)
    ]


def with_hexadecimal_ids(entries: Sequence[ToolEntry]) -> list[ToolEntry]:
    """Ids as MiniMax's China host writes them for M2.7: `call_` and 24 digits (2026-06)."""
    return [
        {**entry, "id": _hexadecimal(entry["id"])} if "id" in entry else entry for entry in entries
    ]


NO_INDEX = {"fragments": each(without("index"), headed)}
NO_INDEX_ONE_CHUNK = {"fragments": each(without("index"), in_one_chunk)}
NO_ID = {"fragments": each(without("id"), headed), "entries": without("id")}
HEXADECIMAL_IDS = {"fragments": each(with_hexadecimal_ids, headed), "entries": with_hexadecimal_ids}
OBJECTS = {"fragments": each(arguments(json.loads), whole), "entries": arguments(json.loads)}
NULLS = {"fragments": each(arguments(lambda _: None), whole), "entries": arguments(lambda _: None)}


def _with_text(entry: ToolEntry, text: Any) -> ToolEntry:
    return {**entry, "function": {**entry["function"], "arguments": text}}


def _hexadecimal(text: str) -> str:
    return "call_" + hashlib.sha256(text.encode()).hexdigest()[:24]


def _thirds(text: str) -> list[str]:
    size = max(1, len(text) // 3)
    return [text[:size], text[size : 2 * size], text[2 * size :]]
