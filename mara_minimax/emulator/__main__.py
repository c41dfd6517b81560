"""`python -m mara_minimax.emulator`: run the emulator until interrupted."""

# ruff: noqa: T201  # a command line program prints
from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Sequence

from mara_minimax.emulator.emulator import Emulator
from mara_minimax.emulator.providers import PROVIDERS
from mara_minimax.emulator.scenarios import SCENARIOS
from mara_minimax.emulator.state import UnknownScenarioError

_ABOUT = (
    "Emulates the wire of an OpenAI-compatible provider on this machine: its bytes, its "
    "validation, its errors. It emulates no model: answers come from a few deterministic rules."
)


def _list_scenarios() -> str:
    """One line a scenario, with the providers that have it where not all do."""
    lines = []
    for scenario in SCENARIOS.values():
        some = scenario.providers != frozenset(PROVIDERS)
        owners = f" [{', '.join(sorted(scenario.providers))}]" if some else ""
        lines.append(f"  {scenario.name:<27} {scenario.description}{owners}")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line and serve."""
    options = _parser().parse_args(arguments)
    try:
        emulator = Emulator(
            options.provider, scenario=options.scenario, port=options.port, delay=options.delay,
        )  # fmt: skip
        emulator.start()
    except (UnknownScenarioError, OverflowError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    print(emulator.base_url, flush=True)
    stopped.wait()
    emulator.stop()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m mara_minimax.emulator",
        description=_ABOUT,
        epilog="scenarios (also by the request header x-emulator-scenario):\n" + _list_scenarios(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--provider", choices=list(PROVIDERS), default="minimax")
    parser.add_argument("--port", type=int, default=0, help="port to listen on; 0 takes a free one")
    parser.add_argument("--scenario", default="default", help="scenario of all requests")
    parser.add_argument(
        "--delay", type=float, default=0.02, help="seconds between chunks in the scenario slow"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
