"""What the host says of a Token Plan, however odd: nothing is claimed that it did not say."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime

import pytest

from mara_minimax.doctor.remains import Window, shown_moment, to_windows

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
END = 1_780_326_000_000  # 2026-06-01 15:00 UTC
RESET = datetime(2026, 6, 1, 15, 0, tzinfo=UTC)


def windows(*rows):
    return to_windows({"model_remains": list(rows)}, NOW)


def interval(**fields):
    given = {"model_name": "general", "current_interval_remaining_percent": 92, **fields}
    (window,) = windows(given)
    return window


def test_a_plan_of_credits_has_two_windows_for_each_bucket():
    assert windows(
        {
            "model_name": "general",
            "end_time": END,
            "remains_time": 1,
            "current_interval_total_count": 0,
            "current_interval_usage_count": 0,
            "current_interval_status": 1,
            "current_interval_remaining_percent": 92,
            "current_weekly_remaining_percent": 98.5,
            "weekly_end_time": END,
        },
        {"model_name": "video", "current_weekly_remaining_percent": 100},
    ) == [
        Window("general", "interval", 92.0, 0.0, 0.0, 1.0, RESET),
        Window("general", "week", 98.5, resets_at=RESET),
        Window("video", "week", 100.0),
    ]


def test_a_plan_of_requests_shows_the_counts_by_the_hosts_own_name():
    # https://github.com/MiniMax-AI/cli/issues/97 (2026-04)
    (window,) = windows(
        {
            "end_time": END,
            "current_interval_total_count": 1500,
            "current_interval_usage_count": 1444,
            "model_name": "MiniMax-M*",
        }
    )
    assert window.left == "usage_count 1,444 of 1,500"


@pytest.mark.parametrize(
    ("fields", "left"),
    [
        ({}, "92 % left"),
        ({"current_interval_remaining_percent": "37.5"}, "37.5 % left"),
        ({"current_interval_remaining_percent": 150}, "150 % left"),
        ({"current_interval_remaining_percent": 0}, "0 % left"),
        ({"current_interval_total_count": 100}, "92 % left, usage_count ? of 100"),
        ({"current_interval_status": 3}, "92 % left, status 3 (no limit, or not in the plan)"),
        (
            {"current_interval_remaining_percent": None, "current_interval_status": 1},
            "the host does not say what is left",
        ),
    ],
)
def test_what_is_left_is_said_as_far_as_it_is_known(fields, left):
    assert interval(**fields).left == left


@pytest.mark.parametrize(
    "odd", [None, True, "soon", "", [], {}, "nan", float("inf"), 10**400, "9" * 400]
)
def test_an_amount_that_is_no_number_is_not_said(odd):
    assert windows({"model_name": "general", "current_interval_remaining_percent": odd}) == []


@pytest.mark.parametrize(
    ("fields", "resets_at"),
    [
        ({"end_time": END}, RESET),
        ({"end_time": str(END)}, RESET),
        ({"end_time": END // 1000}, RESET),
        ({"end_time": None, "remains_time": 3 * 3_600_000}, RESET),
        ({"end_time": 0, "remains_time": 3 * 3_600_000}, RESET),
        ({"end_time": "soon"}, None),
        ({"end_time": -5, "remains_time": 0}, None),
        ({"end_time": 1e300}, None),
        ({"remains_time": 1e300}, None),
        ({"end_time": 253_402_300_799_000}, datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_the_reset_is_the_end_of_the_window_or_what_remains_of_it(fields, resets_at):
    assert interval(**fields).resets_at == resets_at


def test_a_reset_whose_local_time_is_outside_of_the_calendar_is_not_said(monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        assert interval(end_time=253_402_300_799_000).resets_at is None
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(
    ("name", "bucket"),
    [(None, "unnamed"), (7, "unnamed"), ("", "unnamed"), ("a\x1b[2J\n b", "a [2J b")],
)
def test_the_name_of_a_bucket_is_shown_in_one_line(name, bucket):
    assert interval(model_name=name).bucket == bucket


def test_a_long_name_of_a_bucket_is_cut():
    assert len(interval(model_name="x" * 5000).bucket) == 80


@pytest.mark.parametrize("body", [None, [], "text", {}, {"model_remains": {"general": 1}}])
def test_an_answer_of_another_form_is_none(body):
    assert to_windows(body, NOW) is None


@pytest.mark.parametrize("row", [None, 5, "general", [], {}])
def test_a_row_that_says_nothing_has_no_window(row):
    assert windows(row) == []


def test_a_time_is_shown_where_people_are_and_in_utc(monkeypatch):
    monkeypatch.setenv("TZ", "Europe/Oslo")
    time.tzset()
    try:
        shown = shown_moment(RESET)
    finally:
        monkeypatch.undo()
        time.tzset()
    assert shown == "2026-06-01 17:00 local time (2026-06-01 15:00 UTC)"


def test_a_window_is_plain_json():
    assert json.loads(json.dumps(interval(end_time=END).to_dict())) == {
        "bucket": "general",
        "window": "interval",
        "percent_left": 92.0,
        "total_count": None,
        "usage_count": None,
        "status": None,
        "resets_at": "2026-06-01T15:00:00+00:00",
    }
    assert interval().to_dict()["resets_at"] is None
    assert interval().resets == "the host does not say when it resets"
