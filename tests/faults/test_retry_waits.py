"""How long is waited before a retry, and how often one is made."""

from __future__ import annotations

import asyncio
from email.utils import formatdate
from types import SimpleNamespace

import pytest

from mara_minimax import errors
from mara_minimax.emulator.faults import FAULTS, FaultServer
from mara_minimax.emulator.faults.bodies import http
from mara_minimax.failures import waits as waits_module
from tests.faults.answers import good, in_turn
from tests.faults.forms import FORMS, make_model, run

BUSY = FAULTS["minimax-http-1002"].plain


@pytest.fixture(params=FORMS)
def form(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.mark.parametrize("max_retries", [0, 1, 5])
def test_max_retries_counts_the_requests_after_the_first(
    form: str,
    max_retries: int,
    fault_server: FaultServer,
    runner: asyncio.Runner,
    waits: list[float],
) -> None:
    fault_server.play(lambda _: BUSY)
    model = make_model(form, "minimax", fault_server.base_url)
    model = model.model_copy(update={"max_retries": max_retries})
    assert isinstance(run(model, form, runner).error, errors.RateLimitError)
    assert len(fault_server.bodies) == max_retries + 1
    assert len(waits) == max_retries


def test_waits_double_less_a_random_part_where_none_is_asked_for(
    form: str, fault_server: FaultServer, runner: asyncio.Runner, waits: list[float]
) -> None:
    fault_server.play(lambda _: BUSY)
    model = make_model(form, "minimax", fault_server.base_url)
    run(model.model_copy(update={"max_retries": 6}), form, runner)
    for wait, longest in zip(waits, [0.5, 1, 2, 4, 8, 8], strict=True):
        assert 0.75 * longest <= wait <= longest
    assert len(set(waits)) == 6


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> int:
    """The time of the clock that dates are compared with, which stands still."""
    monkeypatch.setattr(waits_module, "time", SimpleNamespace(time=lambda: 1_790_000_000.0))
    return 1_790_000_000


def test_a_date_to_retry_after_is_waited_for(
    form: str, fault_server: FaultServer, runner: asyncio.Runner, waits: list[float], now: int
) -> None:
    headers = {"retry-after": formatdate(now + 30, usegmt=True)}
    fault_server.play(in_turn(http(b"busy", status=503, headers=headers), good))
    assert run(make_model(form, "minimax", fault_server.base_url), form, runner).error is None
    assert waits == [30]


def test_a_date_beyond_a_minute_is_left_to_the_caller(
    form: str, fault_server: FaultServer, runner: asyncio.Runner, waits: list[float], now: int
) -> None:
    headers = {"retry-after": formatdate(now + 3600, usegmt=True)}
    fault_server.play(in_turn(http(b"busy", status=503, headers=headers), good))
    error = run(make_model(form, "minimax", fault_server.base_url), form, runner).error
    assert isinstance(error, errors.ServerError)
    assert error.retry_after == 3600
    assert (len(fault_server.bodies), waits) == (1, [])


def test_milliseconds_count_before_seconds(
    fault_server: FaultServer, runner: asyncio.Runner, waits: list[float]
) -> None:
    headers = {"retry-after-ms": "40", "retry-after": "50"}
    fault_server.play(in_turn(http(b"busy", status=429, headers=headers), good))
    run(make_model("invoke", "minimax", fault_server.base_url), "invoke", runner)
    assert waits == [0.04]
