"""The limits of an account, on a clock of the test's own."""

from __future__ import annotations

import asyncio

import pytest

from examples.bulk.limiter import Limiter


class Clock:
    """Time that passes only where somebody sleeps."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now

    async def sleep(self, seconds):
        await asyncio.sleep(0)
        self.now += seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def limiter(clock):
    return lambda requests=None, tokens=None: Limiter(requests, tokens, clock, clock.sleep)


async def grants(limiter, clock, count, tokens=0):
    times = []
    for _ in range(count):
        await limiter.acquire(tokens)
        times.append(clock.now)
    return times


@pytest.mark.parametrize("limit", [1, 7, 60, 500, 3000])
async def test_no_minute_has_more_requests_than_the_limit(limiter, clock, limit):
    times = await grants(limiter(limit), clock, 3 * limit)
    for first, later in zip(times, times[limit:], strict=False):
        assert later - first >= 60 - 1e-6


async def test_the_limit_is_used_and_not_half_of_it(limiter, clock):
    times = await grants(limiter(500), clock, 1000)
    assert times[-1] <= 121


async def test_no_minute_has_more_tokens_than_the_limit(limiter, clock):
    limit, size = 60_000, 1_000
    times = await grants(limiter(tokens=limit), clock, 200, tokens=size)
    for first, later in zip(times, times[limit // size :], strict=False):
        assert later - first >= 60 - 0.1


async def test_a_prompt_larger_than_the_bucket_is_sent_and_paid_for_later(limiter, clock):
    limited = limiter(tokens=60_000)
    first, second = await grants(limited, clock, 2, tokens=30_000)
    assert first == 0
    assert second - first >= 30_000 / 60_000 * 60 - 1


async def test_tokens_that_a_call_did_not_use_are_given_back(limiter, clock):
    limited = limiter(tokens=60_000)
    await limited.acquire(10_000)
    await limited.settle(10_000, 100)
    await limited.acquire(9_000)
    assert clock.now == 0


async def test_tokens_that_a_call_used_beyond_its_estimate_are_waited_for(limiter, clock):
    limited = limiter(tokens=60_000)
    await limited.acquire(100)
    await limited.settle(100, 40_000)
    await limited.acquire(100)
    assert clock.now >= 30


async def test_a_refusal_stops_everybody_for_as_long_as_retry_after_says(limiter, clock):
    limited = limiter()
    await limited.refused(10, 17.0)
    assert await grants(limited, clock, 2) == [17.0, 17.0]


async def test_refusals_without_retry_after_double_the_wait_up_to_a_minute(limiter, clock):
    limited = limiter()
    waits = []
    for _ in range(9):
        began = clock.now
        await limited.refused(10, None)
        await limited.acquire(10)
        waits.append(clock.now - began)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]


async def test_refusals_of_calls_that_were_under_way_count_once(limiter, clock):
    limited = limiter()
    for _ in range(16):
        await limited.refused(10, None)
    assert await grants(limited, clock, 1) == [1.0]
    await limited.refused(10, None)
    assert await grants(limited, clock, 1) == [1.0 + 2.0]


async def test_an_answer_ends_the_doubling(limiter, clock):
    limited = limiter()
    for _ in range(3):
        await limited.refused(10, None)
        await limited.acquire(10)
    await limited.settle(10, 10)
    began = clock.now
    await limited.refused(10, None)
    await limited.acquire(10)
    assert clock.now - began == 1


async def test_a_refusal_reaches_those_who_already_wait(limiter, clock):
    limited = limiter(1)
    await limited.acquire(0)
    waiting = asyncio.create_task(limited.acquire(0))
    await asyncio.sleep(0)
    await limited.refused(0, 100.0)
    await waiting
    assert clock.now >= 100


async def test_without_limits_nobody_waits(limiter, clock):
    assert await grants(limiter(), clock, 100, tokens=1e9) == [0.0] * 100
