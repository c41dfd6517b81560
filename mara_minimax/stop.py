"""End text before the first stop sequence, for models that ignore `stop` without a word.

MiniMax-M2.7 does, in replies and streams (public probe of api.minimax.io, April 2026).
"""

from __future__ import annotations

from collections.abc import Sequence


class StopScanner:
    """Pass text through until a stop sequence; hold back at most its length less one."""

    __slots__ = ("_held", "_sequences", "stopped")

    def __init__(self, sequences: Sequence[str]) -> None:
        """`sequences` are plain strings; empty ones are ignored."""
        self._sequences = tuple(sequence for sequence in sequences if sequence)
        self._held = ""
        self.stopped = False

    def decode(self, fragment: str) -> str:
        """Return the text that is certain to precede every stop sequence."""
        if self.stopped:
            return ""
        held = self._held + fragment
        hits = [position for s in self._sequences if (position := held.find(s)) >= 0]
        if hits:
            self.stopped, self._held = True, ""
            return held[: min(hits)]
        cut = len(held) - self._open_tail(held)
        self._held = held[cut:]
        return held[:cut]

    def flush(self) -> str:
        """Return what is still held, at the end of the text."""
        held, self._held = self._held, ""
        return held

    def _open_tail(self, held: str) -> int:
        longest = 0
        for sequence in self._sequences:
            for length in range(min(len(sequence) - 1, len(held)), longest, -1):
                if held.endswith(sequence[:length]):
                    longest = length
                    break
        return longest
