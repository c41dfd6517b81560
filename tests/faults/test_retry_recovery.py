"""A failure that is retried costs a request and nothing else: the answer comes whole, once."""

from __future__ import annotations

import asyncio

import pytest

from mara_minimax.emulator.faults import FAULTS, Fault, FaultServer
from tests.faults.answers import GOOD_TEXT, good, in_turn
from tests.faults.forms import FORMS, make_model, run, streams

CASES = [
    pytest.param(fault, form, id=f"{fault.name}-{form}")
    for fault in FAULTS.values()
    for form in FORMS
    if fault.place == "server"
    and not fault.impatient
    and fault.ending(streams=streams(form)).requests > 1
]


@pytest.mark.parametrize(("fault", "form"), CASES)
def test_a_retried_failure_ends_in_the_answer(
    fault: Fault,
    form: str,
    fault_server: FaultServer,
    runner: asyncio.Runner,
    waits: list[float],
) -> None:
    fault_server.play(in_turn(fault.answer(streams=streams(form)), good))
    call = run(make_model(form, fault.provider, fault_server.base_url), form, runner)
    assert call.error is None
    assert call.text == GOOD_TEXT
    assert len(waits) == 1
    first, second = fault_server.bodies
    assert first == second
