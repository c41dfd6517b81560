"""Separate reasoning from answer text, in every form the providers use.

A whole reply and a stream take the same path through `ReasoningDecoder`.
"""

from __future__ import annotations

from typing import Any

import mara_minimax
from mara_minimax import limits
from mara_minimax.providers.endpoints import Provider
from mara_minimax.providers.models import ModelProfile
from mara_minimax.reply.snapshots import SnapshotDetector
from mara_minimax.reply.tags import StrayCloserDecoder, TagDecoder
from mara_minimax.types import JSONObject, Reasoning, ReasoningForm

_TEXT_FIELDS: tuple[ReasoningForm, ...] = ("reasoning_content", "reasoning")
REASONING_FIELDS = frozenset({*_TEXT_FIELDS, "reasoning_details", "channel"})
"""Fields of a message or delta that this module reads."""


class ReasoningDecoder:
    """Read the reasoning of one reply, once, whatever forms it comes in.

    A chunk may hold the same text as `reasoning_details` and as `reasoning_content`, and some
    hosts mirror it between tags in `content`: the form seen first is read, the others only
    where that one is missing.
    """

    def __init__(self, provider: Provider, profile: ModelProfile, *, starts_inside: bool) -> None:
        """`starts_inside` as in `TagDecoder`."""
        self._provider = provider
        self._profile = profile
        self._details = DetailsDecoder()
        self._snapshots = SnapshotDetector()
        self._stray = StrayCloserDecoder()
        self._tags = TagDecoder(starts_inside=starts_inside)
        self._form: ReasoningForm | None = None
        self._channel: str | None = None
        self._text: list[str] = []

    def __bool__(self) -> bool:
        """Whether any reasoning was read."""
        return self._form is not None

    @property
    def in_text(self) -> bool:
        """Whether content can be taken for answer text without looking for tags."""
        return self._tags.in_text

    @property
    def sends_snapshots(self) -> bool | None:
        """Whether the reasoning came as snapshots, `None` where that stayed open."""
        return (
            self._details.sends_snapshots
            if self._form == "reasoning_details"
            else self._snapshots.sends_snapshots
        )

    def decode_fields(self, part: JSONObject) -> str:
        """Return the reasoning that the fields of a `delta` or `message` add."""
        # The details are kept also where their text is not read.
        text = self._details.decode(part.get("reasoning_details"))
        if (text is None or self._form in _TEXT_FIELDS) and (field := _text_field(part)):
            self._form = self._form or ("reasoning_details" if self._details else field)
            value: str = part[field]
            text = self._snapshots.decode(value)
        if text is None:
            return ""
        self._form = self._form or "reasoning_details"
        if self._channel is None and isinstance(channel := part.get("channel"), str):
            self._channel = channel
        if self._form == "inline" or not text:
            return ""
        return self._add(self._stray.decode(text))

    def decode_content(self, content: str) -> tuple[str, str]:
        """Return the reasoning and the answer text that a piece of `content` completes."""
        reasoning, text = self._tags.decode(content)
        return self._add_inline(reasoning), text

    def release(self) -> str:
        """Return reasoning that was held back, where the answer begins."""
        return self._add(self._stray.release()) if self._stray.held else ""

    def release_content(self) -> str:
        """Return white space of the content that was held back, where tool calls begin."""
        return "" if self._tags.in_text else self._tags.release()

    def settle(self, message: JSONObject) -> str:
        """Return what undecided fragments held, now that the whole message is known."""
        whole = message[field] if (field := _text_field(message)) else None
        held = self._details.flush(whole)
        if self._form != "reasoning_details":
            held = ""
        held += self._snapshots.flush(whole)
        if self._form == "inline" or not held:
            return ""
        return self._add(self._stray.decode(held))

    def flush(self) -> tuple[str, str]:
        """Return the reasoning and the text that were held back, at the end of the reply."""
        reasoning = self.settle({}) + self._add(self._stray.flush())
        inline, text = self._tags.flush()
        return reasoning + self._add_inline(inline), text

    def build(self) -> Reasoning | None:
        """Return all reasoning so far, `None` when there is none."""
        details = self._details.entries()
        form = self._form
        if form is None:
            if not (details or self._tags.prefix or self._tags.suffix):
                return None
            form = "reasoning_details" if details else "inline"
        return Reasoning(
            text="".join(self._text),
            form=form,
            provider=self._provider.name,
            family=self._profile.family,
            details=details,
            prefix=self._tags.prefix if form == "inline" else "",
            suffix=self._tags.suffix if form == "inline" else self._stray.suffix,
            channel=self._channel,
        )

    def _add(self, reasoning: str) -> str:
        if reasoning:
            self._text.append(reasoning)
        return reasoning

    def _add_inline(self, reasoning: str) -> str:
        if not reasoning or self._form not in (None, "inline"):
            return ""
        self._form = "inline"
        return self._add(reasoning)


def _text_field(part: JSONObject) -> ReasoningForm | None:
    """Return the name of the first field that holds reasoning as text."""
    for name in _TEXT_FIELDS:
        value = part.get(name)
        if value and isinstance(value, str):
            return name
    return None


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
