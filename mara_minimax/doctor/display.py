"""Show a report to people: with rich where it is installed, else as plain text."""

from __future__ import annotations

import sys
from collections import Counter
from typing import Any, TextIO

from mara_minimax.doctor.report import Finding, Report, Status

MARKS: dict[Status, tuple[str, str]] = {
    "pass": ("✓", "green"),
    "warn": ("!", "yellow"),
    "fail": ("✗", "red"),
    "skip": ("·", "dim"),
}


def show(report: Report, out: TextIO) -> None:
    """Write the report, coloured only on a terminal."""
    try:
        from rich.console import Console
    except ModuleNotFoundError:
        out.write(to_text(report))
        return
    show_rich(report, Console(file=out, highlight=False))


def to_text(report: Report) -> str:
    """Return the report as plain text, for logs and terminals without rich."""
    lines = [f"{report.provider} · {report.model} · {report.base_url}", ""]
    for finding, title in _rows(report):
        seen = finding.seen + _agreement(finding)
        lines.append(f"{finding.status}  {title:<20} {seen}")
        lines += [f"{'':26}{line}" for line in _remarks(finding)]
    return "\n".join([*lines, "", *summary(report)]) + "\n"


def show_rich(report: Report, console: Any) -> None:
    """Write the report to a rich console."""
    from rich.table import Table
    from rich.text import Text

    console.print(
        Text.assemble((report.provider, "bold"), f" · {report.model} · {report.base_url}")
    )
    console.print()
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for finding, name in _rows(report):
        mark, style = MARKS[finding.status]
        told = Text(finding.seen, style="dim" if finding.status == "skip" else "")
        told.append(_agreement(finding), style="dim")
        for line in _remarks(finding):
            told.append(f"\n{line}", style=style if finding.status != "pass" else "dim")
        title = Text(name, style="dim" if finding.status == "skip" else "")
        table.add_row(Text(mark, style=style), title, told)
    console.print(table)
    console.print()
    first, *rest = summary(report)
    worst: Status = "fail" if report.count("fail") else "warn" if report.count("warn") else "pass"
    console.print(Text(first, style=f"bold {MARKS[worst][1]}"))
    for line in rest:
        console.print(Text(line, style="dim"))


def summary(report: Report) -> list[str]:
    """Return the last lines: how it went, what it took, where the tables are from."""
    words: tuple[tuple[Status, str], ...] = (
        ("pass", "passed"),
        ("warn", "different"),
        ("fail", "failed"),
        ("skip", "not tried"),
    )
    counts = [f"{number} {word}" for status, word in words if (number := report.count(status))]
    requests = "1 request" if report.requests == 1 else f"{report.requests} requests"
    spent = f"{requests}, {report.tokens} tokens, {report.seconds:.1f} s."
    return [", ".join(counts) + ".", spent, *(f"Tables: {source}" for source in report.sources)]


def _rows(report: Report) -> list[tuple[Finding, str]]:
    """Return findings with their titles; skipped ones of one reason share a row."""
    rows: list[tuple[Finding, str]] = []
    reasons = Counter(f.seen for f in report.findings if f.status == "skip")
    for finding in report.findings:
        alike = reasons.get(finding.seen, 0) if finding.status == "skip" else 1
        if alike > 1:
            reasons[finding.seen] = 0
        if alike:
            rows.append((finding, f"{alike} checks" if alike > 1 else finding.title))
    return rows


def _agreement(finding: Finding) -> str:
    """Return the words for what is as expected, where a table says so."""
    agrees = finding.status == "pass" and finding.expected and not finding.advice
    return ", as the table says" if agrees else ""


def _remarks(finding: Finding) -> list[str]:
    """Return expectation and advice, where they add something."""
    lines = []
    if finding.expected and finding.status in ("warn", "fail"):
        lines.append(f"expected: {finding.expected}")
    if finding.advice:
        lines.append(finding.advice)
    return lines


def show_progress(title: str) -> None:
    """Overwrite one line of a terminal with what is being tried."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{title} …" if title else "\r\x1b[K")
        sys.stderr.flush()
