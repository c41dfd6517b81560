"""A report as people read it: plain text, 80 columns wide."""

from __future__ import annotations

import textwrap
from collections import Counter

from mara_minimax.doctor.report import Finding, Report, Status

_WIDTH = 80
_TITLES = 20
_INDENT = 6 + _TITLES
"""Columns for the status and the title of a check."""
_OUTCOMES: dict[Status, str] = {
    "pass": "passed",
    "warn": "different",
    "fail": "failed",
    "skip": "not tried",
}


def to_text(report: Report) -> str:
    """Return a report for terminals and logs."""
    lines = _wrapped(f"{report.provider} · {report.model} · {report.base_url}")
    lines.append("")
    for finding, title in _rows(report):
        told = [finding.seen + _agreement(finding), *_remarks(finding)]
        first, *rest = [line for text in told for line in _wrapped(text, _INDENT)]
        lines.append(f"{finding.status}  {title:<{_TITLES}}{first}".rstrip())
        lines += [" " * _INDENT + line for line in rest]
    for window in report.quota:
        row = f"{window.bucket}, {window.window}: {window.left}; {window.resets}"
        lines += [" " * _INDENT + line for line in _wrapped(row, _INDENT)]
    lines += ["", *(line for text in _summary(report) for line in _wrapped(text))]
    return "\n".join(lines) + "\n"


def _summary(report: Report) -> list[str]:
    """Return the last lines: how it went, what it took, where the tables are from."""
    found = Counter(finding.status for finding in report.findings)
    counts = [f"{found[each]} {outcome}" for each, outcome in _OUTCOMES.items() if found[each]]
    requests = "1 request" if report.requests == 1 else f"{report.requests} requests"
    spent = f"{requests}, {report.tokens} tokens, {report.seconds:.1f} s."
    parts = report.http.words
    return [
        ", ".join(counts) + ".",
        spent,
        parts,
        *(f"Tables: {source}" for source in report.sources),
    ]


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
    remarks = [finding.advice] if finding.advice else []
    if finding.expected and finding.status in ("warn", "fail"):
        remarks.insert(0, f"expected: {finding.expected}")
    return remarks


def _wrapped(text: str, indent: int = 0) -> list[str]:
    """Return the lines of a text; a word that is too long, such as a URL, stays whole."""
    width = _WIDTH - indent
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False) or [""]
