"""Put `reasoning_details` together, the list in which MiniMax sends reasoning."""

from __future__ import annotations

from typing import Any

import mara_minimax
from mara_minimax import limits
from mara_minimax.reply.snapshots import SnapshotDetector
from mara_minimax.types import JSONObject


class DetailsDecoder:
    """Put the `reasoning_details` deltas of a stream together, entry by entry."""

    __slots__ = ("_entries", "_last", "_positions")

    def __init__(self) -> None:
        """Start without entries."""
        self._entries: list[_Entry] = []
        self._positions: dict[tuple[Any, ...], int] = {}
        self._last: tuple[tuple[Any, ...], int] = ((), 0)
        """What named the entry that was found last, and its position."""

    def __bool__(self) -> bool:
        """Whether any entry was seen."""
        return bool(self._entries)

    def decode(self, details: object) -> str | None:
        """Take one chunk's list and return the text that it adds, `None` if it holds none."""
        if not details or not isinstance(details, list):
            return None
        added: str | None = None
        taken: set[int] = set()
        for fields in details:
            if isinstance(fields, dict):
                entry = self._entry_of(fields, taken)
                if (text := entry.decode(fields)) is not None:
                    added = (added or "") + text
        return added

    @property
    def sends_snapshots(self) -> bool | None:
        """What `SnapshotDetector.sends_snapshots` says of the first entry."""
        return self._entries[0].sends_snapshots if self._entries else None

    def flush(self, whole: str | None) -> str:
        """Return the text that undecided entries still hold; `whole` as in `SnapshotDetector`."""
        if len(self._entries) != 1:
            whole = None
        return "".join(entry.flush(whole) for entry in self._entries)

    def entries(self) -> list[JSONObject] | None:
        """Return the assembled list, as a whole reply would hold it, or `None`."""
        return [entry.build() for entry in self._entries] or None

    def _entry_of(self, fields: JSONObject, taken: set[int]) -> _Entry:
        """Return the entry that `fields` continue, or a new one.

        An entry is known by index, id and type, of which a continuation may leave out the
        last two. Entries of one list (their positions are in `taken`) are different ones.
        """
        names = (fields.get("index"), fields.get("id"), fields.get("type"))
        if names == self._last[0] and not taken:
            taken.add(self._last[1])
            return self._entries[self._last[1]]
        whole_key = tuple(map(_key, names))
        index = whole_key[0]
        for key in (whole_key, (index,)):
            position = self._positions.get(key)
            if position is None or position in taken:
                continue
            if key is whole_key or self._entries[position].may_continue_with(fields):
                break
        else:
            position = len(self._entries)
            if position == limits.MAX_PARTS:
                raise mara_minimax.errors.InvalidReplyError(
                    f"The reasoning has more than {limits.MAX_PARTS} entries."
                )
            self._entries.append(_Entry(fields))
        self._positions[whole_key] = self._positions[(index,)] = position
        self._last = (names, position)
        taken.add(position)
        return self._entries[position]


class _Entry:
    """One entry of `reasoning_details` that is still being received."""

    __slots__ = ("_fields", "_snapshots", "_texts")

    def __init__(self, fields: JSONObject) -> None:
        self._fields = dict(fields)
        self._texts: list[str] = []
        self._snapshots = SnapshotDetector()

    def may_continue_with(self, fields: JSONObject) -> bool:
        """Whether id and type of `fields`, where given on both sides, are those of this entry."""
        pairs = [(self._fields.get(name), fields.get(name)) for name in ("id", "type")]
        return all(known is None or given is None or known == given for known, given in pairs)

    def decode(self, fields: JSONObject) -> str | None:
        """Take one delta and return the text that it adds, `None` if it holds none."""
        known = self._fields
        for name, value in fields.items():
            if known.get(name) is None:
                known[name] = value
        text = fields.get("text")
        if not text or not isinstance(text, str):
            return None
        text = self._snapshots.decode(text)
        self._texts.append(text)
        return text

    @property
    def sends_snapshots(self) -> bool | None:
        return self._snapshots.sends_snapshots

    def flush(self, whole: str | None) -> str:
        held = self._snapshots.flush(whole)
        self._texts.append(held)
        return held

    def build(self) -> JSONObject:
        text = "".join(self._texts)
        return {**self._fields, "text": text} if text else dict(self._fields)


def _key(value: object) -> str | int | None:
    """Return a part of an entry's key; other types than these name nothing."""
    return value if isinstance(value, str | int) else None
