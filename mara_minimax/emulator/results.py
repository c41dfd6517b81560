"""Answers from tool results: short ones are quoted whole, long ones by their best sentences."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mara_minimax.emulator.prompt import Step
from mara_minimax.emulator.retrieval import find

_QUOTED_WHOLE = 400
_VALUE = re.compile(r"\s*[^\s.!?]{1,40}\s*")


def answer_from_results(question: str, steps: Sequence[Step]) -> str:
    """One statement for each result, which it repeats word for word."""
    return " ".join(_statement(question, step) for step in steps)


def _statement(question: str, step: Step) -> str:
    result = step.result.strip()
    if not result:
        return f"{step.name} returned nothing."
    if len(result) > _QUOTED_WHOLE:
        finding = find(question, result)
        if finding is not None:
            return finding.text
        return f"What {step.name} returned does not tell that."
    if _VALUE.fullmatch(result):
        return f"The result of {step.name} is {result}."
    closed = result if result.endswith((".", "!", "?")) else f"{result}."
    return f"{step.name} says: {closed}"
