"""Find reasoning between tags in text, wherever a stream cuts them. Pure, no wire knowledge."""

from __future__ import annotations

import re
from typing import Final

TAGS: Final = {"<think>": "</think>", "<mm:think>": "</mm:think>"}
"""Opening and closing tags: M2 and DeepSeek, and M3 as self-hosted servers send it
(https://github.com/vllm-project/vllm/pull/46042, 2026)."""

_MAX_WHITESPACE: Final = 16
"""White space held while a tag may follow it; more than that is text."""


class TagDecoder:
    """Split content into reasoning and text at tags that may be cut anywhere.

    An opening tag counts only at the start of the content: an answer that quotes `<think>`
    is left alone. `starts_inside` is for models whose chat template writes the opening tag
    itself, so that only the closing tag arrives.

    At most a tag (with the line break before it) is held back.
    """

    __slots__ = ("_held", "_inside", "_starts_inside", "_text", "closers", "prefix", "suffix")

    def __init__(self, *, starts_inside: bool = False) -> None:
        """Start at the beginning of the content."""
        self._held = ""
        self._text = False
        self._starts_inside = starts_inside
        self._inside = False
        self.closers: tuple[str, ...] = tuple(TAGS.values())
        self.prefix = ""
        self.suffix = ""

    @property
    def in_text(self) -> bool:
        """Whether all that follows is answer text."""
        return self._text

    @property
    def found(self) -> bool:
        """Whether a tag was seen."""
        return bool(self.prefix or self.suffix)

    def decode(self, fragment: str) -> tuple[str, str]:
        """Return the reasoning and the text that `fragment` completes."""
        if self._text:
            return "", fragment
        held = self._held + fragment
        if self._inside:
            return self._decode_inside(held)
        if self.suffix:
            return "", self._decode_after(held)
        return self._decode_start(held)

    def flush(self) -> tuple[str, str]:
        """Return what is still held, at the end of the content."""
        held, self._held = self._held, ""
        if self._inside:
            return held, ""
        if held.strip() in TAGS:
            self.prefix = held
            return "", ""
        self._text = True
        return "", held

    def _decode_start(self, held: str) -> tuple[str, str]:
        body = held.lstrip()
        whitespace = len(held) - len(body)
        for opener, closer in TAGS.items():
            if body.startswith(opener):
                after = body[len(opener) :]
                if not after:
                    # The line break after the tag belongs to it and may come next.
                    break
                end = whitespace + len(opener) + after.startswith("\n")
                self.prefix, self.closers, self._inside = held[:end], (closer,), True
                return self._decode_inside(held[end:])
        for closer in TAGS.values():
            if body.startswith(closer):
                # A stray closer before the answer: nothing was thought, or it stands elsewhere.
                end = whitespace + len(closer)
                self.suffix = held[:end]
                return "", self._decode_after(held[end:])
        if whitespace <= _MAX_WHITESPACE and _may_become(body, (*TAGS, *TAGS.values())):
            self._held = held
            return "", ""
        if self._starts_inside:
            self._inside = True
            return self._decode_inside(held)
        self._text, self._held = True, ""
        return "", held

    def _decode_inside(self, held: str) -> tuple[str, str]:
        start, closer = _find_first(held, self.closers)
        if start >= 0:
            begin = start - held.startswith("\n", start - 1) if start else 0
            end = start + len(closer)
            self._inside = False
            self.suffix = held[begin:end]
            return held[:begin], self._decode_after(held[end:])
        keep = _tail_that_may_become(held, tuple("\n" + tag for tag in self.closers))
        keep = max(keep, _tail_that_may_become(held, self.closers))
        cut = len(held) - keep
        self._held = held[cut:]
        return held[:cut], ""

    def _decode_after(self, held: str) -> str:
        """Drop the white space between closing tag and answer, keeping it in `suffix`."""
        text = held.lstrip()
        self.suffix += held[: len(held) - len(text)]
        self._held = ""
        self._text = bool(text)
        return text


class StrayCloserDecoder:
    """Read reasoning from a field of its own, without the closing tag that M3 may leave.

    Source of the stray closer: a public client's live check of MiniMax-M3 (2026).
    """

    __slots__ = ("_held", "suffix")

    def __init__(self) -> None:
        """Start with nothing held."""
        self._held = ""
        self.suffix = ""

    def decode(self, fragment: str) -> str:
        """Return the reasoning that `fragment` completes."""
        held = self._held + fragment
        cut = _closer_at_end(held)
        self._held = held[cut:]
        return held[:cut]

    def flush(self) -> str:
        """Return what is still held; a complete stray closer goes to `suffix` instead."""
        held, self._held = self._held, ""
        if held.strip() in TAGS.values():
            self.suffix = held
            return ""
        return held


_LONE_CLOSER = re.compile(r"(?:\A|\n)?</(?:mm:)?think>(?=\n|\Z)\s*")


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


def _find_first(text: str, tags: tuple[str, ...]) -> tuple[int, str]:
    """Return the position and the tag of the earliest of `tags`, or -1."""
    hits = [(position, tag) for tag in tags if (position := text.find(tag)) >= 0]
    return min(hits) if hits else (-1, "")


def _may_become(text: str, tags: tuple[str, ...]) -> bool:
    return any(tag.startswith(text) for tag in tags)


def _tail_that_may_become(text: str, tags: tuple[str, ...]) -> int:
    """Return the length of the longest end of `text` that begins one of `tags`."""
    longest = 0
    for tag in tags:
        for length in range(min(len(tag) - 1, len(text)), longest, -1):
            if text.endswith(tag[:length]):
                longest = length
                break
    return longest


def _closer_at_end(text: str) -> int:
    """Return where a whole or begun closing tag, with white space around it, starts."""
    body = text.rstrip()
    trailing = len(text) - len(body)
    for closer in TAGS.values():
        if body.endswith(closer) and trailing <= _MAX_WHITESPACE:
            start = len(body) - len(closer)
            return start - 1 if text[start - 1 : start] == "\n" else start
    if text.endswith("\n"):
        # The line break before a closing tag belongs to it, wherever the stream is cut.
        return len(text) - 1
    closers = tuple(TAGS.values())
    keep = max(
        _tail_that_may_become(text, closers),
        _tail_that_may_become(text, tuple("\n" + closer for closer in closers)),
    )
    return len(text) - keep
