"""Find closing tags that no opening one precedes: in fields of reasoning, and in whole texts."""

from __future__ import annotations

import re

from mara_minimax.reply.snapshots import length_to_hold
from mara_minimax.reply.tags import CLOSERS, MAX_WHITESPACE, TAGS, beginnings


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
        if self.held.strip() in CLOSERS:
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


_CLOSER_BEGINNINGS = beginnings(CLOSERS)
_CLOSER_AT_END = re.compile(rf"\n?</(?:mm:)?think>\s{{0,{MAX_WHITESPACE}}}\Z")
_LONGEST_CLOSER = max(map(len, _CLOSER_BEGINNINGS)) + MAX_WHITESPACE


def _closer_at_end(text: str) -> int:
    """Return where a whole or begun closing tag, with white space around it, starts."""
    match = _CLOSER_AT_END.search(text, max(len(text) - _LONGEST_CLOSER, 0))
    if match:
        return match.start()
    return len(text) - length_to_hold(text, _CLOSER_BEGINNINGS)
