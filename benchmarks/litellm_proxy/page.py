"""docs/litellm.md from the recorded answers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.litellm_proxy.columns import COLUMNS
from benchmarks.litellm_proxy.rows import NO_ERROR, ROWS, Row

Results = dict[str, Any]
NOTHING: tuple[Any, ...] = (None, "", [], {})

_HEAD = Path(__file__).with_name("head.md")


def render(results: Results) -> str:
    """Return the page."""
    versions = ", ".join(f"{name} {number}" for name, number in results["versions"].items())
    when = f"Run on {results['date']} with Python {results['python']}: {versions}."
    head = _HEAD.read_text("utf-8").replace("{when}", when)
    head = head.replace("{swallowed}", swallowed(results["seen"]))
    evidence = "\n".join(_evidence(results["seen"]))
    return f"{head}\n{_table(results['seen'])}\n\n## What was seen\n\n{evidence}\n"


def verdict(direct: Any, proxied: Any) -> str:
    """Return what became of a value behind the proxy, in a few words."""
    if direct == proxied:
        return "n/a" if direct in NOTHING else "yes"
    if direct in NOTHING:
        return "made up"
    if proxied in NOTHING:
        return "lost"
    if isinstance(direct, str) and isinstance(proxied, str):
        if proxied.startswith(NO_ERROR):
            return f"**{NO_ERROR}**"
        if direct.strip() == proxied.strip():
            return "yes, with line breaks"
    if isinstance(direct, dict) and isinstance(proxied, dict):
        return "lost" if len(proxied) < len(direct) else "in another form"
    return f"`{proxied}`" if len(str(proxied)) <= 30 else "changed"


def swallowed(seen: Results) -> str:
    """Return the sentence on errors that leave no trace."""
    titles = [
        row.title
        for row in ROWS
        if any(NO_ERROR in _cell(answers) for answers in seen[row.key].values())
    ]
    if not titles:
        return "No error of the table was swallowed without a trace."
    return (
        f"Errors that LiteLLM swallows undetectably: {', '.join(titles)}; each becomes "
        "an answer that is cut short or empty and ends in order, and the call succeeds."
    )


def _cell(answers: Results) -> str:
    """Return one verdict, or one for each framework where they differ."""
    found = {name: verdict(one["direct"], one["proxied"]) for name, one in answers.items()}
    if len(set(found.values())) == 1:
        return next(iter(found.values()))
    return "; ".join(f"{name}: {word}" for name, word in found.items())


def _table(seen: Results) -> str:
    heads = ["what", *(column.title for column in COLUMNS)]
    lines = [heads, ["---"] * len(heads)]
    group = ""
    for row in ROWS:
        if row.group != group:
            group = row.group
            lines.append([f"**{group}**", *[""] * len(COLUMNS)])
        lines.append([row.title, *_cells(row, seen)])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cells(row: Row, seen: Results) -> Iterator[str]:
    for column in COLUMNS:
        answers = seen[row.key].get(column.title)
        yield _cell(answers) if answers else "n/a"


def _evidence(seen: Results) -> Iterator[str]:
    """Each difference once, with the columns in which it was seen."""
    for row in ROWS:
        found: dict[tuple[str, str], list[str]] = {}
        for column, answers in seen[row.key].items():
            for one in answers.values():
                if one["direct"] != one["proxied"]:
                    columns = found.setdefault((_told(one["direct"]), _told(one["proxied"])), [])
                    columns += [column] if column not in columns else []
        for (direct, proxied), columns in found.items():
            where = "; ".join(columns)
            yield f"- {row.key} ({where}). Direct: {direct}. Through the proxy: {proxied}."


def _told(value: Any) -> str:
    if value in NOTHING:
        return "nothing"
    text = repr(value) if isinstance(value, str) and value != value.strip() else str(value)
    return f"`{text}`"
