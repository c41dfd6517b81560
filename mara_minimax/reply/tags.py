"""Find reasoning between tags in text, wherever a stream cuts them. Pure, no wire knowledge."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from mara_minimax.reply.snapshots import length_to_hold

TAGS: Final = {"<think>": "</think>", "<mm:think>": "</mm:think>"}
"""Opening and closing tags: M2 and DeepSeek, and M3 as self-hosted servers send it
(https://github.com/vllm-project/vllm/pull/46042, 2026)."""

_CLOSERS: Final = tuple(TAGS.values())

_MAX_WHITESPACE: Final = 4
"""White space held where a tag may follow or end; servers write up to three line breaks."""


class TagDecoder:
    """Split content into reasoning and text at tags that may be cut anywhere.

    An opening tag counts only at the start of the content: an answer that quotes `<think>`
    is left alone. `starts_inside` is for models whose chat template writes the opening tag
    itself, so that only the closing tag arrives.

    At most a tag, with the white space before it, is held back.
    """

    __slots__ = ("_after", "_closers", "_held", "_inside", "_suffix", "in_text", "prefix")

    def __init__(self, *, starts_inside: bool = False) -> None:
        """Start at the beginning of the content."""
        self._held = ""
        self._after = False
        self._inside = False
        self._closers: tuple[str, ...] = _CLOSERS if starts_inside else ()
        self._suffix: list[str] = []
        self.prefix = ""
        """The opening tag with its white space, `""` before it was seen."""
        self.in_text = False
        """Whether all that follows is answer text."""

    @property
    def suffix(self) -> str:
        """The closing tag with its white space, `""` before it was seen."""
        return "".join(self._suffix)

    def decode(self, fragment: str) -> tuple[str, str]:
        """Return the reasoning and the text that `fragment` completes."""
        if self.in_text:
            return "", fragment
        held, self._held = self._held + fragment, ""
        if self._inside:
            return self._decode_inside(held)
        if self._after:
            return "", self._decode_after(held)
        return self._decode_start(held)

    def release(self) -> str:
        """Return held white space as text, where something other than content follows."""
        if self._inside or self._after or self._closers or self._held.strip():
            return ""
        held, self._held = self._held, ""
        self.in_text = bool(held)
        return held

    def flush(self) -> tuple[str, str]:
        """Return what is still held, at the end of the content."""
        held, self._held = self._held, ""
        if self._inside:
            return held, ""
        if held.strip() in TAGS:
            self.prefix = held
            return "", ""
        if self._closers:
            return held, ""
        return "", held

    def _decode_start(self, held: str) -> tuple[str, str]:
        body = held.lstrip()
        whitespace = len(held) - len(body)
        if whitespace <= _MAX_WHITESPACE:
            for opener, closer in TAGS.items():
                # The line break after the tag belongs to it and may come next.
                if body.startswith(opener) and body != opener:
                    end = whitespace + len(opener) + body.startswith("\n", len(opener))
                    self.prefix, self._closers = held[:end], (closer,)
                    return self._decode_inside(held[end:])
                if body.startswith(closer):
                    # A stray closer: nothing was thought, or it stands elsewhere.
                    return "", self._close(held, 0, whitespace + len(closer))
            if any(tag.startswith(body) for pair in TAGS.items() for tag in pair):
                self._held = held
                return "", ""
        if self._closers:
            return self._decode_inside(held)
        self.in_text = True
        return "", held

    def _decode_inside(self, held: str) -> tuple[str, str]:
        self._inside = True
        hits = [(start, tag) for tag in self._closers if (start := held.find(tag)) >= 0]
        if hits:
            start, closer = min(hits)
            end = start + len(closer)
            # The line break before the tag belongs to it.
            start -= held.endswith("\n", 0, start)
            return held[:start], self._close(held, start, end)
        cut = len(held) - length_to_hold(held, _beginnings(self._closers))
        self._held = held[cut:]
        return held[:cut], ""

    def _close(self, held: str, start: int, end: int) -> str:
        self._inside, self._after, self._closers = False, True, ()
        self._suffix.append(held[start:end])
        return self._decode_after(held[end:])

    def _decode_after(self, held: str) -> str:
        """Move the white space between closing tag and answer to the suffix."""
        text = held.lstrip()
        self._suffix.append(held[: len(held) - len(text)])
        self.in_text = bool(text)
        return text


class StrayCloserDecoder:
    """Read reasoning from a field of its own, without the closing tag that M3 may leave.

    Source of the stray closer: a public client's live check of MiniMax-M3 (2026).
    """

    __slots__ = ("held", "suffix")

    def __init__(self) -> None:
        """Start with nothing held."""
        self.held = ""
        """A closing tag, or what may begin one, at the end of the reasoning so far."""
        self.suffix = ""
        """The stray closer with its white space, `""` before the end or when there is none."""

    def decode(self, fragment: str) -> str:
        """Return the reasoning that `fragment` completes."""
        if not self.held and "<" not in fragment and "\n" not in fragment:
            # No closing tag begins here.
            return fragment
        text = self.held + fragment
        cut = _closer_at_end(text)
        self.held = text[cut:]
        return text[:cut]

    def release(self) -> str:
        """Return what is held where the answer begins, unless it is a whole closing tag."""
        if self.held.strip() in _CLOSERS:
            return ""
        held, self.held = self.held, ""
        return held

    def flush(self) -> str:
        """Return what is still held at the end; a whole stray closer goes to `suffix`."""
        released = self.release()
        self.suffix, self.held = self.held, ""
        return released


_LONE_CLOSER = re.compile(r"\n?</(?:mm:)?think>(?=\n|\Z)\s*")


def split_at_lone_closer(text: str) -> tuple[str, str, str] | None:
    """Return (reasoning, tag with white space, answer) of a text that has only a closing tag.

    Servers whose template writes the opening tag send that (DeepSeek-V3.1 on SambaNova,
    captured 2026-02). The tag counts only at the end of a line and once, so that an answer
    that speaks of it is left alone.
    """
    matches = list(_LONE_CLOSER.finditer(text))
    if len(matches) != 1 or any(opener in text for opener in TAGS):
        return None
    match = matches[0]
    return text[: match.start()], match.group(), text[match.end() :]


@cache
def _beginnings(closers: tuple[str, ...]) -> tuple[str, ...]:
    return tuple("\n" + closer for closer in closers) + closers


_CLOSER_BEGINNINGS = _beginnings(_CLOSERS)
_CLOSER_AT_END = re.compile(rf"\n?</(?:mm:)?think>\s{{0,{_MAX_WHITESPACE}}}\Z")
_LONGEST_CLOSER = max(map(len, _CLOSER_BEGINNINGS)) + _MAX_WHITESPACE


def _closer_at_end(text: str) -> int:
    """Return where a whole or begun closing tag, with white space around it, starts."""
    match = _CLOSER_AT_END.search(text, max(len(text) - _LONGEST_CLOSER, 0))
    if match:
        return match.start()
    return len(text) - length_to_hold(text, _CLOSER_BEGINNINGS)
