"""The rows of a run, and how a figure is found in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

Row = dict[str, Any]
Rows = Sequence[Row]


def find(rows: Rows, case: str, subject: str) -> Row:
    """Return the row of a subject in a case."""
    for row in rows:
        if row["case"] == case and row["subject"] == subject and "error" not in row:
            return row
    raise KeyError((case, subject))


def cpu(rows: Rows, case: str, subject: str) -> float:
    """Return the median CPU time of a subject in a case."""
    return float(find(rows, case, subject)["cpu"]["median"])


def ratio(case: str, above: str, below: str) -> Callable[[Rows], float]:
    """Return the figure: CPU of one subject divided by that of another."""
    return lambda rows: cpu(rows, case, above) / cpu(rows, case, below)
