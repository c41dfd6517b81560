"""What a generic class makes of the same wire, as `make comparison` recorded it.

It is recorded because the generic classes need other versions of their packages than this one.
"""

from __future__ import annotations

import html
import json
import textwrap
from pathlib import Path

from rich import box
from rich.markup import escape
from rich.table import Table

from examples.display import console

FILE = Path(__file__).resolve().parents[1] / "benchmarks" / "results" / "comparison.json"
LONGEST = 80
ROWS = {
    "the answer": "Reasoning: `<think>` text (MiniMax): apart from the answer, stream",
    "turn two sends back": ("Reasoning: `reasoning_details` (MiniMax): sent back after a stream"),
    "a wrong key in HTTP 200": "Failures: an error inside HTTP 200 is raised (MiniMax)",
    "no money, in a stream": (
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
        f"[bold]{generic}[/] of {subjects[generic]['package']} {version} beside this package,\n"
        f"over the same bytes; recorded on {recorded['date']} by `make comparison`:"
    )
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False, show_edge=False)
    table.add_column("", width=17)
    table.add_column(generic, width=27)
    table.add_column("this package", width=30)
    for title, key in ROWS.items():
        cells = [_said(subjects[name]["answers"][key]["evidence"]) for name in (generic, ours)]
        table.add_row(title, *cells)
    console.print(table)


def _said(evidence: str) -> str:
    text = WORDS.get(evidence, evidence).replace("\\n", " ").replace("`", "")
    return escape(textwrap.shorten(html.unescape(text), LONGEST, placeholder="…"))
