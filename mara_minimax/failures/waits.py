"""How long a failure asks to wait: in its headers, or in its message."""

from __future__ import annotations

import math
import re
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

_RESETS_AT: Final = re.compile(
    r"resets? at (\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d))"
)
"""MiniMax's words for a used up plan, code 2056
(https://github.com/MiniMax-AI/MiniMax-M2.7/issues/36, 2026-05)."""

_LIMITS: Final = ("requests", "requests-day")
"""Ends of MARA's headers `x-ratelimit-remaining-…` and `x-ratelimit-reset-…`, in epoch seconds
(https://mara-cloud-docs-one.vercel.app/models/rate-limits, 2026-11)."""


def requested_wait(headers: Any) -> float | None:
    """Return the seconds that a failure's headers ask to wait, `None` where they do not say.

    `retry-after-ms` counts milliseconds; `Retry-After` is a number of seconds or a date. Other
    values, negative numbers and dates in the past are ignored.
    """
    milliseconds = _positive(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000.0
    value = headers.get("retry-after", "")
    seconds = _positive(value)
    return _until(value) if seconds is None else seconds


def reset_time(message: str, headers: Any = None) -> datetime | None:
    """Return when a limit ends, with its time zone, `None` where neither place says so.

    Of the limits in the headers those count that are used up.
    """
    if match := _RESETS_AT.search(message):
        try:
            return datetime.fromisoformat(match.group(1))
        except ValueError:
            return None
    times = [
        _positive(headers.get(f"x-ratelimit-reset-{limit}", ""))
        for limit in _LIMITS
        if headers and headers.get(f"x-ratelimit-remaining-{limit}", "").strip() == "0"
    ]
    try:
        return datetime.fromtimestamp(max(filter(None, times), default=math.nan), UTC)
    except (ValueError, OverflowError, OSError):
        # None of the limits is used up, or the number is no time.
        return None


def limits_per_minute(headers: Any) -> dict[str, float]:
    """Return the limits of `requests` and `tokens` a minute that headers name.

    MARA names that of requests, LiteLLM's proxy both. A limit below 1 is none.
    """
    named = {
        kind: _positive(headers.get(f"x-ratelimit-limit-{kind}", ""))
        for kind in ("requests", "tokens")
    }
    return {kind: limit for kind, limit in named.items() if limit is not None and limit >= 1.0}


def seconds_until(moment: datetime | None) -> float | None:
    """Return the seconds that are left until `moment`, `None` where it is past."""
    if moment is None:
        return None
    seconds = moment.timestamp() - time.time()
    return seconds if seconds > 0 else None


def _positive(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None


def _until(date: str) -> float | None:
    try:
        return seconds_until(parsedate_to_datetime(date))
    except (ValueError, OverflowError, OSError):
        # The standard library raises all three for years, days and zones out of range.
        return None
