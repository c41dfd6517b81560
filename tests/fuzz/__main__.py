"""`make fuzz`: all targets, and how often each was executed."""

from __future__ import annotations

import argparse
import logging
import sys
import traceback
from pathlib import Path
from typing import Any

from tests.fuzz.engine import Counts, fuzz
from tests.fuzz.targets import TARGETS

_SECONDS = 20


def main() -> int:
    """Fuzz, print a line for each target, and return the exit code."""
    options = _parser().parse_args()
    seconds = options.seconds or (0 if options.runs else _SECONDS)
    limits = {"seconds": seconds, "runs": options.runs, "first_seed": options.seed}
    # Replies that are cut at their token limit are logged.
    logging.disable()
    try:
        return _fuzz_all(options, limits)
    finally:
        logging.disable(logging.NOTSET)


def _fuzz_all(options: argparse.Namespace, limits: dict[str, Any]) -> int:
    print(f"{'target':10} {'inputs':>10} {'executions':>10} {'s':>8} {'per s':>8}")
    total, failed = 0, False
    for name in options.target or TARGETS:
        counts = Counts()
        try:
            fuzz(TARGETS[name], counts, folder=options.folder, **limits)
        except Exception:  # noqa: BLE001 - whatever an input led to; the other targets go on
            failed = True
            print(f"{name:10} FAILED\n{traceback.format_exc()}")
        rate = counts.executions / max(counts.seconds, 0.001)
        print(
            f"{name:10} {counts.inputs:10,} {counts.executions:10,} {counts.seconds:8.1f} "
            f"{rate:8,.0f}",
            flush=True,
        )
        total += counts.executions
    print(f"executions: {total:,}")
    return int(failed)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    each = "for each target"
    parser.add_argument("--seconds", type=float, help=f"{each}; {_SECONDS} where RUNS is not given")
    parser.add_argument("--runs", type=int, default=0, help=f"inputs {each}; 0: as time allows")
    parser.add_argument("--target", action="append", choices=sorted(TARGETS), help="default: all")
    parser.add_argument("--seed", type=int, default=0, help="the first; others give other inputs")
    parser.add_argument("--folder", type=Path, default=Path(".fuzz"), help="inputs that failed")
    return parser


if __name__ == "__main__":
    sys.exit(main())
