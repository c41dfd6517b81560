"""When a failed request is sent again."""

from __future__ import annotations

from email.utils import formatdate
from types import SimpleNamespace

import pytest

from mara_minimax import RateLimiter
from mara_minimax.errors import BadRequestError, RateLimitError
from mara_minimax.failures import waits
from mara_minimax.failures.waits import requested_wait
from mara_minimax.transport.passage import Passage
from mara_minimax.transport.retries import Retries


def test_an_error_that_will_not_go_away_is_not_retried():
    assert Retries(5).next_delay(BadRequestError("no"), Passage()) is None


def test_delays_double_up_to_eight_seconds_less_a_random_quarter():
    retries = Retries(7)
    delays = [retries.next_delay(RateLimitError("slow"), Passage()) for _ in range(7)]
    for delay, longest in zip(delays, [0.5, 1, 2, 4, 8, 8, 8], strict=True):
        assert longest * 0.75 <= delay <= longest


def test_retries_run_out():
    retries = Retries(1)
    assert retries.next_delay(RateLimitError("slow"), Passage()) is not None
    assert retries.next_delay(RateLimitError("slow"), Passage()) is None


def test_the_provider_may_say_when():
    assert Retries(1).next_delay(RateLimitError("slow", retry_after=3.0), Passage()) == 3.0


def test_a_wait_beyond_a_minute_is_left_to_the_caller():
    assert Retries(1).next_delay(RateLimitError("slow", retry_after=61.0), Passage()) is None


def test_with_a_limiter_a_plan_is_waited_for_and_a_wait_of_years_is_not():
    plan = RateLimitError("used up", retry_after=5 * 3600.0, retryable=False)
    assert Retries(1, RateLimiter()).next_delay(plan, Passage()) == 0.0
    absurd = RateLimitError("used up", retry_after=1e300)
    assert Retries(1, RateLimiter()).next_delay(absurd, Passage()) is None
    assert Retries(1, RateLimiter(max_wait=1e301)).next_delay(absurd, Passage()) is None


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "3"}, 3.0),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after-ms": "250"}, 0.25),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after-ms": "soon", "retry-after": "9"}, 9.0),
        ({"retry-after": "86400"}, 86_400.0),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, None),
        ({"retry-after": "Wed, 21 Oct 99999 07:28:00 GMT"}, None),
        ({"retry-after": "Wed, 99 Oct 2026 07:28:00 +99999999"}, None),
        ({}, None),
    ],
)
def test_what_headers_ask_to_wait(headers, seconds):
    assert requested_wait(headers) == seconds


def test_headers_may_name_a_date(monkeypatch):
    monkeypatch.setattr(waits, "time", SimpleNamespace(time=lambda: 1_790_000_000.0))
    date = formatdate(1_790_001_000, usegmt=True)
    assert requested_wait({"retry-after": date}) == 1000
