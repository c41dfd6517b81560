"""Fuzz by properties: hypothesis draws structured inputs and shrinks those that fail."""

from __future__ import annotations

import time

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.fuzz.counts import Counts
from tests.fuzz.oracles import fixed_ids
from tests.fuzz.source import DrawSource
from tests.fuzz.targets import Target

_BATCH = 200


def fuzz(target: Target, *, seconds: float, runs: int, first_seed: int = 0) -> Counts:
    """Check inputs of `target` until the time or the number of `runs` is spent (0: no limit).

    Failures are raised as hypothesis reports them, with the smallest input that it finds.
    """
    counts = Counts()
    start = time.monotonic()
    number = first_seed
    while not counts.spent(time.monotonic() - start, seconds, runs):
        left = runs - counts.inputs if runs else _BATCH
        _check_batch(target, counts, number, min(left, _BATCH))
        number += 1
    counts.seconds = time.monotonic() - start
    return counts


def _check_batch(target: Target, counts: Counts, number: int, size: int) -> None:
    @seed(number)
    @settings(
        max_examples=size,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def check(data: st.DataObject) -> None:
        counts.executions += target.check(DrawSource(data))
        counts.inputs += 1

    with fixed_ids():
        check()
