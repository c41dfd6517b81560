"""Finding the sentences of a text that fit a question best, by the words they share."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable

from mara_minimax.emulator.answers.words import content_words, stems

# A heading ends with its line: a marked one, or a short line before a capital letter.
_HEADING = re.compile(r"^(#+ .*|.{1,60}[^\s.!?,;:])\n(?=#|[A-Z])", re.MULTILINE)
_BLOCK_END = re.compile(r"\n\s*\n|\n(?=[ \t]*(?:[-*#|]|\d{1,2}[.)] ))")
_SENTENCE_END = re.compile(
    r"(?<!\be\.g\.)(?<!\bi\.e\.)(?<=[.!?])[\"')\]]*\s+|(?<=[\u3002\uff01\uff1f])"
)
_MARKS = "#-*| \t"

_ENOUGH_MATCHES = 2
_ENOUGH_COVERAGE = 0.34
_CLOSE_TO_BEST = 0.6


def sentences(text: str) -> list[str]:
    """The sentences of a text; headings, list items and table rows stand alone."""
    found = []
    for block in _BLOCK_END.split(_HEADING.sub(r"\1\n\n", text.replace("**", ""))):
        for sentence in _SENTENCE_END.split(" ".join(block.split())):
            bare = sentence.strip(_MARKS)
            if content_words(bare):
                found.append(bare)
    return found


def find(question: str, text: str, limit: int = 3) -> str:
    """The one to three sentences that share most with the question; empty if too few words."""
    asked = stems(question)
    candidates = [(sentence, stems(sentence)) for sentence in sentences(text)]
    rarity = _rarity([bag for _, bag in candidates])
    # Long sentences match by chance more often.
    scores = [sum(map(rarity, asked & bag)) / (1 + len(bag) / 60) for _, bag in candidates]
    best = max(range(len(scores)), key=scores.__getitem__, default=None)
    if best is None:
        return ""
    matched = len(asked & candidates[best][1])
    if matched < _ENOUGH_MATCHES and matched <= _ENOUGH_COVERAGE * len(asked):
        return ""
    close = [place for place, score in enumerate(scores) if score >= _CLOSE_TO_BEST * scores[best]]
    close = sorted(sorted(close, key=lambda place: -scores[place])[:limit])
    return " ".join(dict.fromkeys(candidates[place][0] for place in close))


def _rarity(bags: list[set[str]]) -> Callable[[str], float]:
    counts = Counter(word for bag in bags for word in bag)
    return lambda word: math.log(1 + len(bags) / counts[word])
