"""Fuzz by chance: no guidance and no shrinking, for the sake of numbers."""

from __future__ import annotations

import random
import time

from tests.core.wire import STREAMS
from tests.fuzz.counts import Counts
from tests.fuzz.oracles import fixed_ids
from tests.fuzz.source import RandomSource
from tests.fuzz.targets import Target

_BATCH = 500
_BODIES = [stream.data for stream in STREAMS.values()]


class UnluckyError(Exception):
    """An input that breaks a property; the text says how to make it again."""


def fuzz(target: Target, *, seconds: float, runs: int, first_seed: int = 0) -> Counts:
    """Check inputs of `target` until the time or the number of `runs` is spent (0: no limit).

    Raises `UnluckyError`, which names the seed, for an input that fails.
    """
    counts = Counts()
    start = time.monotonic()
    number = first_seed
    with fixed_ids():
        while not counts.spent(time.monotonic() - start, seconds, runs):
            for _ in range(min(_BATCH, runs - counts.inputs) if runs else _BATCH):
                counts.executions += _check(target, number)
                counts.inputs += 1
                number += 1
    counts.seconds = time.monotonic() - start
    return counts


def _check(target: Target, number: int) -> int:
    try:
        return target.check(RandomSource(random.Random(number), _BODIES))
    except Exception as error:
        # Whatever it is: which input did it matters as much as what happened.
        raise UnluckyError(f"target {target.name}, seed {number}") from error
