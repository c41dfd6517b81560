"""What a fragment of a stream adds, and how much of it may have to wait for the next one."""

from __future__ import annotations

from collections.abc import Sequence


class SnapshotDetector:
    """Tell fragments that add (deltas) from fragments that repeat all so far (snapshots).

    Every raw capture of MiniMax streams holds deltas, but the sample code in its documents
    reads snapshots, and several clients report them from some hosts
    (https://platform.minimax.io/docs/api-reference/text-openai-api, 2026-11).

    The evidence: in a snapshot stream every fragment begins with the whole fragment before it
    and is longer. One fragment that does not is proof of deltas, and from then on everything
    passes through. Growth twice in a row over a prefix of at least 32 characters, 8 of them
    different, is taken as proof of snapshots: deltas may repeat all so far once, as a refrain
    or the head of a table does, and short words ("a", "and") or rules of dashes often. In
    between a fragment could be either, so it is held until the next one. A stream that ends
    undecided is settled by the whole text where the provider repeats it, by what the stream's
    reasoning turned out to be, or by weaker growth, and else by deltas, the only form ever
    captured.
    """

    __slots__ = ("_added", "_first", "_held", "_last", "_sends_snapshots", "are_deltas")

    def __init__(self) -> None:
        """Start undecided."""
        self.are_deltas = False
        """Whether that was proved, so that `decode` returns what it is given."""
        self._sends_snapshots = False
        self._first = ""
        self._last = ""
        self._held: list[str] = []
        self._added: list[str] = []
        """Deltas that followed the snapshot `_last`."""

    def decode(self, fragment: str) -> str:
        """Return the new text that `fragment` brings, `""` while undecided."""
        if self.are_deltas or not fragment:
            return fragment
        if self._sends_snapshots:
            return self._decode_snapshot(fragment)
        last, self._last = self._last, fragment
        if not last:
            self._first = fragment
            return fragment
        self._held.append(fragment)
        if len(fragment) <= len(last) or not fragment.startswith(last):
            return self._decide(sends_snapshots=False)
        if len(self._held) >= 2 and _is_evidence(last, length=32, alphabet=8):
            return self._decide(sends_snapshots=True)
        return ""

    @property
    def sends_snapshots(self) -> bool | None:
        """Whether the stream was proved to repeat itself, `None` while that is open."""
        return self._sends_snapshots if self._sends_snapshots or self.are_deltas else None

    def flush(self, whole: str | None = None, *, sibling_is_snapshot: bool | None = None) -> str:
        """Settle an undecided stream and return what was held.

        `whole` is the complete text where the provider repeats it at the end of the stream.
        `sibling_is_snapshot` is the `sends_snapshots` of another text of the same stream.
        """
        if self.are_deltas or self._sends_snapshots:
            return ""
        if whole is not None:
            as_deltas = self._first + "".join(self._held)
            return self._decide(
                sends_snapshots=not whole.startswith(as_deltas) and whole.startswith(self._last)
            )
        if sibling_is_snapshot is not None:
            return self._decide(sends_snapshots=bool(self._held) and sibling_is_snapshot)
        grows = _is_evidence(self._first, length=32, alphabet=8)
        if len(self._held) >= 2:
            # Growth twice in a row; only laughter, rules and word families do that in deltas.
            grows = _is_evidence(self._held[-2], length=8, alphabet=5)
        return self._decide(sends_snapshots=bool(self._held) and grows)

    def _decide(self, *, sends_snapshots: bool) -> str:
        self.are_deltas, self._sends_snapshots = not sends_snapshots, sends_snapshots
        held, self._held = self._held, []
        if not sends_snapshots:
            return "".join(held)
        return held[-1][len(self._first) :]

    def _decode_snapshot(self, fragment: str) -> str:
        if len(fragment) > len(self._last):
            # Never for most deltas, so that what came before is not copied for each of them.
            last = self._last = self._last + "".join(self._added)
            self._added.clear()
            if fragment.startswith(last):
                self._last = fragment
                return fragment[len(last) :]
        if self._last.startswith(fragment):
            # An older snapshot sent again: nothing new.
            return ""
        # The host changes over to deltas within the stream.
        self._added.append(fragment)
        return fragment


def length_to_hold(text: str, sequences: Sequence[str]) -> int:
    """Return the length of the longest end of `text` that begins one of `sequences`.

    Sequences that `text` holds completely are the caller's to find first.
    """
    size = len(text)
    longest = 0
    for sequence in sequences:
        start = text.find(sequence[0], max(size - len(sequence) + 1, 0))
        while 0 <= start < size - longest:
            if sequence.startswith(text[start:]):
                longest = size - start
                break
            start = text.find(sequence[0], start + 1)
    return longest


def _is_evidence(prefix: str, *, length: int, alphabet: int) -> bool:
    return len(prefix) >= length and len(set(prefix)) >= alphabet
