"""Separate reasoning from answer text, in every form the providers use.

A whole reply and a stream take the same path through `ReasoningDecoder`.
"""

from __future__ import annotations

from mara_minimax.providers.endpoints import Provider
from mara_minimax.providers.models import ModelProfile
from mara_minimax.reply.closers import StrayCloserDecoder, split_at_lone_closer
from mara_minimax.reply.details import DetailsDecoder
from mara_minimax.reply.repeats import SharedText
from mara_minimax.reply.snapshots import SnapshotDetector
from mara_minimax.reply.tags import TagDecoder
from mara_minimax.types import REASONING_TEXT_FIELDS, JSONObject, Reasoning, ReasoningForm


class ReasoningDecoder:
    """Read the reasoning of one reply, once, whatever forms it comes in.

    A chunk may hold the same text as `reasoning_details` and as `reasoning_content`, some
    hosts mirror it between tags in `content`, and some say it in one field after another: what
    repeats is read once (`SharedText`). The form seen first is the one that is sent back.
    """

    def __init__(self, provider: Provider, profile: ModelProfile, *, starts_inside: bool) -> None:
        """`starts_inside` as in `TagDecoder`."""
        self._provider = provider
        self._profile = profile
        self._details = DetailsDecoder()
        self._snapshots: dict[ReasoningForm, SnapshotDetector] = {}
        self._shared = SharedText()
        self._stray = StrayCloserDecoder()
        self._tags = TagDecoder(starts_inside=starts_inside)
        self._form: ReasoningForm | None = None
        self._channel: str | None = None
        self._text: list[str] = []
        self._withdrawn = ""
        self.begins_part = False
        """Whether another message or delta has begun since the last reading."""

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
        if self._form == "reasoning_details":
            return self._details.sends_snapshots
        snapshots = self._snapshots.get(self._form) if self._form else None
        return snapshots.sends_snapshots if snapshots else None

    def decode_fields(self, part: JSONObject) -> str:
        """Return the reasoning that the fields of a `delta` or `message` add.

        Content that a setting made reasoning before the first of them is withdrawn.
        """
        added = ""
        text = self._details.decode(part.get("reasoning_details"))
        if text is not None:
            added = self._read("reasoning_details", text)
        for field in REASONING_TEXT_FIELDS:
            value = part.get(field)
            if value and isinstance(value, str):
                added += self._read_fragment(field, value)
        if self._channel is None and isinstance(channel := part.get("channel"), str):
            self._channel = channel
        return added

    def decode_content(self, content: str) -> tuple[str, str]:
        """Return the reasoning and the answer text that a piece of `content` completes."""
        reasoning, text = self._tags.decode(content)
        return self._add_inline(reasoning), text

    def withdraw(self) -> str:
        """Return content that is reasoning only because of a setting: it is the answer."""
        if not self._tags.guesses:
            return ""
        # Nothing else was read: a field, or a tag, ends the guess.
        text = "".join(self._text)
        self._text.clear()
        self._form, self._shared = None, SharedText()
        return text + self._tags.withdraw()

    def release(self) -> str:
        """Return reasoning that was held back, where the answer begins."""
        return self._add(self._stray.release()) if self._stray.held else ""

    def take_withdrawn(self) -> str:
        """Return content that a field showed to be text, once."""
        withdrawn, self._withdrawn = self._withdrawn, ""
        return withdrawn

    def release_content(self) -> str:
        """Return content that was held back and is text, where tool calls begin."""
        return self._tags.release()

    def restart(self) -> None:
        """Let tags count again in the content that follows."""
        self._tags.restart()

    def settle(self, message: JSONObject) -> str:
        """Return what undecided fragments held, and what only the whole `message` has."""
        whole = _whole_text(message)
        added = ""
        if self._details:
            added = self._read("reasoning_details", self._details.flush(whole), late=True)
        for field, snapshots in self._snapshots.items():
            added += self._read(field, snapshots.flush(whole), late=True)
        if whole is not None:
            added += self._add(self._stray.decode(self._shared.missing(whole)))
        return added

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

    def split_at_closer(self, text: str) -> tuple[Reasoning | None, str]:
        """Return the reasoning that a lone closing tag ends within `text`, and the answer."""
        split = split_at_lone_closer(text)
        if split is None:
            return None, text
        thought, suffix, answer = split
        return Reasoning(
            text=thought,
            form="inline",
            provider=self._provider.name,
            family=self._profile.family,
            suffix=suffix,
        ), answer

    def _add(self, reasoning: str) -> str:
        if reasoning:
            self._text.append(reasoning)
        return reasoning

    def _read_fragment(self, field: ReasoningForm, fragment: str) -> str:
        """Return what a field adds; where another one sends deltas, so does this."""
        snapshots = self._snapshots.get(field)
        if snapshots is None:
            snapshots = self._snapshots[field] = SnapshotDetector()
        held = ""
        if snapshots.sends_snapshots is None and any(
            sibling.sends_snapshots is False for sibling in self._snapshots.values()
        ):
            held = snapshots.flush(sibling_is_snapshot=False)
        return self._read(field, held + snapshots.decode(fragment))

    def _read(self, field: ReasoningForm, text: str, *, late: bool = False) -> str:
        if self._form is None or self._tags.guesses:
            # No setting makes content reasoning where reasoning has a field.
            self._tags.expect_text(without_breaks=self._provider.leaves_line_breaks)
            self._withdrawn += self.withdraw()
        if self._form is None:
            self._form = "reasoning_details" if self._details else field
        if not text:
            return ""
        self._begin_part()
        return self._add(self._stray.decode(self._shared.read(field, text, late=late)))

    def _begin_part(self) -> None:
        if self.begins_part:
            self.begins_part = False
            self._shared.begin_part()

    def _add_inline(self, reasoning: str) -> str:
        if not reasoning:
            return ""
        self._form = self._form or "inline"
        self._begin_part()
        added = self._shared.read("inline", reasoning, apart=True)
        return self._add(added if self._form == "inline" else self._stray.decode(added))


def _whole_text(message: JSONObject) -> str | None:
    """Return the reasoning of a whole message, `None` where no field holds any."""
    for name in REASONING_TEXT_FIELDS:
        value = message.get(name)
        if value and isinstance(value, str):
            return value
    details = message.get("reasoning_details")
    return DetailsDecoder().decode(details)
