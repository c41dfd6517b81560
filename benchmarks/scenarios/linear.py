"""Whether an item costs more among many, in all work of ours on messages, streams and chunks."""

from __future__ import annotations

from benchmarks.long_work import LONG_WORK
from benchmarks.measure import growth, row
from benchmarks.scenarios.streams import Row
from benchmarks.serving import Server

FEW, MANY = 250, 2_000


def measure(server: Server, quick: bool) -> list[Row]:
    """Measure each kind of work in both lengths; the server has no part in it."""
    del server
    rounds = 5 if quick else 11
    return [
        row(
            long.name,
            long.package,
            "µs per item",
            growth(long.prepare, few=FEW, many=MANY, rounds=rounds),
        )
        for long in LONG_WORK
    ]
