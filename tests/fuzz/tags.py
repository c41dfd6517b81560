"""Reasoning between tags: each character stands on one side, wherever the text is cut."""

from __future__ import annotations

import itertools

from mara_minimax.reply.closers import StrayCloserDecoder, split_at_lone_closer
from mara_minimax.reply.snapshots import FragmentReader
from mara_minimax.reply.stop import StopScanner
from mara_minimax.reply.tags import TagDecoder
from tests.core.wire import cut
from tests.fuzz.source import Source, cuts, pick, several, text

WORDS = (
    "a", "\n", " ", "<think>", "</think>", "<mm:think>", "</mm:think>", "<", "</", "think>", "<mm:",
    "\n\n\n", "\t", "\u3000", "x < y", "</th", "ink>",
)  # fmt: skip
SEQUENCES = ("a", "aa", "\n", "<", "</think>", "ab", " a", "")


def check_tags(source: Source) -> int:
    """Check the decoders of text; return how often a text was decoded."""
    whole = text(source, WORDS, 10)
    pieces = cut(whole, cuts(source, len(whole), 6))
    _check_tag_decoder(whole, pieces, starts_inside=bool(source.below(2)))
    _check_stray_closer(whole, pieces)
    _check_stop(whole, pieces, several(source, 3, lambda source: pick(source, SEQUENCES)))
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
    scanner = StopScanner(sequences)
    shown = "".join([*map(scanner.decode, pieces), scanner.flush()])
    found = [(whole.find(s) + len(s), whole.find(s)) for s in sequences if s and s in whole]
    assert scanner.stopped == bool(found)
    assert shown == (whole[: min(found)[1]] if found else whole)


def _check_fragments(pieces: list[str]) -> None:
    """Assert that fragments give either their sum or, where each repeats the last, the last."""
    reader = FragmentReader()
    shown = "".join([*map(reader.read, pieces), reader.flush()])
    real = [piece for piece in pieces if piece]
    grows = all(b.startswith(a) and len(b) > len(a) for a, b in itertools.pairwise(real))
    assert shown == "".join(pieces) or (grows and shown == real[-1])
