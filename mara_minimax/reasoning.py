"""Separate reasoning from answer text, in every form the providers use.

A whole reply and a stream take the same path through `ReasoningDecoder`.
"""

from __future__ import annotations

from mara_minimax.fragments import FragmentReader
from mara_minimax.models import ModelProfile
from mara_minimax.providers import Provider
from mara_minimax.reasoning_tags import StrayCloserDecoder, TagDecoder
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
        may_repeat = provider.may_send_cumulative
        self._details = DetailsAssembler(may_repeat=may_repeat)
        self._reader = FragmentReader() if may_repeat else None
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

    def decode_fields(self, part: JSONObject) -> str:
        """Return the reasoning that the fields of a `delta` or `message` add."""
        details = part.get("reasoning_details")
        text = self._details.add(details) if details else ""
        if not text or self._form in _TEXT_FIELDS:
            field = next((name for name in _TEXT_FIELDS if isinstance(part.get(name), str)), None)
            if field and (value := part[field]):
                self._form = self._form or field
                text = self._reader.read(value) if self._reader is not None else value
        self._channel = part.get("channel") or self._channel
        if details:
            self._form = self._form or "reasoning_details"
        if self._form == "inline":
            return ""
        return self._add(self._stray.decode(text)) if text else ""

    def decode_content(self, content: str) -> tuple[str, str]:
        """Return the reasoning and the answer text that a piece of `content` completes."""
        reasoning, text = self._tags.decode(content)
        return self._add_inline(reasoning), text

    def settle(self, message: JSONObject) -> str:
        """Return what undecided fragments held, now that the whole message is known."""
        held = self._details.flush()
        if self._reader is not None:
            field = next(
                (name for name in _TEXT_FIELDS if isinstance(message.get(name), str)), None
            )
            held = self._reader.flush(message[field] if field else None) or held
        return self._add(self._stray.decode(held)) if held else ""

    def flush(self) -> tuple[str, str]:
        """Return the reasoning and the text that were held back, at the end of the reply."""
        reasoning = self.settle({}) + self._add(self._stray.flush())
        inline, text = self._tags.flush()
        return reasoning + self._add_inline(inline), text

    def build(self) -> Reasoning | None:
        """Return all reasoning so far, `None` when there is none."""
        details = self._details.entries()
        if self._form is None and not (self._tags.prefix or self._tags.suffix):
            return None
        form = self._form or "inline"
        ends = self._tags if form == "inline" else self._stray
        return Reasoning(
            text="".join(self._text),
            form=form,
            provider=self._provider.name,
            family=self._profile.family,
            details=details,
            prefix=self._tags.prefix if form == "inline" else "",
            suffix=ends.suffix,
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


class DetailsAssembler:
    """Put the `reasoning_details` deltas of a stream together, entry by entry."""

    __slots__ = ("_entries", "_keys", "_readers", "_texts", "_watch")

    def __init__(self, *, may_repeat: bool) -> None:
        """`may_repeat` says that the provider may send snapshots instead of deltas."""
        self._entries: list[JSONObject] = []
        self._keys: dict[tuple[object, ...], int] = {}
        self._texts: list[list[str]] = []
        self._readers: list[FragmentReader | None] = []
        self._watch = may_repeat

    def add(self, details: object) -> str:
        """Take one chunk's list and return the text that it adds."""
        if not isinstance(details, list):
            return ""
        return "".join(self._add_entry(entry) for entry in details if isinstance(entry, dict))

    def _add_entry(self, entry: JSONObject) -> str:
        key = (entry.get("index"), entry.get("id"), entry.get("type"))
        position = self._keys.get(key)
        if position is None:
            position = self._keys[key] = len(self._entries)
            self._entries.append(dict(entry))
            self._texts.append([])
            self._readers.append(FragmentReader() if self._watch else None)
        else:
            known = self._entries[position]
            for name, value in entry.items():
                known.setdefault(name, value)
        text = entry.get("text")
        if not isinstance(text, str):
            return ""
        reader = self._readers[position]
        if reader is not None:
            text = reader.read(text)
        self._texts[position].append(text)
        return text

    def flush(self) -> str:
        """Return the text that undecided readers still hold."""
        added = ""
        for texts, reader in zip(self._texts, self._readers, strict=True):
            if reader is not None and (held := reader.flush()):
                texts.append(held)
                added += held
        return added

    def entries(self) -> list[JSONObject] | None:
        """Return the assembled list, as a whole reply would hold it, or `None`."""
        for entry, texts in zip(self._entries, self._texts, strict=True):
            if isinstance(entry.get("text"), str):
                entry["text"] = "".join(texts)
        return self._entries or None
