"""Take times: CPU of this process first, wall time beside it, in turns, with their spread."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any

Summary = dict[str, float]


def summarize(samples: list[float]) -> Summary:
    """Return median and quartiles."""
    middle = statistics.median(samples)
    if len(samples) < 2:
        return {"median": middle, "q1": middle, "q3": middle, "n": len(samples)}
    q1, _, q3 = statistics.quantiles(samples, n=4, method="inclusive")
    return {"median": middle, "q1": q1, "q3": q3, "n": len(samples)}


def in_turns(
    runs: Mapping[str, Callable[[], object]],
    *,
    rounds: int,
    per: float = 1.0,
    prepare: Callable[[str], None] | None = None,
) -> dict[str, dict[str, Summary]]:
    """Run all once in each round and return the summaries of CPU and wall microseconds.

    A round is A, B, C, and the next begins again with A, so that a slow moment of the machine
    meets all of them. What lives before the first round is frozen and costs no garbage
    collection; the collector stays on for what a run makes, since users pay for that too.

    Args:
        runs: What to run, by name; each was run before, so that nothing is cold.
        rounds: How often each is run.
        per: What one run is divided by, for example its number of chunks.
        prepare: Called with the name before each run, outside of the time taken.
    """
    samples: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in runs}
    gc.collect()
    gc.freeze()
    try:
        for _ in range(rounds):
            for name, run in runs.items():
                if prepare is not None:
                    prepare(name)
                gc.collect()
                cpu, wall = times_of(run)
                samples[name][0].append(cpu * 1e6 / per)
                samples[name][1].append(wall * 1e6 / per)
    finally:
        gc.unfreeze()
    return {
        name: {"cpu": summarize(cpu), "wall": summarize(wall)}
        for name, (cpu, wall) in samples.items()
    }


def growth(
    prepare: Callable[[int], Callable[[], object]],
    *,
    few: int,
    many: int,
    rounds: int,
    per: int = 1,
) -> dict[str, Any]:
    """Return what `per` of `many` items cost in microseconds, and `growth`: times those of `few`.

    Both do the same number of items in a turn; work that costs the same for each gives 1.
    """
    short, long = prepare(few), prepare(many)

    def short_often() -> None:
        for _ in range(many // few):
            short()

    short_often()
    long()
    figures = in_turns({"few": short_often, "many": long}, rounds=rounds, per=many / per)
    ratio = figures["many"]["cpu"]["median"] / figures["few"]["cpu"]["median"]
    return {**figures["many"], "growth": ratio}


def times_of(run: Callable[[], object]) -> tuple[float, float]:
    """Return the seconds of CPU and of wall time that one run takes."""
    wall, cpu = time.perf_counter(), time.process_time()
    run()
    return time.process_time() - cpu, time.perf_counter() - wall


def row(
    case: str, subject: str, unit: str, figures: Mapping[str, Any], **more: Any
) -> dict[str, Any]:
    """Return one line of the results."""
    return {"case": case, "subject": subject, "unit": unit, **figures, **more}


def failure(case: str, subject: str, error: BaseException | str) -> dict[str, Any]:
    """Return the line of a subject that could not be run, with the reason."""
    reason = error if isinstance(error, str) else f"{type(error).__name__}: {error}"
    return {"case": case, "subject": subject, "error": " ".join(reason.split())[:200]}
