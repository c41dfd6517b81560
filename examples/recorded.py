"""What a generic class makes of the same wire, as `make comparison` recorded it.

It is recorded because the generic classes need other versions of their packages than this one.
"""

from __future__ import annotations

import html
import json
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from examples.display import console

FILE = Path(__file__).resolve().parents[1] / "benchmarks" / "results" / "comparison.json"
ROWS = {
    "the answer": "Reasoning: `<think>` text (MiniMax): apart from the answer, stream",
    "what turn two sends back": (
        "Reasoning: `reasoning_details` (MiniMax): sent back after a stream"
    ),
    "a wrong key, inside HTTP 200": "Failures: an error inside HTTP 200 is raised (MiniMax)",
    "no money, where a stream was asked for": (
        "Failures: an error inside HTTP 200 is raised where a stream was asked for (MiniMax)"
    ),
}
WORDS = {
    "beside the text": "the reasoning stands apart from the answer",
    "in the form it came in": "the reasoning, in the form it came in",
}


def show_side_by_side(generic: str, ours: str) -> None:
    """Print the same four replies through a generic class and through ours."""
    recorded = json.loads(FILE.read_text("utf-8"))
    subjects = recorded["subjects"]
    version = recorded["versions"][subjects[generic]["package"]]
    console.print(
        f"[bold]The same bytes through {generic}[/] ({subjects[generic]['package']} {version}, "
        f"recorded {recorded['date']} by `make comparison` against the emulator)"
    )
    table = Table("", generic, "this package", show_lines=True)
    for title, key in ROWS.items():
        cells = [_said(subjects[name]["answers"][key]["evidence"]) for name in (generic, ours)]
        table.add_row(title, *cells)
    console.print(table)


def _said(evidence: str) -> str:
    text = WORDS.get(evidence, evidence).replace("\\n", " ").replace("`", "")
    return escape(html.unescape(text))
