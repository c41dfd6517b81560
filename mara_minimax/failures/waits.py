"""How long a failure's headers ask to wait."""

from __future__ import annotations

import math
import time
from email.utils import parsedate_to_datetime
from typing import Any


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


def _positive(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None


def _until(date: str) -> float | None:
    try:
        seconds = parsedate_to_datetime(date).timestamp() - time.time()
    except (ValueError, OverflowError, OSError):
        # The standard library raises all three for years, days and zones out of range.
        return None
    return seconds if seconds > 0 else None
