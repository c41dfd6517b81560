"""The recorded run as a chart: bars in SVG, readable on light and on dark pages."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from benchmarks.targets import Row

OURS = ("ChatMiniMax", "ChatMARA", "MiniMax", "MARA", "mara_minimax")
PANELS = (
    ("as streams come, sync", "Streams as they come, sync: µs of CPU per event", 1.0),
    ("as streams come, async", "Streams as they come, async: µs of CPU per event", 1.0),
    ("LangChain text, sync", "LangChain, stream: µs of CPU per chunk", 1.0),
    ("LlamaIndex text, sync", "LlamaIndex, stream_chat: µs of CPU per chunk", 1.0),
    ("LangChain 1,500 messages", "LangChain, 1,500 messages: ms of CPU per call", 1e-3),
    ("LlamaIndex 1,500 messages", "LlamaIndex, 1,500 messages: ms of CPU per call", 1e-3),
)
WIDTH, NAMES, BAR, GAP, HEAD = 760, 200, 18, 8, 46
_STYLE = """
text { font: 13px system-ui, sans-serif; fill: #57606a }
.title { font-weight: 600; fill: #24292f }
.ours { fill: #1a7f64 }
.peer { fill: #8c959f }
.floor { fill: #c8a63c }
@media (prefers-color-scheme: dark) {
  text { fill: #adbac7 }
  .title { fill: #e6edf3 }
  .ours { fill: #3fb68b }
  .peer { fill: #768390 }
  .floor { fill: #c8a63c }
}
"""


def draw(results: dict[str, Any]) -> str:
    """Return the chart of a run."""
    parts = [
        (
            f'<text x="8" y="18">Medians of {escape(results["date"])}; '
            "green: this package, grey: others, yellow: floors; shorter is better</text>"
        )
    ]
    top = 34.0
    for case, title, scale in PANELS:
        rows = [row for row in results["rows"] if row["case"] == case and "cpu" in row]
        if rows:
            top = _panel(parts, rows, title, scale, top)
    height = top - 12
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:g}" '
        f'width="{WIDTH}" height="{height:g}" role="img" '
        f'aria-label="CPU time of this package and others">\n<style>{_STYLE}</style>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def _panel(parts: list[str], rows: Sequence[Row], title: str, scale: float, top: float) -> float:
    """Draw the bars of one case, the shortest first; return where the next panel begins."""
    values = sorted((row["cpu"]["median"] * scale, row["subject"]) for row in rows)
    room = WIDTH - NAMES - 80
    longest = values[-1][0] or 1.0
    parts.append(f'<text class="title" x="8" y="{top + 14:g}">{escape(title)}</text>')
    y = top + 26
    for value, subject in values:
        width = max(1.0, value / longest * room)
        middle = y + BAR - 5
        parts += [
            f'<text x="{NAMES - 8}" y="{middle:g}" text-anchor="end">{escape(subject)}</text>',
            (
                f'<rect class="{_kind(subject)}" x="{NAMES}" y="{y:g}" width="{width:.1f}" '
                f'height="{BAR}" rx="2"/>'
            ),
            f'<text x="{NAMES + width + 6:.1f}" y="{middle:g}">{value:,.1f}</text>',
        ]
        y += BAR + GAP
    return y + HEAD - BAR - GAP


def _kind(subject: str) -> str:
    # Without the library that reads.
    name = subject.partition(",")[0]
    if name in OURS:
        return "ours"
    return "floor" if name.endswith(" floor") or name in ("raw bytes", "waking") else "peer"
