"""The limits of an account, on a clock of the test's own."""

from __future__ import annotations

import asyncio
import copy
import itertools
import os
import pickle
import subprocess
import sys
import threading
from contextlib import suppress
from types import SimpleNamespace

import pytest

from mara_minimax import RateLimiter
from mara_minimax.errors import ParameterError, RateLimitError, ServerError
from mara_minimax.transport import limiter as limiter_module
from mara_minimax.transport.limiter import is_refusal
from mara_minimax.types import Usage
from tests.core.transport.accounts import START, Clock


@pytest.fixture
def clock(monkeypatch):
    return Clock(monkeypatch)


@pytest.fixture
def limited(clock):
    return lambda **limits: RateLimiter(clock=clock, **limits)


def sent(limiter, clock, count, size=0):
    """Return the seconds after the start at which requests went, one after another."""
    times = []
    for _ in range(count):
        limiter.acquire(size)
        times.append(clock.now - START)
    return times


def used(tokens):
    return Usage(input_tokens=tokens, output_tokens=0, total_tokens=tokens)


def pace(limiter, clock):
    """Return the seconds between two requests."""
    earlier, later = sent(limiter, clock, 40)[-2:]
    return later - earlier


def test_requests_are_spaced(limited, clock):
    assert sent(limited(requests_per_minute=20), clock, 3) == pytest.approx([0, 3, 6])


def test_the_first_ones_go_at_once(limited, clock):
    times = sent(limited(requests_per_minute=500), clock, 26)
    assert [time > 0 for time in times] == [False] * 25 + [True]


async def test_sync_and_async_wait_alike(limited, clock):
    permits, slept = [], []
    for is_async in (False, True):
        clock.now = START
        limiter = limited(requests_per_minute=20, tokens_per_minute=60_000)
        clock.slept.clear()
        for size in (4, 40_000, 80_000, 4, 4):
            permits.append(await limiter.aacquire(size) if is_async else limiter.acquire(size))
        limiter.refuse(permits[-1], None)
        permits.append(await limiter.aacquire(4) if is_async else limiter.acquire(4))
        slept.append(list(clock.slept))
    assert [each.sent_at for each in permits[:6]] == [each.sent_at for each in permits[6:]]
    assert slept[0] == slept[1] != []


def test_a_long_wait_is_slept_in_parts(limited, clock):
    limiter = limited(requests_per_minute=1)
    sent(limiter, clock, 2)
    assert clock.slept[:3] == pytest.approx([30.0, 15.0, 7.5])
    assert sum(clock.slept) == pytest.approx(60)


def test_a_refusal_stops_all_for_as_long_as_it_says(limited, clock):
    limiter = limited(requests_per_minute=600)
    limiter.refuse(limiter.acquire(0), 17.0)
    first, second = sent(limiter, clock, 2)
    assert 17.0 < first < second


def test_after_a_refusal_nobody_goes_at_once_with_another(limited, clock):
    limiter = limited(requests_per_minute=600)
    limiter.refuse(limiter.acquire(0), 17.0)
    times = sent(limiter, clock, 100)
    gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert min(gaps) > 60 / 600


async def test_a_refusal_stops_those_who_wait_already_and_keeps_their_order(limited, clock):
    limiter = limited(requests_per_minute=20)
    permit = limiter.acquire(0)
    first = limiter._line_up(0)
    second = limiter._line_up(0)
    limiter.refuse(permit, 100.0)
    assert 100 < limiter._wait_of(first) < limiter._wait_of(second)


def test_refusals_without_a_time_stop_all_for_two_seconds_that_double(limited, clock):
    limiter = limited(requests_per_minute=60_000)
    pauses = []
    for _ in range(7):
        clock.now += 0.001
        limiter.refuse(limiter.acquire(0), None)
        began = clock.now
        limiter.acquire(0)
        pauses.append(clock.now - began)
    assert pauses == pytest.approx([2, 4, 8, 16, 32, 60, 60], abs=0.1)


def test_an_answer_ends_the_doubling(limited, clock):
    limiter = limited(requests_per_minute=60_000)
    for _ in range(3):
        limiter.refuse(limiter.acquire(0), None)
    limiter.succeed(limiter.acquire(0), None)
    limiter.refuse(limiter.acquire(0), None)
    began = clock.now
    limiter.acquire(0)
    assert clock.now - began == pytest.approx(2, abs=0.1)


