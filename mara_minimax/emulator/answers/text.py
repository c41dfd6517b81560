"""The small amount of language that the answer rules know: words, names, sentences that fit."""

from __future__ import annotations

import re

_ENDING = re.compile(r"(?:['\u2019]s|ations?|ings?|ed|es|s|e)$")
_STOP_WORDS = """
    about also and any are been but can could did does for from get give had has have hello her
    here his how into its just know let like make many may more most much not one only other our
    out please said same say she should some such take tell than thank that the their them then
    there these they this those use very want was were what what's when where which while who why
    will with would you your
"""
_COMMON = frozenset(_STOP_WORDS.split())
_NAME = re.compile(r"[A-Z][\w'\u2019-]*(?: [A-Z][\w'\u2019-]*)*")
_SENTENCE_OPENS = re.compile(r"(?:\A|[.!?\n])[\s\"'(]*\Z")
_NUMBER = r"(\d{1,9}(?:\.\d{1,9})?)"
_SUM = re.compile(rf"(?<![\w.+*/-]){_NUMBER} ?([-+*]|times) ?{_NUMBER}(?! ?[-+*/\w])")
_MOST = 3
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n\s*\n|\n(?=[-*#|])")


def words(text: str) -> set[str]:
    """Words of three letters and more, without the commonest and without their endings."""
    found = re.findall(r"[^\W_]{2,}(?:['\u2019]\w+)?", text.lower())
    return {_ENDING.sub("", word) for word in found if len(word) > 2 and word not in _COMMON}


def names(text: str) -> list[str]:
    """Capitalised phrases, in order; those that open a sentence and may be no names, last."""
    inside: list[str] = []
    opening: list[str] = []
    for match in _NAME.finditer(text):
        phrase = re.sub("['\u2019]s$", "", match.group())
        start = match.start()
        opens = " " not in phrase and _SENTENCE_OPENS.search(text, max(start - 5, 0), start)
        if len(phrase) > 1 and phrase.lower() not in _COMMON:
            (opening if opens else inside).append(phrase)
    return inside + opening


def find_sum(text: str) -> tuple[str, str, str] | None:
    """The first two numbers of a text with what is done with them."""
    found = _SUM.search(text)
    if found is None:
        return None
    left, sign, right = found.groups()
    return left, sign.replace("times", "*"), right


def find(question: str, text: str) -> str:
    """The sentences that share most words with the question; empty if they share too few."""
    asked = words(question)
    sentences = [" ".join(part.split()).strip("#-*| ") for part in _SENTENCE_END.split(text)]
    scores = [len(asked & words(sentence)) for sentence in sentences]
    best = max(scores)
    if best < 2 and (not best or len(asked) > 2):
        return ""
    found = [each for each, score in zip(sentences, scores, strict=True) if score == best]
    return " ".join(found[:_MOST])
