"""Run a target: hypothesis draws inputs, keeps those that fail and makes them small."""

from __future__ import annotations

import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.database import DirectoryBasedExampleDatabase

from tests.fuzz.oracles import fixed_ids
from tests.fuzz.targets import Target

_BATCH = 500


@dataclass
class Counts:
    """What was done with one target."""

    inputs: int = 0
    executions: int = 0
    """How often the part under test ran; one input is read whole and in pieces."""
    seconds: float = 0.0


def fuzz(
    target: Target,
    counts: Counts,
    *,
    seconds: float = 0.0,
    runs: int = 0,
    first_seed: int = 0,
    folder: Path | None = None,
) -> None:
    """Check inputs of `target` until the time or the number of `runs` is spent (0: no limit).

    The same seed gives the same inputs. Those that failed are kept in `folder` and come first
    the next time; without it they are not made small either. A failure is raised as it is,
    with a note of the input.
    """
    start = time.monotonic()

    def check(case: Any) -> None:
        counts.inputs += 1
        counts.executions += target.check(case)

    # As reports name it.
    check.__name__ = check.__qualname__ = f"check_{target.name}"
    phases = (Phase.reuse, Phase.generate, Phase.shrink) if folder else (Phase.generate,)
    number = first_seed
    with fixed_ids(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        while not _is_spent(counts, seconds, runs):
            options = settings(
                max_examples=min(runs - counts.inputs, _BATCH) if runs else _BATCH,
                phases=phases,
                database=DirectoryBasedExampleDatabase(folder / target.name) if folder else None,
                deadline=None,
                derandomize=False,
                suppress_health_check=list(HealthCheck),
            )
            try:
                # In this order: a seed turns the database of settings beneath it off.
                options(seed(number)(given(case=target.cases)(check)))()
            finally:
                counts.seconds = time.monotonic() - start
            number += 1


def _is_spent(counts: Counts, seconds: float, runs: int) -> bool:
    """Whether the time or the number of runs is used up; 0 means no limit."""
    return bool(seconds and counts.seconds >= seconds) or bool(runs and counts.inputs >= runs)
