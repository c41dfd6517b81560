"""No test takes times: what a machine is busy with would decide whether it passes."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
# `time.monotonic` bounds how long a condition is waited for, and `time.time` makes dates.
CLOCKS = re.compile(r"\btime\.(perf_counter|process_time|thread_time)|\btimeit\b|from time import")


def test_no_test_takes_times() -> None:
    found = {
        path.name
        for path in TESTS.rglob("*.py")
        if path != Path(__file__) and CLOCKS.search(path.read_text("utf-8"))
    }
    assert found == set()
