"""Eight times the work takes eight times the calls: none goes through all that came before it.

Calls of Python's and of C's functions are counted, which are the same on every machine. What is
copied or searched within one call, only time shows: `python -m benchmarks.run linear`.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

from benchmarks import measure, report
from benchmarks.long_work import LONG_WORK, LongWork
from benchmarks.malformed_work import MALFORMED_WORK
from benchmarks.targets import worst_growth

FEW, MANY = 100, 800


def calls_of(work: Callable[[], object]) -> int:
    """Return how many functions `work` calls."""
    calls = 0

    def count(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    gc.disable()
    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(before)
        gc.enable()
    return calls


@pytest.mark.parametrize("long", LONG_WORK, ids=lambda long: f"{long.package}-{long.name}")
def test_an_item_takes_no_more_calls_among_many(long: LongWork) -> None:
    few, many = long.prepare(FEW), long.prepare(MANY)
    few()  # What is imported and compiled once is no part of it.
    assert calls_of(many) < 1.2 * MANY / FEW * calls_of(few)


@pytest.mark.parametrize("long", MALFORMED_WORK, ids=lambda long: f"{long.package}-{long.name}")
def test_a_character_of_malformed_arguments_takes_no_more_calls_among_many(long: LongWork) -> None:
    few, many = long.prepare(1_000), long.prepare(8_000)
    few()
    assert calls_of(many) < 1.2 * 8 * calls_of(few)


def test_work_that_looks_at_all_before_it_is_noticed() -> None:
    def prepare(count: int) -> Callable[[], object]:
        return lambda: [abs(m) for n in range(count) for m in range(n)]

    assert calls_of(prepare(MANY)) > 60 * calls_of(prepare(FEW))


def test_counting_repeats_itself() -> None:
    work = LONG_WORK[0].prepare(FEW)
    work()
    assert calls_of(work) == calls_of(work) > FEW


def test_growth_is_the_cost_of_an_item_among_many_by_that_among_few(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    work = {2: lambda: None, 8: lambda: None}
    monkeypatch.setattr(measure, "times_of", lambda run: (0.008 if run is work[8] else 0.004,) * 2)

    figures = measure.growth(work.__getitem__, few=2, many=8, rounds=1)

    assert figures["cpu"]["median"] == pytest.approx(1000.0)
    assert figures["growth"] == pytest.approx(2.0)


def test_both_lengths_do_the_same_number_of_items() -> None:
    done: list[int] = []

    measure.growth(lambda count: lambda: done.append(count), few=2, many=8, rounds=1)

    assert done == [2, 2, 2, 2, 8] * 2


def grown(growth: float, scenario: str = "linear") -> dict[str, Any]:
    summary = {"median": 2.0, "q1": 2.0, "q3": 2.0, "n": 1}
    found = {"case": "text", "subject": "ours", "unit": "µs per item", "scenario": scenario}
    return {**found, "cpu": summary, "wall": summary, "growth": growth}


def test_the_worst_growth_of_a_scenario_counts() -> None:
    assert worst_growth("linear")([grown(1.0), grown(3.0), grown(9.0, "other")]) == 3.0


def test_a_run_shows_how_the_cost_of_an_item_grew() -> None:
    assert report.plain_text([grown(1.5)]).endswith("2.00 (2.00-2.00) µs per item; growth 1.50")
