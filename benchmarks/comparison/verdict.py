"""What a check found: an answer and the observation behind it."""

from __future__ import annotations

import re
from dataclasses import dataclass

BUILTIN_FAMILIES = (ValueError, TypeError, RuntimeError, LookupError, AttributeError)
"""Errors that frameworks catch, and that say nothing about a provider."""


@dataclass(frozen=True)
class Verdict:
    """`answer` is `yes`, `partly`, `no` or `n/a`."""

    answer: str
    evidence: str


def yes(evidence: str) -> Verdict:
    return Verdict("yes", _tidy(evidence))


def partly(evidence: str) -> Verdict:
    return Verdict("partly", _tidy(evidence))


def no(evidence: str) -> Verdict:
    return Verdict("no", _tidy(evidence))


def not_applicable(evidence: str) -> Verdict:
    return Verdict("n/a", _tidy(evidence))


class NotOffered(Exception):
    """The integration has no such setting or method."""


def judge_error(error: BaseException, *words: str) -> Verdict:
    """A typed error is what a caller can act on, if it repeats the provider's words where asked."""
    name = type(error).__name__
    text = str(error)
    if isinstance(error, BUILTIN_FAMILIES):
        return no(f"raises `{name}`: {text}")
    if not words:
        return yes(f"raises `{name}`")
    if any(word in text for word in words):
        return yes(f"raises `{name}` with the provider's words")
    return partly(f"raises `{name}`: {text}")


def _tidy(text: str) -> str:
    """One short line without addresses of this run and without colour."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", " ".join(text.split()))
    text = re.sub(r"127\.0\.0\.1:\d+|port=\d+|0x[0-9a-f]+", "…", text)
    text = text.replace("|", "/").replace("<", "&lt;")
    return text if len(text) <= 160 else f"{text[:159]}…"
