"""Results as text: the tables of docs/performance.md, and what a run prints at its end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from benchmarks.targets import Row, Verdict, judge

BEGIN, END = "<!-- recorded run -->\n", "<!-- end of recorded run -->"


def replace_tables(page: str, results: dict[str, Any]) -> str:
    """Return the page with the tables of these results."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError("The page has no place for the tables.")
    return f"{before}{BEGIN}\n{tables(results)}\n\n{END}{after}"


def tables(results: dict[str, Any]) -> str:
    """Return all tables of a run in Markdown."""
    rows = results["rows"]
    sections = [_origin(results), _targets(judge(rows))]
    for heading, cases, unit, scale in STREAMS:
        if any(row["case"] in cases and "cpu" in row for row in rows):
            sections.append(f"### {heading}\n\n{_matrix(rows, cases, unit, scale)}")
    sections += [
        f"### 1,000 streams at once\n\n{_crowd(rows)}",
        f"### Import and start\n\n{_start(rows)}",
        f"### What the peers left out, or could not do\n\n{_remarks(rows)}",
    ]
    return "\n\n".join(sections)


def _streams(framework: str) -> tuple[str, ...]:
    return tuple(
        f"{framework} {part}, {mode}"
        for part in ("text", "reasoning", "tool call")
        for mode in ("sync", "async")
    )


STREAMS: tuple[tuple[str, tuple[str, ...], str, float], ...] = (
    (
        "Streams as they come",
        tuple(
            f"as streams come{tls}, {mode}" for tls in ("", ", TLS") for mode in ("sync", "async")
        ),
        "µs of CPU per event",
        1.0,
    ),
    (
        "200 streams as they come, at once",
        tuple(f"200 streams at once, as they come{tls}" for tls in ("", ", TLS")),
        "µs of CPU per stream",
        1.0,
    ),
    ("Streaming in LangChain", _streams("LangChain"), "µs of CPU per chunk", 1.0),
    ("Streaming in LlamaIndex", _streams("LlamaIndex"), "µs of CPU per chunk", 1.0),
    (
        "Long histories",
        tuple(
            f"{name} {n} messages" for name in ("LangChain", "LlamaIndex") for n in ("300", "1,500")
        ),
        "ms of CPU per call",
        1e-3,
    ),
    (
        "Long streams",
        tuple(
            f"{name} {n} chunks, sync"
            for name in ("LangChain", "LlamaIndex")
            for n in ("1,000", "50,000")
        ),
        "µs of CPU per chunk",
        1.0,
    ),
    ("Plain calls", ("plain call",), "µs of CPU per call", 1.0),
)
"""Heading, cases, unit and scale of each table that has one figure in a cell."""


