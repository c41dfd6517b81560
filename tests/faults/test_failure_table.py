"""Each failure of the table ends each form of a call in its error, and in nothing else."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import Any

import openai
import pytest

from langchain_mara_minimax.errors import ERROR_MAP
from mara_minimax import errors
from mara_minimax.emulator.faults import FAULTS, Ending, Fault, FaultServer
from tests.faults.forms import FORMS, KEY, LANGCHAIN, QUESTION, Call, make_model, run, streams
from tests.faults.places import PLACES, Place

IMPATIENCE = 0.3
"""Seconds of timeout for failures that end with it."""

PATIENCE = 60.0


@pytest.fixture(params=list(FAULTS.values()), ids=lambda fault: fault.name)
def fault(request: pytest.FixtureRequest) -> Fault:
    return request.param


@contextmanager
def _at(fault: Fault, server: FaultServer) -> Any:
    if fault.place == "server":
        server.play(lambda body: fault.answer(streams=body.get("stream") is True))
        yield Place(server.base_url)
    else:
        with PLACES[fault.place]() as place:
            yield place


@pytest.mark.parametrize("form", FORMS)
def test_a_failure_ends_in_its_error(
    form: str,
    fault: Fault,
    fault_server: FaultServer,
    runner: asyncio.Runner,
    waits: list[float],
) -> None:
    ending = fault.ending(streams=streams(form))
    with _at(fault, fault_server) as place:
        timeout = IMPATIENCE if fault.impatient else PATIENCE
        model = make_model(form, fault.provider, place.base_url, timeout=timeout)
        call = run(model, form, runner)
        attempts = place.attempts() if place.attempts else len(waits) + 1
    assert call.error is not None, f"silent success: {call.pieces!r}"
    _check_class(call, ending)
    _check_what_it_knows(call, ending)
    if fault.place == "server":
        _check_requests(fault_server, form, ending)
    assert (attempts if fault.place != "server" else len(waits) + 1) == ending.requests
    if ending.retry_after is not None:
        assert waits == [ending.retry_after] * (ending.requests - 1)
    _check_what_was_given(call, ending)


def _check_class(call: Call, ending: Ending) -> None:
    kind = getattr(errors, ending.error)
    error = call.error
    assert type(error) is (ERROR_MAP[kind] if call.form in LANGCHAIN else kind), repr(error)
    assert isinstance(error, openai.APIError)
    assert KEY not in f"{error!r} {error} {error.__cause__!r} {error.__context__!r}"


def _check_what_it_knows(call: Call, ending: Ending) -> None:
    error: Any = call.error
    known = (error.code, error.status_code, error.request_id, error.retry_after)
    assert known == (ending.code, ending.status, ending.request_id, ending.retry_after)
    partial = error.partial
    text = partial.text if partial else ""
    reasoning = partial.reasoning.text if partial and partial.reasoning else ""
    tokens = partial.usage.total_tokens if partial and partial.usage else 0
    assert (text, reasoning, tokens) == (ending.text, ending.reasoning, ending.tokens)
    assert not (partial and partial.tool_calls)


def _check_requests(server: FaultServer, form: str, ending: Ending) -> None:
    assert len(server.bodies) == ending.requests
    for body in server.bodies:
        assert body["messages"] == [{"role": "user", "content": QUESTION}]
        assert (body.get("stream") is True) is streams(form)


def _check_what_was_given(call: Call, ending: Ending) -> None:
    """What was received before the failure reached the caller, and nothing beside it."""
    given = (call.text, call.reasoning) if streams(call.form) else ("", "")
    assert given == (ending.text, ending.reasoning)
    if not streams(call.form):
        assert call.pieces == []
