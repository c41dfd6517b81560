"""Find reasoning between tags in text, wherever a stream cuts them. Pure, no wire knowledge."""

from __future__ import annotations

from functools import cache
from typing import Final, Literal

from mara_minimax.reply.snapshots import length_to_hold

TAGS: Final = {"<think>": "</think>", "<mm:think>": "</mm:think>"}
"""Opening and closing tags: M2 and DeepSeek, and M3 as self-hosted servers send it
(https://github.com/vllm-project/vllm/pull/46042, 2026)."""

CLOSERS: Final = tuple(TAGS.values())
_UNSURE: Final = ("<thinking>", "</thinking>")
"""What M2.5, M2.7 and M3 write at times (public reports, among them
https://github.com/QwenLM/qwen-code/issues/3228, 2026-04), and what answers quote more often."""

MAX_WHITESPACE: Final = 4
"""White space held where a tag may follow or end; servers write up to three line breaks."""

_State = Literal["start", "opened", "inside", "unsure", "after", "breaks", "text"]


class TagDecoder:
    """Split content into reasoning and text at tags that may be cut anywhere.

    An opening tag counts only at the start of the content, and where content goes on after
    tool calls (`restart`): an answer that quotes `<think>` is left alone. A second one right
    behind it is a part of it: servers write one, and the model its own (vLLM 0.33 and SGLang
    0.5.23 with their append parsers, tried in 2026-11). `<thinking>` counts once it is closed
    and text follows, so that till then all is held back; of other content at most a tag is,
    with the white space before it.

    `starts_inside` is for models whose chat template writes the opening tag itself, so that
    only the closing tag arrives. It is a guess until a tag comes: see `withdraw`.
    """

    __slots__ = (
        "_closers", "_fresh", "_held", "_keeps_tags", "_opener", "_pieces", "_reopens",
        "_resume", "_state", "_suffix", "_tail", "guesses", "prefix",
    )  # fmt: skip

    def __init__(self, *, starts_inside: bool = False) -> None:
        """Start at the beginning of the content."""
        self._state: _State = "start"
        self._resume: _State = "text"
        """What content is that begins without a tag."""
        self._held = ""
        self._tail = ""
        self._pieces: list[str] = []
        self._fresh = True
        self._opener = ""
        self._reopens = False
        self._keeps_tags = True
        self._closers: tuple[str, ...] = CLOSERS if starts_inside else ()
        self._suffix: list[str] = []
        self.guesses = starts_inside
        """Whether content counts as reasoning although no tag said so."""
        self.prefix = ""
        """The opening tag with its white space, `""` before it was seen."""

    @property
    def in_text(self) -> bool:
        """Whether all that follows is answer text."""
        return self._state == "text"

    @property
    def suffix(self) -> str:
        """The closing tag with its white space, `""` before it was seen."""
        return "".join(self._suffix)

    def decode(self, fragment: str) -> tuple[str, str]:
        """Return the reasoning and the text that `fragment` completes."""
        if self._state == "text":
            return "", fragment
        if self._state == "unsure":
            return self._decode_unsure(fragment)
        held, self._held = self._held + fragment, ""
        match self._state:
            case "opened":
                return self._decode_opened(held)
            case "inside":
                return self._decode_inside(held)
            case "start":
                return self._decode_start(held)
        return "", self._decode_resumed(held)

    def expect_text(self, *, without_breaks: bool) -> None:
        """Take content for text that no tag opens: the reasoning has a field of its own.

        `without_breaks` leaves out line breaks that stand before the text.
        """
        if self._state == "start" and self._fresh:
            self.guesses, self._closers = False, ()
            self._resume = "breaks" if without_breaks else "text"

    def restart(self) -> None:
        """Let a tag count again: tool calls, or a finish reason, stand before what follows.

        MiniMax-M2.7 ends its calls with a tag of its own, which opens nothing, and closes its
        reasoning after them (chunks logged by a public proxy, 2026-03).
        """
        if self._state == "inside":
            self._reopens = not self.guesses
        elif self._state in ("after", "breaks", "text"):
            self._keeps_tags = self._keeps_tags and not (self.prefix or self._suffix)
            self._resume, self._state, self._fresh = self._state, "start", False

    def release(self) -> str:
        """Return as text what is held, where something other than content follows."""
        if self._state == "unsure":
            return self._give_up()
        if self._state != "start" or self.guesses or self._held.strip():
            return ""
        held, self._held = self._held, ""
        return self._decode_resumed(held) if held else ""

    def withdraw(self) -> str:
        """Stop to guess; return held content, which with all before it is text after all."""
        held, self._held = self._held, ""
        self.guesses, self._closers = False, ()
        self._state = "text" if self._state == "inside" else self._state
        return held

    def flush(self) -> tuple[str, str]:
        """Return what is still held, at the end of the content."""
        if self._state == "unsure":
            return "", self._give_up()
        held, self._held = self._held, ""
        if self._state == "opened":
            return self._begin_inside(held), ""
        if self._state == "inside" or self.guesses:
            return held, ""
        return "", self._decode_resumed(held) if held else ""

    def _decode_start(self, held: str) -> tuple[str, str]:
        body = held.lstrip()
        whitespace = len(held) - len(body)
        if whitespace <= MAX_WHITESPACE:
            for opener, closer in TAGS.items():
                if body.startswith(opener):
                    self._opener, self._closers, self.guesses = opener, (closer,), False
                    self._state = "opened"
                    self._add_prefix(held[: whitespace + len(opener)])
                    return self._decode_opened(body[len(opener) :])
                if body.startswith(closer):
                    # A stray closer: nothing was thought, or it stands elsewhere.
                    return "", self._close(held, 0, whitespace + len(closer))
            unsure = _UNSURE[:1] if self._fresh and not self.guesses else ()
            if body.startswith(unsure):
                self._state = "unsure"
                return self._decode_unsure(held)
            if any(tag.startswith(body) for tag in (*TAGS, *CLOSERS, *unsure)):
                self._held = held
                return "", ""
        if self.guesses:
            return self._decode_inside(held)
        return "", self._decode_resumed(held)

    def _decode_opened(self, held: str) -> tuple[str, str]:
        """Read what follows an opening tag: another one, or reasoning."""
        while True:
            body = held.lstrip()
            whitespace = len(held) - len(body)
            if whitespace > MAX_WHITESPACE or not body.startswith(self._opener):
                break
            self._add_prefix(held[: whitespace + len(self._opener)])
            held = body[len(self._opener) :]
        if whitespace <= MAX_WHITESPACE and self._opener.startswith(body):
            self._held = held
            return "", ""
        return self._decode_inside(self._begin_inside(held))

    def _begin_inside(self, held: str) -> str:
        """Return what follows an opening tag without the line break that belongs to it."""
        self._state = "inside"
        if not held.startswith("\n"):
            return held
        self._add_prefix("\n")
        return held[1:]

    def _decode_inside(self, held: str) -> tuple[str, str]:
        self._state = "inside"
        if self._reopens:
            body = held.lstrip()
            near = len(held) - len(body) <= MAX_WHITESPACE
            if near and body.startswith(self._opener):
                self._reopens = self._keeps_tags = False
                self._state = "opened"
                return self._decode_opened(body[len(self._opener) :])
            if near and self._opener.startswith(body):
                self._held = held
                return "", ""
            self._reopens = False
        hits = [(start, tag) for tag in self._closers if (start := held.find(tag)) >= 0]
        if hits:
            start, closer = min(hits)
            end = start + len(closer)
            # The line break before the tag belongs to it.
            start -= held.endswith("\n", 0, start)
            return held[:start], self._close(held, start, end)
        cut = len(held) - length_to_hold(held, beginnings(self._closers))
        self._held = held[cut:]
        return held[:cut], ""

    def _decode_unsure(self, fragment: str) -> tuple[str, str]:
        """Read on behind `<thinking>`: is it closed, and does text follow?"""
        self._pieces.append(fragment)
        opener, closer = _UNSURE
        window = self._tail + fragment
        if self._closers:
            # Closed before.
            if fragment.isspace():
                return "", ""
        elif closer in window:
            self._closers = (closer,)
        else:
            self._tail = window[1 - len(closer) :]
            return "", ""
        whole = "".join(self._pieces)
        start = whole.index(opener) + len(opener)
        if not whole[whole.index(closer, start) + len(closer) :].strip():
            return "", ""
        self._add_prefix(whole[:start])
        return self._decode_inside(self._begin_inside(whole[start:]))

    def _give_up(self) -> str:
        """Return all that stands behind `<thinking>`, and the tag, as text."""
        text = "".join(self._pieces)
        self._state, self._closers = "start", ()
        return self._decode_resumed(text)

    def _close(self, held: str, start: int, end: int) -> str:
        self._state, self._resume, self._closers, self.guesses = "after", "after", (), False
        self._add_suffix(held[start:end])
        return self._decode_resumed(held[end:])

    def _decode_resumed(self, held: str) -> str:
        """Return content without a tag as text, less the white space that belongs before it."""
        if self._state == "start":
            self._state = self._resume
        text = held
        if self._state == "breaks":
            text = held.lstrip("\r\n")
        elif self._state == "after":
            text = held.lstrip()
            self._add_suffix(held[: len(held) - len(text)])
        if text:
            self._state = "text"
        return text

    def _add_prefix(self, tag: str) -> None:
        if self._keeps_tags:
            self.prefix += tag

    def _add_suffix(self, tag: str) -> None:
        if self._keeps_tags:
            self._suffix.append(tag)


@cache
def beginnings(closers: tuple[str, ...]) -> tuple[str, ...]:
    """Return what to hold back of text that may end in a closing tag."""
    return tuple("\n" + closer for closer in closers) + closers
