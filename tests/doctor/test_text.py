"""The report as text: 80 columns, each word whole."""

from __future__ import annotations

from mara_minimax.doctor.report import CHECKS, Finding, Report
from mara_minimax.doctor.text import to_text


def report_of(*findings, **given):
    report = Report("MiniMax", "MiniMax-M2", "https://api.minimax.io/v1", **given)
    report.findings = list(findings)
    return to_text(report)


def test_a_report_reads_from_top_to_bottom():
    shown = report_of(
        Finding("key", "pass", "MINIMAX_API_KEY is set"),
        Finding("done", "pass", "no [DONE]", "no [DONE]"),
        Finding("json-schema", "pass", "obeyed", "not relied on", "Obeyed this time."),
        Finding("reasoning", "warn", "inline", "reasoning_details", "Nothing to do."),
        Finding("stream", "fail", "ServerError: busy", advice="Run again."),
        Finding("turn-two", "skip", "no reasoning to send back"),
        requests=1,
        tokens=42,
        seconds=1.26,
        sources=("https://example.org/page",),
    )
    assert (
        shown
        == """\
MiniMax · MiniMax-M2 · https://api.minimax.io/v1

pass  API key found       MINIMAX_API_KEY is set
pass  end of streams      no [DONE], as the table says
pass  JSON schema         obeyed
                          Obeyed this time.
warn  place of reasoning  inline
                          expected: reasoning_details
                          Nothing to do.
fail  streaming           ServerError: busy
                          Run again.
skip  reasoning sent back no reasoning to send back

3 passed, 1 different, 1 failed, 1 not tried.
1 request, 42 tokens, 1.3 s.
Tables: https://example.org/page
"""
    )


def test_long_lines_are_wrapped_under_their_column():
    shown = report_of(Finding("answer", "fail", "word " * 40, advice="advice " * 20))
    lines = shown.splitlines()[2:-3]
    assert max(map(len, shown.splitlines())) <= 80
    assert all(line.startswith(" " * 26 + line.strip()) for line in lines[1:])
    assert shown.count("word") == 40
    assert shown.count("advice") == 20


def test_a_word_that_is_too_long_stays_whole():
    url = "https://example.org/" + "a-" * 60
    assert url in report_of(Finding("answer", "fail", f"see {url} there")).splitlines()[3]


def test_a_finding_of_no_words_has_its_line():
    assert "\npass  plain call\n" in report_of(Finding("answer", "pass", ""))


def test_checks_that_were_skipped_for_one_reason_share_a_line():
    skipped = [Finding(check, "skip", "not tried") for check in list(CHECKS)[:3]]
    shown = report_of(*skipped, Finding("done", "skip", "no stream to look at"))
    assert "skip  3 checks            not tried\n" in shown
    assert "skip  end of streams      no stream to look at\n" in shown
    assert "4 not tried." in shown
