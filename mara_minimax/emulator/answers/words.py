"""Words, stems and names in a text: the small amount of language the answer rules know."""

from __future__ import annotations

import re

_WORD = re.compile(r"[\u3400-\u9fff]|[^\W_]+(?:['\u2019][^\W_]+)*")
_SUFFIX = re.compile(r"(?:ations?|ings?|ies|ied|edly|ed|ers?|ly|['\u2019]?s|es|e)$")
_SHORTEST_STEM = 3
_TOPIC_WORDS = 6
_COMMON = """
    a about after all also am an and any are as at be been before but by can could did do does each
    for from get give had has have he hello her here hi him his how i if in into is it its just know
    let like make many may me might more most much must my no not of off ok on one only or other our
    out over please same say she should show so some such take tell than thank that the their them
    then there these they this those to too under up us use very want was we were what when where
    which while who whom whose why will with within without would yes you your
"""
_STOP_WORDS = frozenset(_COMMON.split())
_NAME = re.compile(r"[A-Z][\w'\u2019-]*(?:\s+[A-Z][\w'\u2019-]*)*")
_SENTENCE_OPENS = re.compile(r"(?:\A|[.!?\n])[\s\"'(]*\Z")


def stem(word: str) -> str:
    """A crude stem: one ending off, a doubled last consonant single."""
    word = word.lower()
    shorter = word if word.endswith("ss") else _SUFFIX.sub("", word)
    if len(shorter) < _SHORTEST_STEM:
        return word
    return shorter[:-1] if shorter[-1] == shorter[-2] else shorter


def content_words(text: str) -> list[str]:
    """Words other than stop words, in order; snake_case falls apart into its words."""
    return [word for word in _WORD.findall(text) if not _is_stop_word(word)]


def stems(text: str) -> set[str]:
    """Stems of the content words."""
    return {stem(word) for word in content_words(text)}


def names(text: str) -> list[str]:
    """Capitalised phrases, in order; those that open a sentence and may be no names, last."""
    inside: list[str] = []
    opening: list[str] = []
    for match in _NAME.finditer(text):
        parts = match.group().split()
        while parts and _is_stop_word(parts[0]):
            parts.pop(0)
        if parts:
            opens = len(parts) == 1 and _SENTENCE_OPENS.search(text[: match.start()])
            (opening if opens else inside).append(re.sub(r"['\u2019]s$", "", " ".join(parts)))
    return inside + opening


def topic(question: str) -> str:
    """The stretch of the last sentence that says what it is about; empty if nothing does."""
    sentences = [part for part in re.split(r"(?<=[.!?])\s+", question) if content_words(part)]
    if not sentences:
        return ""
    asking = [part for part in sentences if part.rstrip().endswith("?")]
    sentence = (asking or sentences)[-1]
    kept = content_words(sentence)[:_TOPIC_WORDS]
    return sentence[sentence.find(kept[0]) : sentence.rfind(kept[-1]) + len(kept[-1])]


def _is_stop_word(word: str) -> bool:
    """Contractions such as "what's" and "I'm" count as their first part."""
    return re.split("['\u2019]", word.lower())[0] in _STOP_WORDS
