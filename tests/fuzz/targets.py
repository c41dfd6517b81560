"""The table of fuzz targets: what hypothesis draws, and what is checked of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis.strategies import SearchStrategy

from tests.fuzz import bodies, forms, histories, replies, stored, tags


@dataclass(frozen=True)
class Target:
    """One part of the library under inputs that nobody wrote."""

    name: str
    text: str
    cases: SearchStrategy[Any]
    check: Callable[[Any], int]
    """Raises for an input that breaks a property; returns how often the part was executed."""


TARGETS = {
    target.name: target
    for target in (
        Target("bodies", "any bytes as an answer", bodies.CASES, bodies.check_body),
        Target("forms", "well-formed answers of every form", forms.CASES, forms.check_form),
        Target("streams", "damaged streams", forms.DAMAGED, forms.check_damaged),
        Target("tags", "reasoning between tags, stop sequences", tags.CASES, tags.check_tags),
        Target("histories", "repair of histories", histories.CASES, histories.check_history),
        Target("replies", "hostile answers, all calls", replies.CASES, replies.check_reply),
        Target("stored", "stored messages", stored.CASES, stored.check_stored),
    )
}
