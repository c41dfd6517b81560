"""Measure this package against its peers: `python -m benchmarks.run [--quick] [scenario ...]`.

A full run writes `benchmarks/results/latest.json`, the tables of `docs/performance.md` and
`docs/performance.svg`. A quick one, or one of some scenarios, prints and writes nothing. The
exit code is 1 when a target is missed and 2 when a scenario failed.
"""

from __future__ import annotations

import argparse
import datetime
import json
import sys
import time
from typing import Any

from benchmarks import environment, report
from benchmarks.chart import draw
from benchmarks.machine import describe
from benchmarks.processes import ProcessFailed, run_python
from benchmarks.scenarios import NAMES
from benchmarks.serving import ROOT, serving
from benchmarks.targets import judge

RESULTS = ROOT / "benchmarks" / "results" / "latest.json"
PAGE = ROOT / "docs" / "performance.md"
CHART = ROOT / "docs" / "performance.svg"


def main() -> int:
    """Run what the arguments name."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    parser.add_argument("scenarios", nargs="*", metavar="scenario", help=", ".join(NAMES))
    parser.add_argument("--quick", action="store_true", help="fewer subjects and rounds")
    asked = parser.parse_args()
    if unknown := set(asked.scenarios) - set(NAMES):
        parser.error(f"no such scenario: {', '.join(sorted(unknown))}")
    names = asked.scenarios or list(NAMES)
    environment.prepare()
    rows, failures = measure(names, quick=asked.quick)
    today = datetime.datetime.now(datetime.UTC).date()
    results = {**describe(), "date": today.isoformat(), "rows": rows}
    verdicts = judge(rows)
    print("\n" + report.plain_text(rows))
    print("\n" + report.plain_targets(verdicts))
    for name, reason in failures.items():
        print(f"{name} failed: {reason}")
    if failures:
        return 2
    if not asked.quick and not asked.scenarios:
        record(results)
    return 0 if all(verdict.met for verdict in verdicts) else 1


def measure(names: list[str], *, quick: bool) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Run each scenario in a process of its own; return all rows, and what failed."""
    rows: list[dict[str, Any]] = []
    failures: dict[str, str] = {}
    with serving() as server:
        for name in names:
            begun = time.monotonic()
            arguments = (name, str(server.port), "quick" if quick else "full")
            try:
                finished = run_python(
                    "-m", "benchmarks.scenario", *arguments, python=str(environment.PYTHON)
                )
                rows += json.loads(finished.output.splitlines()[-1])
            except ProcessFailed as error:
                failures[name] = str(error)
            print(f"{name}: {time.monotonic() - begun:.0f} s", flush=True)
    return rows, failures


def record(results: dict[str, Any]) -> None:
    """Write the results, the page's tables and the chart."""
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", "utf-8")
    page = PAGE.read_text("utf-8")
    PAGE.write_text(report.replace_tables(page, results), "utf-8")
    CHART.write_text(draw(results), "utf-8")


if __name__ == "__main__":
    sys.exit(main())
