"""1,000 async streams of 50 chunks at once, each subject in a process of its own.

Twice: with several events in one HTTP chunk, as in the other scenarios, and event by event,
where the cost of reading from the socket is most of all subjects' CPU time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmarks.measure import failure, summarize
from benchmarks.processes import ProcessFailed, run_module
from benchmarks.scenarios.streams import Row
from benchmarks.serving import Server, Target
from benchmarks.subjects.langchain import CHAT_MINIMAX, CHAT_OPENAI
from benchmarks.subjects.llama_index import MINIMAX, OPENAI_LIKE
from benchmarks.subjects.raw import RAW
from benchmarks.subjects.subject import Subject
from benchmarks.wire import Script

CHUNKS = 50


def measure(server: Server, quick: bool) -> list[Row]:
    """Run each subject in turn, several times."""
    streams = 200 if quick else 1000
    together = f"{streams:,} concurrent streams"
    cases = {together: f"gathered-{streams}"}
    if not quick:
        cases[f"{together}, event by event"] = f"gathered-single-{streams}"
    rows: list[Row] = []
    for case, delivery in cases.items():
        target = server.target(Script("text", CHUNKS), delivery)
        main = (CHAT_MINIMAX, CHAT_OPENAI)
        subjects = main if quick else (*main, MINIMAX, OPENAI_LIKE, *RAW)
        rows += measure_crowd(target, case, streams, subjects, rounds=1 if quick else 3)
    return rows


def measure_crowd(
    target: Target, case: str, streams: int, subjects: Sequence[Subject], *, rounds: int
) -> list[Row]:
    """Return the microseconds per stream of each subject, whose streams all run at once."""
    names = [subject.name for subject in subjects]
    ours = {subject.name for subject in subjects if subject.kind == "ours"}
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    failed: dict[str, Row] = {}
    for _ in range(rounds):
        for name in names:
            if name in failed:
                continue
            try:
                found[name].append(
                    run_module(
                        "benchmarks.crowd",
                        subject=name,
                        url=target.url,
                        streams=streams,
                        chunks=CHUNKS,
                    )
                )
            except ProcessFailed as error:
                if name in ours:
                    raise
                failed[name] = failure(case, name, error)
    return [*failed.values(), *(_row(case, name, runs) for name, runs in found.items() if runs)]


def _row(case: str, name: str, runs: list[dict[str, Any]]) -> Row:
    return {
        "case": case,
        "subject": name,
        "unit": "µs per stream",
        "cpu": summarize([run["cpu"] for run in runs]),
        "wall": summarize([run["wall"] for run in runs]),
        "added_peak_mib": summarize([run["added_peak_mib"] for run in runs]),
        "errors": sum(run["errors"] for run in runs),
        "incomplete": sum(run["incomplete"] for run in runs),
        "reasons": [kind for run in runs for kind in run["kinds"]][:3],
    }