def markdown(heads: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    rule = ["---", *["---:"] * (len(heads) - 1)]
    return "\n".join(f"| {' | '.join(line)} |" for line in (heads, rule, *lines))


def spread(summary: dict[str, float], scale: float = 1.0) -> str:
    """Return median and quartiles, such as `17.7 (17.4-17.9)`."""
    median, q1, q3 = (summary[name] * scale for name in ("median", "q1", "q3"))
    digits = 2 if median < 10 else 1 if median < 1000 else 0
    return f"{median:,.{digits}f} ({q1:,.{digits}f}-{q3:,.{digits}f})"


def _matrix(rows: Sequence[Row], cases: Sequence[str], unit: str, scale: float) -> str:
    """Return subjects by cases; what differs between the cases is what heads the columns."""
    ran = [case for case in cases if any(row["case"] == case and "cpu" in row for row in rows)]
    cells = {
        (row["subject"], row["case"]): spread(row["cpu"], scale)
        for row in rows
        if row["case"] in ran and "cpu" in row
    }
    subjects = list(dict.fromkeys(subject for subject, _ in cells))
    shared = _shared_beginning(ran)
    heads = [unit, *(case.removeprefix(shared) for case in ran)]
    return markdown(
        heads,
        ([subject, *(cells.get((subject, case), "") for case in ran)] for subject in subjects),
    )


def _shared_beginning(cases: Sequence[str]) -> str:
    frameworks = {case.partition(" ")[0] for case in cases}
    return f"{frameworks.pop()} " if len(frameworks) == 1 and len(cases) > 1 else ""


def _origin(results: dict[str, Any]) -> str:
    machine = results["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in results["versions"].items())
    clients = ", ".join(f"{subject}: {client}" for subject, client in results["clients"].items())
    return (
        f"Recorded {results['date']} on {machine['cores']} cores of {machine['cpu']} "
        f"({machine['system']}), Python {results['python']}. {versions}.\n\n"
        f"HTTP client of each subject: {clients}.\n\n"
        "Cells hold the median and, in brackets, the quartiles."
    )


def _targets(verdicts: Sequence[Verdict]) -> str:
    lines = [
        [
            verdict.target.text,
            f"{verdict.target.relation} {verdict.target.limit:g}",
            f"{verdict.figure:.2f}",
            "ok" if verdict.met else "missed",
            "" if verdict.floor is None else f"{verdict.floor:.2f}",
        ]
        for verdict in verdicts
    ]
    return f"### Targets\n\n{markdown(['ratio', 'target', 'seen', '', 'floor'], lines)}"


def _crowd(rows: Sequence[Row]) -> str:
    lines = [
        [
            row["subject"],
            spread(row["cpu"]),
            spread(row["wall"]),
            spread(row["added_peak_mib"]),
            str(row["errors"]),
            str(row["incomplete"]),
        ]
        for row in rows
        if row["case"] == "1,000 concurrent streams" and "cpu" in row
    ]
    heads = ["subject", "µs of CPU per stream", "µs of wall time per stream"]
    return markdown([*heads, "MiB of added peak memory", "errors", "cut short"], lines)


def _start(rows: Sequence[Row]) -> str:
    columns: tuple[tuple[str, str, Callable[[Row], str]], ...] = (
        ("one-question script", "ms of CPU", lambda row: spread(row["cpu"], 1e-3)),
        ("one-question script", "ms of wall time", lambda row: spread(row["wall"], 1e-3)),
        ("one-question script", "MiB at peak", lambda row: spread(row["peak_mib"])),
        ("one more instance", "µs of CPU for one more instance", lambda row: spread(row["cpu"])),
    )
    found = {(row["case"], row["subject"]): row for row in rows if "cpu" in row}
    subjects = dict.fromkeys(
        subject for case, subject in found if case in ("one-question script", "one more instance")
    )
    lines = [
        [
            subject,
            *(
                text(found[case, subject]) if (case, subject) in found else ""
                for case, _, text in columns
            ),
        ]
        for subject in subjects
    ]
    script = markdown(["one-question script", *(head for _, head, _ in columns)], lines)
    imported = markdown(
        ["import", "ms of CPU", "ms of wall time"],
        (
            [f"`{subject}`", spread(row["cpu"], 1e-3), spread(row["wall"], 1e-3)]
            for (case, subject), row in found.items()
            if case == "import"
        ),
    )
    return f"{imported}\n\n{script}"


def _remarks(rows: Sequence[Row]) -> str:
    lines = [[row["case"], row["subject"], row["error"]] for row in rows if "error" in row]
    lines += [
        [row["case"], row["subject"], f"did not give out the {' and '.join(row['missing'])}"]
        for row in rows
        if row.get("missing")
    ]
    lines += [
        [row["case"], row["subject"], f"{count} streams failed: {reason}"]
        for row in rows
        for reason, count in row.get("reasons", ())
    ]
    lines += [
        [row["case"], row["subject"], f"{row['events']} events were sent before the first text"]
        for row in rows
        if row.get("events", 1) != 1
    ]
    return markdown(
        ["case", "subject", "what happened"], ([_escaped(cell) for cell in line] for line in lines)
    )


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")


def plain_text(rows: Sequence[Row]) -> str:
    """Return all rows for a terminal."""
    lines = []
    for row in rows:
        what = f"{row['case']:<44} {row['subject']:<28}"
        if "error" in row:
            lines.append(f"{what} not run: {row['error']}")
        elif "growth" in row:
            lines.append(f"{what} {spread(row['cpu'])} {row['unit']}; growth {row['growth']:.2f}")
        elif "cpu" in row:
            lines.append(f"{what} {spread(row['cpu'])} {row['unit']}; wall {spread(row['wall'])}")
        else:
            lines.append(f"{what} {row['events']} {row['unit']}")
    return "\n".join(lines)


def plain_targets(verdicts: Sequence[Verdict]) -> str:
    """Return each target, the figure seen, and whether it is met, for a terminal."""
    return "\n".join(
        f"{'ok    ' if verdict.met else 'MISSED'} {verdict.target.text:<76} "
        f"{verdict.figure:7.2f} ({verdict.target.relation} {verdict.target.limit:g})"
        f"{'' if verdict.floor is None else f', with the floor {verdict.floor:.2f}'}"
        for verdict in verdicts
    )
