"""Words, stems and names in a text: the small amount of language the answer rules know."""

from __future__ import annotations

import re

_WORD = re.compile(r"[\u3400-\u9fff]|[^\W_]+(?:['\u2019][^\W_]+)*")
_SUFFIXES = (
    ("ations", ""), ("ation", ""), ("ically", "ic"), ("ingly", ""), ("ings", ""), ("ing", ""),
    ("iness", "y"), ("ies", "y"), ("ied", "y"), ("edly", ""), ("ed", ""), ("ers", ""),
    ("er", ""), ("ly", ""), ("ness", ""), ("'s", ""), ("\u2019s", ""), ("es", ""), ("s", ""),
)  # fmt: skip
_SHORTEST_STEM = 3
_TOPIC_WORDS = 6
_TOPIC_LENGTH = 80

_STOP_WORDS = """
    a about above after again all also am an and any are as at be because been before being below
    between both but by can could did do does doing done down during each else ever every few for
    from further get gets give given go got had has have having he her here hers him his how i if
    in into is it its itself just know let like make may me might more most much must my near need
    no nor not now of off on once one only or other our out over own per please same say says
    shall she should show since so some such take tell than that the their them then there these
    they this those through to too under until up upon us use used uses using very want was way we
    were what when where which while who whom whose why will with within without would you your
    yours hi hello hey thanks thank ok okay yes many kind called call happen happens mean means
    work works exactly really actually
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())

_NAME = re.compile(
    r"[A-Z][\w'\u2019-]*(?:\.[A-Z]\.?)?(?:\s+(?:(?:of|de|del|la|van|von|the)\s+)?[A-Z][\w'\u2019-]*)*"
)
_SENTENCE_OPENERS = """
    extract parse summarize summarise generate write create list find search look explain describe
    compute calculate add subtract multiply divide translate convert return respond answer question
    query context text note remember today tomorrow yesterday i'm im what's who's it's let's compare
    check share imagine suppose book set turn send order classify name input fill record thought
"""
_OPENERS = frozenset(_SENTENCE_OPENERS.split())


def stem(word: str) -> str:
    """A crude stem: common endings off, a doubled last consonant single, no final e."""
    word = word.lower()
    for suffix, replacement in _SUFFIXES:
        if word.endswith(suffix) and not word.endswith(("ss", "us", "is")):
            shorter = word[: len(word) - len(suffix)] + replacement
            if len(shorter) >= _SHORTEST_STEM:
                word = shorter
                break
    if len(word) > _SHORTEST_STEM and word[-1] == word[-2] and word[-1] not in "lse":
        word = word[:-1]
    if len(word) > _SHORTEST_STEM and word.endswith("e"):
        word = word[:-1]
    return word


def words(text: str) -> list[str]:
    """All words, in order; snake_case and camelCase fall apart into theirs."""
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z][a-z])", " ", text)
    return _WORD.findall(text)


def content_words(text: str) -> list[str]:
    """Words that are no stop words, in order, in their own spelling."""
    return [word for word in words(text) if not _is_stop_word(word)]


def _is_stop_word(word: str) -> bool:
    """Contractions such as "what's" and "I'm" count as their first part."""
    return re.split("['\u2019]", word.lower())[0] in STOP_WORDS


def stems(text: str) -> set[str]:
    """Stems of the content words."""
    return {stem(word) for word in content_words(text)}


def names(text: str) -> list[str]:
    """Capitalised phrases that look like names, in order, without words that open sentences."""
    found = []
    for match in _NAME.finditer(text):
        parts = match.group().split()
        while parts and _opens_sentence(parts[0]):
            parts.pop(0)
        while parts and parts[-1] in ("of", "de", "del", "la", "van", "von", "the"):
            parts.pop()
        phrase = re.sub(r"['\u2019]s$", "", " ".join(parts))
        if phrase and phrase != "I":
            found.append(phrase)
    return found


def _opens_sentence(word: str) -> bool:
    return word.lower() in _OPENERS or _is_stop_word(word)


def topic(question: str, fallback: str = "that") -> str:
    """The stretch of the last question, or else sentence, that says what it is about."""
    last = [part for part in re.split(r"(?<=[.!?])\s+", question.strip()) if content_words(part)]
    if not last:
        return fallback
    asking = [part for part in last if part.endswith("?")]
    sentence = (asking or last)[-1]
    kept = content_words(sentence)[:_TOPIC_WORDS]
    start = sentence.find(kept[0])
    end = sentence.rfind(kept[-1]) + len(kept[-1])
    stretch = sentence[start:end]
    return stretch if start >= 0 and len(stretch) <= _TOPIC_LENGTH else " ".join(kept)
