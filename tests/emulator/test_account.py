"""An account with limits: what is refused, and how the headers count down."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from mara_minimax.emulator import Emulator
from tests.emulator.conftest import Asker

MINUTE = 1_790_000_040.0


@pytest.fixture
def clock():
    return [MINUTE]


@pytest.fixture
def limited(clock):
    with ExitStack() as running:

        def make(provider, **limits):
            emulator = Emulator(provider, clock=lambda: clock[0], **limits)
            asker = Asker(running.enter_context(emulator))
            running.callback(asker.http.close)
            return asker

        yield make


CODES = {"minimax": "1002", "mara": "insufficient_quota", "llmprovider": "rate_limit_exceeded"}


@pytest.mark.parametrize("provider", CODES)
def test_requests_over_the_limit_are_refused_until_the_next_minute(limited, clock, provider):
    client = limited(provider, requests_per_minute=2)
    replies = [client.post() for _ in range(4)]
    assert [reply.status_code for reply in replies] == [200, 200, 429, 429]
    assert CODES[provider] in replies[-1].text
    clock[0] = MINUTE + 59
    assert client.post().status_code == 429
    clock[0] = MINUTE + 60
    assert client.post().status_code == 200


def test_a_request_that_fails_the_checks_is_not_counted(limited):
    client = limited("minimax", requests_per_minute=1)
    assert client.post(temperature=9).status_code == 400
    assert client.post().status_code == 200


def test_tokens_over_the_limit_are_refused_until_the_next_minute(limited, clock):
    client = limited("minimax", tokens_per_minute=1)
    assert [client.post().status_code for _ in range(2)] == [200, 429]
    assert "1039" in client.post().text
    clock[0] = MINUTE + 60
    assert client.post().status_code == 200


def test_headers_of_mara_count_the_minute_down(limited, clock):
    client = limited("mara", requests_per_minute=2)
    left = []
    for _ in range(3):
        headers = client.post().headers
        left.append(headers["x-ratelimit-remaining-requests"])
        assert headers["x-ratelimit-limit-requests"] == "2"
        assert headers["x-ratelimit-reset-requests"] == f"{MINUTE + 60:.0f}"
    assert left == ["1", "0", "0"]


def test_an_emulator_refuses_nothing_by_default():
    assert Emulator()._state.account.admit() is None
