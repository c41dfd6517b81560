"""Reasoning between tags: each character stands on one side, wherever the text is cut."""

from __future__ import annotations

import itertools

from hypothesis import strategies as st

from mara_minimax.reply.closers import StrayCloserDecoder, split_at_lone_closer
from mara_minimax.reply.snapshots import SnapshotDetector
from mara_minimax.reply.stop import StopDecoder
from mara_minimax.reply.tags import TagDecoder
from tests.core.wire import cut

_WORDS = (
    "a", "\n", " ", "<think>", "</think>", "<mm:think>", "</mm:think>", "<", "</", "think>", "<mm:",
    "\n\n\n", "\t", "\u3000", "x < y", "</th", "ink>",
)  # fmt: skip
_SEQUENCES = ("a", "aa", "\n", "<", "</think>", "ab", " a", "")

CASES = st.tuples(
    # Words, of which some are cut where they end and some in themselves.
    st.lists(st.tuples(st.sampled_from(_WORDS), st.integers(0, 8), st.booleans()), max_size=10),
    st.booleans(),
    st.lists(st.sampled_from(_SEQUENCES), max_size=3),
)


def check_tags(case: tuple[list[tuple[str, int, bool]], bool, list[str]]) -> int:
    """Check the decoders of text; return how often a text was decoded."""
    words, starts_inside, sequences = case
    whole, positions = "", []
    for word, place, is_cut in words:
        positions += [len(whole) + min(place, len(word))] * is_cut
        whole += word
    pieces = cut(whole, positions)
    _check_tag_decoder(whole, pieces, starts_inside=starts_inside)
    _check_stray_closer(whole, pieces)
    _check_stop(whole, pieces, sequences)
    _check_fragments(pieces)
    if split := split_at_lone_closer(whole):
        assert "".join(split) == whole
    return 7


def _check_tag_decoder(whole: str, pieces: list[str], *, starts_inside: bool) -> None:
    results = []
    for given in ([whole], pieces, list(whole)):
        decoder = TagDecoder(starts_inside=starts_inside)
        parts = [decoder.decode(piece) for piece in given] + [decoder.flush()]
        reasoning = "".join(part[0] for part in parts)
        answer = "".join(part[1] for part in parts)
        results.append((decoder.prefix, reasoning, decoder.suffix, answer))
    assert "".join(results[0]) == whole
    assert results[1] == results[0]
    assert results[2] == results[0]


def _check_stray_closer(whole: str, pieces: list[str]) -> None:
    results = []
    for given in ([whole], pieces):
        decoder = StrayCloserDecoder()
        shown = "".join([*map(decoder.decode, given), decoder.flush()])
        results.append((shown, decoder.suffix))
    assert "".join(results[0]) == whole
    assert results[1] == results[0]


def _check_stop(whole: str, pieces: list[str], sequences: list[str]) -> None:
    scanner = StopDecoder(sequences)
    shown = "".join([*map(scanner.decode, pieces), scanner.flush()])
    found = [(whole.find(s) + len(s), whole.find(s)) for s in sequences if s and s in whole]
    assert scanner.stopped == bool(found)
    assert shown == (whole[: min(found)[1]] if found else whole)


def _check_fragments(pieces: list[str]) -> None:
    """Assert that fragments give either their sum or, where each repeats the last, the last."""
    reader = SnapshotDetector()
    shown = "".join([*map(reader.decode, pieces), reader.flush()])
    real = [piece for piece in pieces if piece]
    grows = all(b.startswith(a) and len(b) > len(a) for a, b in itertools.pairwise(real))
    assert shown == "".join(pieces) or (grows and shown == real[-1])
