"""A pytest plugin that says of each rule which LLMs keep it.

`python -m pytest -p llama_index_mara_minimax.conformance.report` ends with what fails, is expected
to fail or is skipped; `--conformance-report FILE` writes a table of all rules as Markdown, and
`-k R36` chooses a rule by its number.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from llama_index_mara_minimax.conformance.rules import RULES, Rule


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that asks for a file."""
    parser.getgroup("conformance").addoption(
        "--conformance-report", metavar="FILE", help="write the verdict on each rule as Markdown"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Collect verdicts, in the process that all tests report to."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Report(config.getoption("--conformance-report")))


def pytest_itemcollected(item: pytest.Item) -> None:
    """Let `-k` choose a rule by its number."""
    if found := RULES.get(getattr(item, "originalname", "")):
        item.extra_keyword_matches.add(found.number)


@dataclass
class Verdict:
    """What became of the cases of one rule with one LLM."""

    passed: int = 0
    failed: int = 0
    expected: int = 0
    """Failed, as `known_failures` said."""
    unexpected: int = 0
    """Passed, although `known_failures` names the rule."""
    reason: str = ""
    """Why the rule failed first, is expected to fail or is skipped."""

    def add(self, report: pytest.TestReport) -> None:
        """Count one case, or what fails before and after it."""
        known = hasattr(report, "wasxfail")
        if report.failed:
            self.failed += 1
            why = _first_line(report)
        elif report.skipped:
            self.expected += known
            why = report.wasxfail if known else _skipped(report)
        elif report.when == "call":
            self.unexpected += known
            self.passed += not known
            why = report.wasxfail if known else ""
        else:
            return
        self.reason = self.reason or why

    def __str__(self) -> str:
        """The verdict in a few words."""
        total = self.passed + self.failed + self.expected + self.unexpected
        if self.failed:
            return f"fails in {self.failed} of {total}"
        if self.expected:
            return f"known to fail in {self.expected} of {total}"
        if self.unexpected:
            return "passes, though known to fail"
        return "passes" if total else "skipped"


@dataclass
class Report:
    """Verdicts on all rules, by number of the rule and title of the LLM."""

    path: str | None
    verdicts: dict[str, dict[str, Verdict]] = field(default_factory=lambda: defaultdict(dict))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take one report in, if a rule of the suite was tested."""
        found = dict(report.user_properties)
        if "conformance_rule" in found:
            number, title = str(found["conformance_rule"]), str(found["conformance_llm"])
            self.verdicts[number].setdefault(title, Verdict()).add(report)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what is not simply kept: rule, verdict, reason; of a failure why the rule holds."""
        for title in self._titles():
            terminalreporter.section(f"conformance of {title}")
            for rule in self._rules():
                verdict = self._verdict(rule, title)
                if str(verdict) != "passes":
                    words = f"{rule.number} {rule.title}: {verdict}"
                    reason = f" ({verdict.reason})" if verdict.reason else ""
                    terminalreporter.write_line(words + reason)
                if verdict.failed:
                    sources = ", ".join(rule.sources)
                    terminalreporter.write_line(f"    {rule.number} holds because: {rule.reason}")
                    terminalreporter.write_line(f"    {rule.number} in llama_index.core: {sources}")
            terminalreporter.write_line(f"{self._kept(title)} rules are kept")

    def pytest_sessionfinish(self) -> None:
        """Write the table, if one was asked for."""
        if self.path:
            Path(self.path).write_text(self.table(), "utf-8")

    def table(self) -> str:
        """Return all rules as a Markdown table with a column for each LLM, and the reasons."""
        titles = self._titles()
        rows = [["rule", *titles], ["---"] * (len(titles) + 1)]
        rows.append(["**rules kept**", *map(self._kept, titles)])
        notes: dict[tuple[str, str], list[str]] = defaultdict(list)
        for rule in self._rules():
            found = [self._verdict(rule, title) for title in titles]
            cells = [f"**{v}**" if v.failed else str(v) for v in found]
            rows.append([f"{rule.number} {rule.title}", *cells])
            for title, verdict in zip(titles, found, strict=True):
                if verdict.reason and not verdict.failed:
                    notes[title, verdict.reason].append(rule.number)
        lines = [f"| {' | '.join(row)} |" for row in rows]
        reasons = [f"- {title}: {why} ({', '.join(at)})" for (title, why), at in notes.items()]
        lines += ["", *reasons] if reasons else []
        return "\n".join(lines) + "\n"

    def _kept(self, title: str) -> str:
        """How many of the rules that were not skipped have passed."""
        found = [str(self._verdict(rule, title)) for rule in self._rules()]
        return f"{found.count('passes')} of {len(found) - found.count('skipped')}"

    def _verdict(self, rule: Rule, title: str) -> Verdict:
        return self.verdicts[rule.number].get(title, Verdict())

    def _titles(self) -> list[str]:
        return list(dict.fromkeys(title for found in self.verdicts.values() for title in found))

    def _rules(self) -> list[Rule]:
        tested = [rule for rule in RULES.values() if rule.number in self.verdicts]
        return sorted(tested, key=lambda rule: rule.number)


def _first_line(report: pytest.TestReport) -> str:
    crash = getattr(report.longrepr, "reprcrash", None)
    line = str(crash.message if crash else report.longrepr).partition("\n")[0]
    case = report.nodeid.partition("[")[2].removesuffix("]")
    return f"{case}: {line}" if case else line


def _skipped(report: pytest.TestReport) -> str:
    if not isinstance(report.longrepr, tuple):
        return ""
    return str(report.longrepr[2]).removeprefix("Skipped: ")