def test_a_refusal_slows_by_a_quarter_once_for_all_that_was_on_its_way(limited, clock):
    limiter = limited(requests_per_minute=100)
    permits = [limiter.acquire(0) for _ in range(5)]
    for permit in permits:
        limiter.refuse(permit, None)
    assert pace(limiter, clock) == pytest.approx(60 / (75 - 75 / 20 + 1))


def test_answers_bring_the_pace_back_and_not_beyond_what_was_given(limited, clock):
    limiter = limited(requests_per_minute=100)
    limiter.refuse(limiter.acquire(0), None)
    for _ in range(10):
        limiter.succeed(limiter.acquire(0), None)
    assert pace(limiter, clock) == pytest.approx(60 / (85 - 85 / 20 + 1))
    for _ in range(100):
        limiter.succeed(limiter.acquire(0), None)
    assert pace(limiter, clock) == pytest.approx(60 / 96)


def test_without_limits_it_begins_at_500_and_grows_where_it_limits(limited, clock):
    limiter = limited()
    for _ in range(600):
        clock.now += 60
        limiter.succeed(limiter.acquire(0), None)
    assert pace(limiter, clock) == pytest.approx(60 / 476)
    for _ in range(500):
        limiter.succeed(limiter.acquire(0), None)
    assert pace(limiter, clock) == pytest.approx(60 / (1000 - 1000 / 20 + 1), rel=0.01)


def test_a_header_sets_the_limit_but_not_above_what_was_given(limited, clock):
    for given, told, limit in ((None, "200", 200), (500, "200", 200), (100, "200", 100)):
        limiter = limited(requests_per_minute=given)
        limiter.learn({"x-ratelimit-limit-requests": told})
        assert pace(limiter, clock) == pytest.approx(60 / (limit - limit / 20 + 1))


@pytest.mark.parametrize("limit", ["", "0", "-5", "nan", "inf", "many"])
def test_a_header_without_a_limit_says_nothing(limited, clock, limit):
    limiter = limited(requests_per_minute=100)
    limiter.learn({"x-ratelimit-limit-requests": limit})
    assert pace(limiter, clock) == pytest.approx(60 / 96)


def test_a_header_may_limit_tokens_too(limited, clock):
    limiter = limited()
    early = limiter.acquire(400_000)
    limiter.learn({"x-ratelimit-limit-tokens": "60000"})
    limiter.succeed(early, used(1))
    assert sent(limiter, clock, 2, size=120_000)[-1] == pytest.approx(30_000 / 57_001 * 60)


