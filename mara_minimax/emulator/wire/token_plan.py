"""What MiniMax's host says is left of a Token Plan, as public reports have it.

Nobody has compared it with the host. Fields: https://github.com/robinebers/openusage/pull/536
(2026-06), https://github.com/can1357/oh-my-pi/pull/6650 (2026-07); their order:
https://github.com/MiniMax-AI/cli/issues/97 (2026-04). The refusal, HTTP 200 with code 1004:
https://github.com/robinebers/openusage/issues/991 (2026-07).
"""

from __future__ import annotations

from typing import Any, Final

PLAN_KEY_PREFIX: Final = "sk-cp-"
_HOUR: Final = 3_600_000
_INTERVAL: Final = 5 * _HOUR
_WEEK: Final = 7 * 24 * _HOUR
_LIMITED, _NOT_LIMITED = 1, 3
"""Statuses of a window; reports read the second as without a limit, or as not in the plan."""


def remains(key: str, seconds: float) -> dict[str, Any]:
    """The body for a key at a time in epoch seconds: two buckets, or a refusal."""
    if not key.startswith(PLAN_KEY_PREFIX):
        return {"base_resp": {"status_code": 1004, "status_msg": "no active token plan"}}
    now = int(seconds * 1000)
    return {
        "model_remains": [
            _bucket("general", now, (92, 98), _LIMITED),
            _bucket("video", now, (100, 100), _NOT_LIMITED),
        ],
        "base_resp": {"status_code": 0, "status_msg": "success"},
    }


def _bucket(name: str, now: int, percents: tuple[int, int], status: int) -> dict[str, Any]:
    """One row, of a plan that counts credits: all counts are zero."""
    start, week = now - now % _INTERVAL, now - now % _WEEK
    interval_percent, weekly_percent = percents
    return {
        "start_time": start,
        "end_time": start + _INTERVAL,
        "remains_time": start + _INTERVAL - now,
        "current_interval_total_count": 0,
        "current_interval_usage_count": 0,
        "model_name": name,
        "current_weekly_total_count": 0,
        "current_weekly_usage_count": 0,
        "weekly_start_time": week,
        "weekly_end_time": week + _WEEK,
        "weekly_remains_time": week + _WEEK - now,
        "current_interval_status": status,
        "current_interval_remaining_percent": interval_percent,
        "current_weekly_status": status,
        "current_weekly_remaining_percent": weekly_percent,
    }
