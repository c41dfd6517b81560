"""The shapes in which providers and self-hosted servers are known to stream tool calls."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from mara_minimax.emulator.wire.form import Fragments, ToolEntry, in_two_fragments


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


def _with_text(entry: ToolEntry, arguments: Any) -> ToolEntry:
    return {**entry, "function": {**entry["function"], "arguments": arguments}}


def _without(entry: ToolEntry, key: str) -> ToolEntry:
    return {name: value for name, value in entry.items() if name != key}


def _thirds(text: str) -> list[str]:
    size = max(1, len(text) // 3)
    return [text[:size], text[size : 2 * size], text[2 * size :]]
