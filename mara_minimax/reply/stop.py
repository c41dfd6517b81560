"""End text before the first stop sequence, for models that ignore `stop` without a word.

MiniMax-M2.7 does, in replies and streams (public probe of api.minimax.io, April 2026).
"""

from __future__ import annotations

from collections.abc import Sequence

from mara_minimax.reply.snapshots import length_to_hold


class StopDecoder:
    """Pass text through until a stop sequence; hold back at most its length less one.

    The first stop sequence is the one that is complete first, as for a model that checks
    while it writes; that also makes the result the same wherever a stream cuts the text.
    """

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
        hits = [
            (start + len(sequence), start)
            for sequence in self._sequences
            if (start := held.find(sequence)) >= 0
        ]
        if hits:
            self.stopped, self._held = True, ""
            return held[: min(hits)[1]]
        cut = len(held) - length_to_hold(held, self._sequences)
        self._held = held[cut:]
        return held[:cut]

    def flush(self) -> str:
        """Return what is still held, at the end of the text."""
        held, self._held = self._held, ""
        return held
