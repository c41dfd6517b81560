"""What is left of a Token Plan, read from the host's answer.

The answer's form is known from public reports alone and was not tried with a key:
https://github.com/robinebers/openusage/pull/536 (2026-06),
https://github.com/can1357/oh-my-pi/pull/6650 (2026-07) and, for plans that count requests,
https://github.com/MiniMax-AI/cli/issues/97 (2026-04). So every field may be missing or odd.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from mara_minimax.secrets.redaction import one_line
from mara_minimax.types import JSONObject

_WINDOWS: Final = (("interval", "current_interval_", ""), ("week", "current_weekly_", "weekly_"))
"""The windows of a bucket, and how the names of their amounts and of their times begin."""
_LONGEST_NAME: Final = 80
_FIRST_MILLISECONDS: Final = 1e11
"""A smaller time counts seconds, as one report has it; the others count milliseconds."""
_WITHOUT_LIMIT: Final = 3
"""A status of a window that reports read as without a limit, or as not in the plan."""


@dataclass(frozen=True, slots=True)
class Window:
    """What the host says of one bucket of models in one window of time."""

    bucket: str
    """Such as `general` or `video`."""
    window: str
    """`interval` or `week`."""
    percent_left: float | None = None
    total_count: float | None = None
    usage_count: float | None = None
    """Named so by the host; most reports read it as what is left
    (https://github.com/MiniMax-AI/MiniMax-M2/issues/99, 2026-03)."""
    status: float | None = None
    resets_at: datetime | None = None

    @property
    def left(self) -> str:
        """What is left, in words."""
        told = []
        if self.percent_left is not None:
            told.append(f"{_figure(self.percent_left)} % left")
        if self.total_count:
            counted = "?" if self.usage_count is None else _figure(self.usage_count)
            told.append(f"usage_count {counted} of {_figure(self.total_count)}")
        if self.status == _WITHOUT_LIMIT:
            told.append("status 3 (no limit, or not in the plan)")
        return ", ".join(told) or "the host does not say what is left"

    @property
    def resets(self) -> str:
        """When it begins anew, in words."""
        if self.resets_at is None:
            return "the host does not say when it resets"
        return f"resets {shown_moment(self.resets_at)}"

    def to_dict(self) -> JSONObject:
        """Return the window as plain JSON values; the time is in UTC."""
        plain = asdict(self)
        plain["resets_at"] = self.resets_at and self.resets_at.isoformat()
        return plain


def to_windows(body: Any, now: datetime) -> list[Window] | None:
    """Return the windows that an answer tells of, `None` if it is no answer of this form."""
    rows = body.get("model_remains") if isinstance(body, dict) else None
    if not isinstance(rows, list):
        return None
    return [window for row in rows if isinstance(row, dict) for window in _windows_in(row, now)]


def shown_moment(moment: datetime) -> str:
    """Return a time as people read it: where they are, and in UTC."""
    local, utc = moment.astimezone(), moment.astimezone(UTC)
    return f"{local:%Y-%m-%d %H:%M} local time ({utc:%Y-%m-%d %H:%M} UTC)"


def to_number(value: Any) -> float | None:
    """Return a finite number, also one that stands in text, and `None` for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _windows_in(row: JSONObject, now: datetime) -> Iterator[Window]:
    name = row.get("model_name")
    bucket = one_line(name)[:_LONGEST_NAME] if isinstance(name, str) else ""
    for title, amount, time in _WINDOWS:
        percent, total, usage, status = told = [
            to_number(row.get(amount + field))
            for field in ("remaining_percent", "total_count", "usage_count", "status")
        ]
        if told != [None] * len(told):
            resets_at = _reset(row.get(f"{time}end_time"), row.get(f"{time}remains_time"), now)
            yield Window(bucket or "unnamed", title, percent, total, usage, status, resets_at)


def _reset(end: Any, remaining: Any, now: datetime) -> datetime | None:
    """Return the end of a window, or where only that is told, the time that remains from now."""
    moment, milliseconds = to_number(end), to_number(remaining)
    try:
        if moment is not None and moment > 0:
            seconds = moment if moment < _FIRST_MILLISECONDS else moment / 1000
            resets_at = datetime.fromtimestamp(seconds, UTC)
        elif milliseconds is not None and milliseconds > 0:
            resets_at = now + timedelta(milliseconds=milliseconds)
        else:
            return None
        resets_at.astimezone()  # its local time may lie outside of the calendar
    except (ValueError, OverflowError, OSError):
        return None
    return resets_at


def _figure(number: float) -> str:
    return f"{number:,.10g}"
