"""Finding the sentences of a context that fit a question best."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from mara_minimax.emulator.words import content_words, stem, stems

_SENTENCE_END = re.compile(
    r"(?<!\be\.g)(?<!\bi\.e)(?<!\bvs)(?<!\bDr)(?<!\bMr)(?<!\bMrs)(?<=[.!?])[\"')\]]*\s+"
    r"|(?<=[\u3002\uff01\uff1f])"
)
_HEADING = re.compile(r"#{1,6}\s+(.*)")
_SECTION = re.compile(r"#{2,6}\s")
_ITEM = re.compile(r"\s*(?:[-*\u2022]|\d{1,2}[.)])\s+(.*)")
_METADATA = re.compile(r"[A-Za-z_][\w ]{0,30}:\s*\S*")
_RULER = re.compile(r"[-=*_~|:+\s]{3,}")
_ASKS_NUMBER = re.compile(r"\b(when|how (?:many|much|long|old|far|high)|what year|which port)\b")
_LABEL = re.compile(r"(?:Content|Text|Page content|Excerpt|Passage)\s*:\s*", re.IGNORECASE)

NO_ANSWER = "The context does not tell anything"
"""How an answer begins when nothing overlaps."""

_ENOUGH_MATCHES = 2
_ENOUGH_COVERAGE = 0.34
_CLOSE_TO_BEST = 0.6
_HEADING_WEIGHT = 0.5
_SUMMARY_WORDS = """
    summary summarize summarise overview document text following main point key detail article
    topic content gist brief short describe description information include write section entity
    passage page file notes
"""
_SUMMARY_STEMS = frozenset(stem(word) for word in _SUMMARY_WORDS.split())


@dataclass(frozen=True)
class Sentence:
    """A sentence with the words of the heading above it."""

    text: str
    heading: str = ""
    weight: float = 1.0


@dataclass(frozen=True)
class Finding:
    """The sentences that answer a question and the word that led to them."""

    sentences: tuple[str, ...]
    topic: str
    coverage: float

    @property
    def text(self) -> str:
        """The sentences as one text."""
        closed = [
            text + (" " if text.endswith((".", "!", "?")) else "\n") for text in self.sentences
        ]
        return "".join(closed).strip()


def sentences(context: str) -> list[Sentence]:
    """The sentences of a text; Markdown headings, lists, tables and code are respected."""
    found: list[Sentence] = []
    for heading, paragraph, weight in _paragraphs(context):
        for piece in _SENTENCE_END.split(paragraph):
            text = piece.strip()
            if content_words(text):
                found.append(Sentence(text, heading, weight))
    return found


def find(question: str, context: str, limit: int = 3) -> Finding | None:
    """The one to three sentences that overlap most with the question; none if too little does."""
    candidates = sentences(context)
    if not candidates:
        return None
    asked = {stem(word): word for word in content_words(question)}
    if _asks_for_summary(question):
        leading = tuple(sentence.text for sentence in candidates[:limit])
        return Finding(leading, content_words(leading[0])[0], 1.0)
    bags = [(stems(item.text), stems(item.heading)) for item in candidates]
    rarity = _rarity([own | above for own, above in bags])
    scores = [
        item.weight * _score(asked, own, above, rarity)
        + (_kind_bonus(question, item.text) if asked.keys() & own else 0.0)
        for item, (own, above) in zip(candidates, bags, strict=True)
    ]
    best = max(range(len(scores)), key=scores.__getitem__)
    matched = asked.keys() & (bags[best][0] | bags[best][1])
    coverage = len(matched) / len(asked) if asked else 0.0
    if not matched or (len(matched) < _ENOUGH_MATCHES and coverage < _ENOUGH_COVERAGE):
        return None
    close = [place for place, score in enumerate(scores) if score >= _CLOSE_TO_BEST * scores[best]]
    close = sorted(sorted(close, key=lambda place: -scores[place])[:limit])
    chosen = tuple(dict.fromkeys(candidates[place].text for place in close))
    rarest = max(matched, key=lambda word: (rarity.get(word, 0.0), word))
    return Finding(chosen, asked[rarest], coverage)


def _asks_for_summary(question: str) -> bool:
    """Whether the first sentence of a question asks for no subject but for the gist."""
    return stems(_SENTENCE_END.split(question.strip())[0]) <= _SUMMARY_STEMS


def _rarity(bags: list[set[str]]) -> dict[str, float]:
    counts = Counter(word for bag in bags for word in bag)
    return {word: math.log(1 + len(bags) / count) for word, count in counts.items()}


def _score(
    asked: dict[str, str], own: set[str], above: set[str], rarity: dict[str, float]
) -> float:
    matched = sum(rarity[word] for word in asked if word in own)
    matched += _HEADING_WEIGHT * sum(
        rarity[word] for word in asked if word in above and word not in own
    )
    # Long sentences match by chance more often.
    return matched / (1 + len(own) / 60)


def _kind_bonus(question: str, text: str) -> float:
    """A little more for sentences with a number where one is asked for."""
    wants_number = _ASKS_NUMBER.search(question.lower())
    return 0.4 if wants_number and re.search(r"\d", text) else 0.0


def _paragraphs(context: str) -> Iterator[tuple[str, str, float]]:
    """Heading, text and weight of each paragraph, list item, table row and code block."""
    heading, lines, code = "", list[str](), False
    for line in [*context.splitlines(), ""]:
        stripped = line.strip()
        # A context cut into chunks may have lost the fence that closes its code.
        code = code and not _SECTION.match(stripped)
        fence = stripped.startswith("```")
        title = None if code else _HEADING.fullmatch(stripped)
        item = None if code else _ITEM.fullmatch(line)
        row = not code and stripped.startswith("|")
        ends = fence or title or item or row or (not code and _is_break(stripped, lines))
        if ends and lines:
            yield heading, " ".join(lines), 0.5 if code else 1.0
            lines = []
        if fence:
            code = not code
        elif title:
            heading = title.group(1)
        elif item:
            lines = [item.group(1).strip()]
        elif row:
            if not _RULER.fullmatch(stripped):
                cells = (cell.strip() for cell in stripped.strip("|").split("|"))
                yield heading, " | ".join(cells), 0.8
        elif not _is_break(stripped, lines) or code:
            lines.append(_LABEL.sub("", stripped, count=1))
    if lines:
        yield heading, " ".join(lines), 1.0


def _is_break(stripped: str, lines: list[str]) -> bool:
    if not stripped or _RULER.fullmatch(stripped):
        return True
    return not lines and bool(_METADATA.fullmatch(stripped))
