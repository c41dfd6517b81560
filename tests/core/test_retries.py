"""When a failed request is sent again."""

from __future__ import annotations

from mara_minimax.errors import BadRequestError, RateLimitError
from mara_minimax.retries import Retries


def test_an_error_that_will_not_go_away_is_not_retried():
    assert Retries(5).next_delay(BadRequestError("no")) is None


def test_delays_double_up_to_eight_seconds_less_a_random_quarter():
    retries = Retries(7)
    delays = [retries.next_delay(RateLimitError("slow")) for _ in range(7)]
    for delay, longest in zip(delays, [0.5, 1, 2, 4, 8, 8, 8], strict=True):
        assert longest * 0.75 <= delay <= longest


def test_retries_run_out():
    retries = Retries(1)
    assert retries.next_delay(RateLimitError("slow")) is not None
    assert retries.next_delay(RateLimitError("slow")) is None


def test_the_provider_may_say_when():
    assert Retries(1).next_delay(RateLimitError("slow", retry_after=3.0)) == 3.0


def test_a_wait_beyond_a_minute_is_left_to_the_caller():
    assert Retries(1).next_delay(RateLimitError("slow", retry_after=61.0)) is None
