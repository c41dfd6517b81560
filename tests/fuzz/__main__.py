"""`make fuzz`: all targets under all engines, and how often each was executed."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.fuzz import chance, guided, properties
from tests.fuzz.counts import Counts
from tests.fuzz.targets import TARGETS

_SECONDS = 20
_ENGINES = ("random", "hypothesis", "atheris")


def main() -> int:
    """Fuzz, print a line for each target and engine, and return the exit code."""
    options = _parser().parse_args()
    seconds = _SECONDS if options.seconds is None and not options.runs else options.seconds or 0
    engines = [options.engine] if options.engine else list(_ENGINES)
    if "atheris" in engines and not guided.available():
        engines.remove("atheris")
        print("atheris is not installed (it is built for Linux on x86-64): no guided fuzzing.")
    options.folder.mkdir(parents=True, exist_ok=True)
    print(f"{'target':10} {'engine':10} {'inputs':>12} {'executions':>12} {'s':>7} {'per s':>8}")
    streams = 0
    for name in options.target or TARGETS:
        target = TARGETS[name]
        for engine in engines:
            limits = {"seconds": seconds, "runs": options.runs}
            try:
                if engine == "atheris":
                    counts = guided.fuzz(target, options.folder, **limits)
                elif engine == "hypothesis":
                    counts = properties.fuzz(target, first_seed=options.seed, **limits)
                else:
                    counts = chance.fuzz(target, first_seed=options.seed, **limits)
            except guided.CrashError as error:
                print(f"{name:10} {engine:10} FAILED\n{error}")
                return 1
            streams += counts.executions * target.decodes_streams
            _print_line(name, engine, counts)
    print(f"executions of the stream decoder: {streams:,}")
    return 0


def _print_line(name: str, engine: str, counts: Counts) -> None:
    rate = counts.executions / max(counts.seconds, 0.001)
    print(
        f"{name:10} {engine:10} {counts.inputs:12,} {counts.executions:12,} "
        f"{counts.seconds:7.1f} {rate:8,.0f}",
        flush=True,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    each = "for each target and engine"
    parser.add_argument("--seconds", type=float, help=f"{each}; {_SECONDS} where RUNS is not given")
    parser.add_argument("--runs", type=int, default=0, help=f"inputs {each}; 0: as time allows")
    parser.add_argument("--target", action="append", choices=sorted(TARGETS), help="default: all")
    parser.add_argument("--engine", choices=_ENGINES, help="default: all")
    parser.add_argument("--seed", type=int, default=0, help="first seed of the two other engines")
    parser.add_argument("--folder", type=Path, default=Path(".fuzz"), help="corpus and failures")
    return parser


if __name__ == "__main__":
    sys.exit(main())
