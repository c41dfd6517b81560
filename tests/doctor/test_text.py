"""The report as text: 80 columns, each word whole."""

from __future__ import annotations

from datetime import UTC, datetime

from mara_minimax.doctor.http_parts import HTTPParts
from mara_minimax.doctor.remains import Window
from mara_minimax.doctor.report import CHECKS, Finding, Report
from mara_minimax.doctor.text import to_text


def report_of(*findings, **given):
    given.setdefault("http", HTTPParts("httpx 0.28.1", None))
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
HTTP: httpx 0.28.1. transport="aiohttp" needs the extra `fast`.
Tables: https://example.org/page
"""
    )


def test_long_lines_are_wrapped_under_their_column():
    shown = report_of(Finding("answer", "fail", "word " * 40, advice="advice " * 20))
    lines = shown.splitlines()[2:-4]
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


def test_what_is_left_of_a_plan_stands_below_the_findings():
    resets_at = datetime(2026, 5, 15, 15, tzinfo=UTC)
    windows = [Window("general", "interval", 92.0, resets_at=resets_at), Window("video", "week")]
    lines = report_of(Finding("quota", "pass", "as the host tells it:"), quota=windows).splitlines()
    assert lines[2] == "pass  Token Plan          as the host tells it:"
    told = " ".join(line.strip() for line in lines[3:7])
    assert told.startswith("general, interval: 92 % left; resets 2026-05-15 ")
    assert "(2026-05-15 15:00 UTC) video, week: the host does not say" in told
    assert max(map(len, lines[:7])) <= 80
