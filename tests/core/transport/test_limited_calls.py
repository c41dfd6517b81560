"""Calls of models that share a limiter: what it lets go, and what it is told."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest

from mara_minimax import RateLimiter
from mara_minimax.emulator import CannedReply, Emulator
from mara_minimax.errors import RateLimitError
from mara_minimax.failures import waits
from mara_minimax.settings import MARASettings, MiniMaxSettings
from tests.core.calls import FORMS, STREAMS, USER, call
from tests.core.transport.accounts import LIBRARY, START, Account, Clock, VirtualLoop
from tests.core.transport.test_passage import BEGUN, Breaking

PLAN = "usage limit exceeded, 5-hour usage limit reached, resets at {} (2056)"


class Counting(RateLimiter):
    """Remembers what it is asked and told."""

    def __init__(self, **given):
        super().__init__(**given)
        self.sizes = []
        self.told = []

    def acquire(self, size):
        self.sizes.append(size)
        return super().acquire(size)

    async def aacquire(self, size):
        self.sizes.append(size)
        return await super().aacquire(size)

    def succeed(self, permit, usage):
        self.told.append(usage and usage.total_tokens)
        super().succeed(permit, usage)

    def refuse(self, permit, wait):
        self.told.append(("refused", wait))
        super().refuse(permit, wait)


@pytest.fixture
def clock(monkeypatch):
    return Clock(monkeypatch)


@pytest.fixture
def limiter(clock):
    return Counting(requests_per_minute=600, clock=clock)


@pytest.fixture
def limited(settings, limiter):
    return settings.model_copy(update={"limiter": limiter})


def refusal(status=429, message="rate limit (1002)", **headers):
    kind = {429: "rate_limit_error", 529: "overloaded_error"}[status]
    body = {"type": "error", "error": {"type": kind, "message": message, "http_code": str(status)}}
    return CannedReply.json(body, status=status, headers=headers)


@FORMS
def test_a_call_asks_once_with_the_size_of_its_body_and_tells_its_usage(
    limited, limiter, emulator, form
):
    reply = call(limited, form)
    assert limiter.sizes == [int(emulator.requests[0].headers["content-length"])]
    assert limiter.told == [reply.usage.total_tokens]


@FORMS
def test_each_retry_asks_again(limited, limiter, emulator, sleeps, form):
    emulator.enqueue(CannedReply(500))
    emulator.enqueue(refusal())
    assert call(limited, form).finish_reason == "stop"
    assert len(limiter.sizes) == len(emulator.requests) == 3
    assert limiter.told[0] == ("refused", None)
    assert len(sleeps) == 2
    assert sleeps[1] == 0.0


@FORMS
def test_a_request_that_a_lost_connection_repeats_asks_again(limited, limiter, form):
    transport = Breaking([BEGUN])
    clients = {
        "http_client": LIBRARY.Client(transport=transport),
        "http_async_client": LIBRARY.AsyncClient(transport=transport),
        "max_retries": 0,
    }
    call(limited.model_copy(update=clients), form)
    assert len(limiter.sizes) == transport.sent == 2


@FORMS
@pytest.mark.parametrize("status", [429, 529])
def test_the_limiter_waits_for_what_a_refusal_says(limited, clock, emulator, sleeps, status, form):
    emulator.enqueue(refusal(status, **{"retry-after": "500"}))
    assert call(limited, form).finish_reason == "stop"
    assert clock.now > START + 500
    assert sleeps == [0.0]


@FORMS
def test_the_limiter_waits_until_a_plan_is_reset(limited, clock, emulator, sleeps, form):
    # Five hours after the start of the clock.
    emulator.enqueue(refusal(message=PLAN.format("2026-09-21T19:14:00Z")))
    assert call(limited, form).finish_reason == "stop"
    assert clock.now == pytest.approx(1_790_018_040, abs=1)


@FORMS
def test_a_plan_whose_reset_is_past_is_asked_again(limited, clock, emulator, sleeps, form):
    emulator.enqueue(refusal(message=PLAN.format("2026-09-21T10:14:00Z")))
    assert call(limited, form).finish_reason == "stop"
    assert clock.now == pytest.approx(START + 2, abs=1)


@FORMS
def test_a_reset_that_is_too_far_away_is_an_error(settings, clock, emulator, form):
    limiter = RateLimiter(max_wait=3600, clock=clock)
    limited = settings.model_copy(update={"limiter": limiter})
    emulator.enqueue(refusal(message=PLAN.format("2026-09-21T19:14:00Z")))
    for _ in range(2):
        with pytest.raises(RateLimitError) as caught:
            call(limited, form)
        assert caught.value.retry_after == pytest.approx(18_000, abs=1)
    assert len(emulator.requests) == 1


@FORMS
def test_retries_with_a_limiter_run_out_too(limited, emulator, sleeps, form):
    emulator.scenario = "http-429"
    with pytest.raises(RateLimitError):
        call(limited, form)
    assert len(emulator.requests) == 3


@STREAMS
def test_a_stream_that_is_refused_in_its_middle_is_a_refusal(limited, limiter, emulator, form):
    events = [
        {"id": "r", "choices": [{"index": 0, "delta": {"content": "2"}}]},
        {"base_resp": {"status_code": 1002, "status_msg": "rate limit"}},
    ]
    emulator.enqueue(CannedReply.sse(*events))
    with pytest.raises(RateLimitError):
        call(limited, form)
    assert limiter.told == [("refused", None)]


@FORMS
def test_headers_of_answers_and_of_refusals_teach_the_limit(clock, sleeps, form):
    limiter = RateLimiter(clock=clock)
    with Emulator("mara", clock=clock, requests_per_minute=1) as emulator:
        settings = MARASettings(api_key="k", base_url=emulator.base_url, limiter=limiter)
        for _ in range(3):
            assert call(settings, form).finish_reason == "stop"
        statuses = [request.status for request in emulator.requests]
    assert statuses == [200, 200, 200]
    assert clock.now > START + 120


@FORMS
def test_models_share_a_limiter_and_one_without_waits_for_nothing(settings, emulator, clock, form):
    limiter = RateLimiter(requests_per_minute=1, clock=clock)
    first, second = (settings.model_copy(update={"limiter": limiter}) for _ in range(2))
    for model in (first, settings, settings):
        call(model, form)
    assert clock.now == START
    call(second, form)
    assert clock.now == pytest.approx(START + 60)


async def gather(settings, count, form):
    """Begin all calls at once; return the replies, or what ended them."""
    request = settings.encode(USER, stream=form == "astream")
    client = settings.client

    async def one():
        if form == "acomplete":
            return await client.acomplete(request)
        return [delta async for delta in client.astream(request)][-1].reply

    return await asyncio.gather(*(one() for _ in range(count)), return_exceptions=True)


@pytest.mark.parametrize(
    ("kind", "allowed", "given", "form"),
    [
        pytest.param(MiniMaxSettings, 500, {"requests_per_minute": 500}, "acomplete", id="given"),
        pytest.param(MARASettings, 200, {}, "astream", id="in-headers"),
        pytest.param(MiniMaxSettings, 200, {}, "acomplete", id="unknown"),
    ],
)
def test_2000_calls_use_what_an_account_allows_and_none_is_lost(
    monkeypatch, kind, allowed, given, form
):
    loop = VirtualLoop()
    monkeypatch.setattr(waits, "time", SimpleNamespace(time=loop.epoch))
    account = Account(loop, kind.__name__.lower()[:-8], requests_per_minute=allowed)
    pool = LIBRARY.AsyncClient(transport=account)
    limiter = RateLimiter(clock=loop.time, **given)
    given = {"base_url": "http://127.0.0.1:1", "http_async_client": pool, "limiter": limiter}
    settings = kind(api_key="k", **given)
    try:
        replies = loop.run_until_complete(gather(settings, 2000, form))
    finally:
        loop.run_until_complete(pool.aclose())
        loop.close()
    assert {type(reply).__name__ for reply in replies} == {"Reply"}
    answered = [came for came, status in account.sent if status == 200]
    minutes = (answered[-1] - answered[0]) / 60
    assert len(answered) == 2000
    assert 2000 / minutes >= 0.9 * allowed
    # What may go at once, and what flows in meanwhile: nothing more, also after a refusal.
    assert account.most_in(1.0) <= 25 + 8
    assert len(account.sent) - 2000 < 60
