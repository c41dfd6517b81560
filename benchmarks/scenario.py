"""Run one scenario in this process and print its rows as JSON; `benchmarks.run` starts it.

The server runs already; its port is an argument, since it must not be a child of the process
whose CPU is measured.
"""

from __future__ import annotations

import importlib
import json
import sys

from benchmarks.serving import Server


def main() -> None:
    """Measure the scenario that the arguments name."""
    name, port, speed = sys.argv[1:]
    module = importlib.import_module(f"benchmarks.scenarios.{name}")
    rows = module.measure(Server(int(port)), speed == "quick")
    print(json.dumps([{"scenario": name, **row} for row in rows]))


if __name__ == "__main__":
    main()