def test_when_nothing_remains_all_wait_for_the_reset(limited, clock):
    limiter = limited(requests_per_minute=200)
    headers = {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": f"{START + 40}"}
    limiter.learn(headers)
    assert 40 < sent(limiter, clock, 1)[0] < 41


def test_tokens_are_estimated_by_bytes(limited, clock):
    limiter = limited(tokens_per_minute=60_000)
    assert sent(limiter, clock, 3, size=57_001 * 4)[-1] == pytest.approx(120, abs=4)


def test_tokens_that_were_not_used_are_given_back(limited, clock):
    limiter = limited(tokens_per_minute=60_000)
    limiter.succeed(limiter.acquire(400_000), used(100))
    limiter.acquire(4)
    assert clock.now == START


def test_the_tokens_of_a_refused_request_are_given_back(limited, clock):
    limiter = limited(tokens_per_minute=60_000)
    limiter.refuse(limiter.acquire(400_000), 1.0)
    limiter.acquire(4)
    assert clock.now < START + 5


def test_later_estimates_know_what_answers_take(limited, clock):
    limiter = limited(tokens_per_minute=60_000)
    for _ in range(60):
        limiter.succeed(limiter.acquire(4), used(5_001))
    amounts = [limiter._line_up(size).tokens.amount for size in (4, 4_000)]
    assert amounts == pytest.approx([5_001, 6_000], rel=0.01)


def test_a_host_that_counts_nonsense_stops_nobody_for_long(limited, clock):
    limiter = limited(tokens_per_minute=60_000)
    limiter.succeed(limiter.acquire(4), used(10**18))
    limiter.acquire(4)
    assert clock.now < START + 70


@pytest.mark.parametrize("tokens", [-5, -(10**300)])
def test_a_host_that_counts_less_than_nothing_leaves_estimates_as_they_are(limited, clock, tokens):
    limiter = limited(tokens_per_minute=60_000)
    for _ in range(60):
        limiter.succeed(limiter.acquire(4_000), used(5_000))
    limiter.succeed(limiter.acquire(4_000), used(tokens))
    assert limiter._line_up(4_000).tokens.amount > 4_000


@pytest.mark.parametrize("wait", [10 * 86_400, 1e30, 1e300])
def test_a_host_that_names_a_wait_of_years_stops_nobody_for_long(limited, clock, wait):
    limiter = limited()
    limiter.refuse(limiter.acquire(0), wait)
    reset = f"{START + min(wait, 1e11)}"
    limiter.learn({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": reset})
    limiter.acquire(0)
    assert 1 < clock.now - START < 5


def test_who_waits_already_is_told_when_it_would_be_too_long(limited, clock, monkeypatch):
    limiter = limited(requests_per_minute=1, max_wait=90)
    first = limiter.acquire(0)

    def sleep(seconds):
        clock.sleep(seconds)
        if len(clock.slept) == 2:
            limiter.refuse(first, 3600.0)

    monkeypatch.setattr(limiter_module, "time", SimpleNamespace(sleep=sleep))
    with pytest.raises(RateLimitError, match="longer than max_wait=90"):
        limiter.acquire(0)
    assert len(clock.slept) == 2
    # Its place is given up.
    clock.now += 3600
    assert limiter._wait_of(limiter._line_up(0)) <= 90


def test_who_would_wait_too_long_is_told_at_once(limited, clock):
    limiter = limited(requests_per_minute=1, max_wait=30)
    limiter.acquire(0)
    for _ in range(2):
        with pytest.raises(RateLimitError, match="60 s, longer than max_wait=30") as caught:
            limiter.acquire(0)
        assert caught.value.retry_after == pytest.approx(60)
    assert (clock.now, caught.value.retryable) == (START, False)


async def test_who_gives_up_waiting_takes_nobodys_turn():
    limiter = RateLimiter(requests_per_minute=1, tokens_per_minute=60)
    await limiter.aacquire(4)
    waiting = [asyncio.ensure_future(limiter.aacquire(4)) for _ in range(50)]
    await asyncio.sleep(0)
    for each in waiting:
        each.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert limiter._wait_of(limiter._line_up(4)) <= 60


def test_a_sync_wait_can_be_interrupted(limited, clock, monkeypatch):
    limiter = limited(requests_per_minute=1)
    limiter.acquire(0)

    def interrupt(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(limiter_module, "time", SimpleNamespace(sleep=interrupt))
    for _ in range(5):
        with pytest.raises(KeyboardInterrupt):
            limiter.acquire(0)
    assert limiter._wait_of(limiter._line_up(0)) == pytest.approx(60)


def test_threads_and_event_loops_share_one_limit():
    limiter = RateLimiter(requests_per_minute=100, clock=lambda: START)
    passed = []

    async def ask():
        with suppress(asyncio.TimeoutError):
            async with asyncio.timeout(0.3):
                while True:
                    passed.append(await limiter.aacquire(0))

    threads = [threading.Thread(target=asyncio.run, args=(ask(),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(passed) == 5


def test_copies_are_the_limiter_itself_and_a_pickle_has_its_limits(limited, clock):
    limiter = RateLimiter(requests_per_minute=7, tokens_per_minute=9, max_wait=3)
    restored = pickle.loads(pickle.dumps(limiter))
    assert copy.deepcopy([limiter]) == [limiter]
    assert restored is not limiter
    assert repr(restored) == repr(limiter)
    assert repr(limiter) == "RateLimiter(requests_per_minute=7, tokens_per_minute=9, max_wait=3)"


FORKING = """
import os, threading
from mara_minimax.transport.limiter import RateLimiter

limiter = RateLimiter(requests_per_minute=1e9)
stopped = threading.Event()

def ask():
    while not stopped.is_set():
        limiter.acquire(0)

thread = threading.Thread(target=ask)
thread.start()
for _ in range(20):
    child = os.fork()
    if child == 0:
        limiter.acquire(0)
        os._exit(7)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
stopped.set()
thread.join()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
def test_a_forked_process_can_use_its_limiter_while_a_thread_uses_it():
    # In a process of its own: coverage's tracer can hang a child of one that has threads.
    subprocess.run([sys.executable, "-c", FORKING], check=True, timeout=60)


@pytest.mark.parametrize("name", ["requests_per_minute", "tokens_per_minute", "max_wait"])
@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf"), "60", True])
def test_a_limit_is_a_number_above_zero(name, value):
    with pytest.raises(ParameterError, match=f"Invalid {name}="):
        RateLimiter(**{name: value})


def test_what_counts_as_a_refusal():
    assert is_refusal(RateLimitError("slow"))
    assert is_refusal(ServerError("busy", status_code=529))
    assert is_refusal(ServerError("busy", code="2064"))
    assert not is_refusal(ServerError("broken", status_code=500))
