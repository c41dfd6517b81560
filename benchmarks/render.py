"""Write the page's tables and the chart again from the recorded results, without a run."""

from __future__ import annotations

import json

from benchmarks.run import RESULTS, record

if __name__ == "__main__":
    record(json.loads(RESULTS.read_text("utf-8")))
