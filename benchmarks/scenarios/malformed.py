"""Whether a character of a call's arguments costs more in long ones, where they are no JSON."""

from __future__ import annotations

from benchmarks.malformed_work import MALFORMED_WORK
from benchmarks.measure import growth, row
from benchmarks.scenarios.streams import Row
from benchmarks.serving import Server

SHORT, LONG = 5_000, 80_000


def measure(server: Server, quick: bool) -> list[Row]:
    """Measure both adapters in each form of a reply; the server has no part in it."""
    del server
    rounds = 3 if quick else 7
    return [
        row(
            work.name,
            work.package,
            "µs per 1,000 characters",
            growth(work.prepare, few=SHORT, many=LONG, rounds=rounds, per=1_000),
        )
        for work in MALFORMED_WORK
    ]
