"""The content of a message: reasoning between tags, then text; in deltas, or as snapshots."""

from __future__ import annotations

from mara_minimax.reply.answer_text import AnswerText
from mara_minimax.reply.reasoning import ReasoningDecoder
from mara_minimax.reply.snapshots import SnapshotDetector
from mara_minimax.types import Delta


class ContentDecoder:
    """Read content into deltas, which get the reasoning and the text that it completes."""

    def __init__(self, reasoning: ReasoningDecoder, text: AnswerText) -> None:
        """Start before the first content."""
        self._reasoning = reasoning
        self._text = text
        self._snapshots = SnapshotDetector()
        self._in_text = False
        """Whether all that comes is text, and no reasoning is held back before it."""
        self._received: list[str] = []
        self._length = 0

    def __bool__(self) -> bool:
        """Whether any content was read."""
        return bool(self._received)

    def decode(self, content: str, delta: Delta) -> None:
        """Take the content of one delta, or of a message that nothing was streamed of."""
        if not self._snapshots.are_deltas:
            content = self._snapshots.decode(content)
        self._read(content, delta)

    def decode_missing(self, whole: str, delta: Delta) -> None:
        """Take the content of a message that may repeat what was streamed."""
        if held := self._snapshots.flush(whole or None):
            self._read(held, delta)
        if len(whole) <= self._length:
            # Nothing is missing. Joining for each of many short frames would take quadratic time.
            return
        received = "".join(self._received)
        self._received[:] = [received]
        if whole.startswith(received):
            self._read(whole[len(received) :], delta)

    def expect_reasoning(self) -> None:
        """Look for tags again, and for reasoning that is held back until text follows."""
        self._in_text = False

    def flush(self, delta: Delta) -> None:
        """Give out what was held while it could have been a snapshot."""
        self._read(
            self._snapshots.flush(sibling_is_snapshot=self._reasoning.sends_snapshots), delta
        )

    def _read(self, content: str, delta: Delta) -> None:
        if not content:
            return
        self._received.append(content)
        self._length += len(content)
        if self._in_text:
            delta.text += self._text.decode(content)
            return
        reasoning, text = self._reasoning.decode_content(content)
        delta.reasoning += reasoning
        if text:
            delta.reasoning += self._reasoning.release()
            delta.text += self._text.decode(text)
            self._in_text = self._reasoning.in_text
