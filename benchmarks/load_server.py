"""`python -m benchmarks.load_server`: an emulator that fails a share of the requests at random."""

from __future__ import annotations

import argparse
import random
import sys
from typing import Any

from mara_minimax.emulator import Emulator

FAULTS = (
    "http-429-retry-after",
    "http-500",
    "http-529",
    "http-html-502",
    "cut-stream",
    "cut-connection",
    "error-mid-stream-event",
    "error-mid-stream-base-resp",
    "error-200-rate-limit",
    "error-200-choices-null",
    "stalled",
)
"""Scenarios of the emulator that are no complete answer."""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--faults", type=float, required=True)
    parser.add_argument("--delay", type=float, required=True)
    options = parser.parse_args()
    with Emulator("minimax", delay=options.delay, retry_after=1) as emulator:
        inject(emulator, options.faults, random.Random(1))
        print(emulator.base_url, flush=True)
        sys.stdin.read()
    print(sum(request.method == "POST" for request in emulator.requests))


def inject(emulator: Emulator, share: float, chance: random.Random) -> None:
    """Let each request that names no scenario have a random one, mostly a slow good answer."""
    state = emulator._state
    begin = state.begin

    def begin_randomly(body: Any, scenario: str | None) -> Any:
        failing = chance.random() < share
        chosen = chance.choice(FAULTS) if failing else "slow"
        return begin(body, scenario or chosen)

    state.begin = begin_randomly  # type: ignore[method-assign]


if __name__ == "__main__":
    main()
