"""Retries have one owner; what a framework repeats is whole calls, and only when told to."""

from __future__ import annotations

import asyncio

import pytest
from langchain_core.exceptions import ModelRateLimitError
from llama_index.core.base.llms.types import ChatMessage

from mara_minimax import errors
from mara_minimax.emulator.faults import FAULTS, FaultServer
from tests.faults.answers import GOOD_TEXT, good, in_turn
from tests.faults.forms import LANGCHAIN, make_model, run

BUSY = FAULTS["minimax-http-1002"].plain


@pytest.mark.parametrize(("max_retries", "requests"), [(0, 2), (2, 6)])
def test_with_retry_repeats_whole_calls(
    max_retries: int, requests: int, fault_server: FaultServer, waits: list[float]
) -> None:
    fault_server.play(lambda _: BUSY)
    model = make_model("invoke", "minimax", fault_server.base_url)
    model = model.model_copy(update={"max_retries": max_retries})
    twice = model.with_retry(
        retry_if_exception_type=(ModelRateLimitError,),
        stop_after_attempt=2,
        wait_exponential_jitter=False,
    )
    with pytest.raises(errors.RateLimitError):
        twice.invoke("Hi")
    assert len(fault_server.bodies) == requests


def test_with_retry_does_not_repeat_what_it_was_not_told_to(fault_server: FaultServer) -> None:
    fault_server.play(lambda _: FAULTS["minimax-http-1004"].plain)
    model = make_model("invoke", "minimax", fault_server.base_url)
    with pytest.raises(errors.AuthenticationError):
        model.with_retry(retry_if_exception_type=(ModelRateLimitError,)).invoke("Hi")
    assert len(fault_server.bodies) == 1


@pytest.mark.parametrize("form", LANGCHAIN)
def test_a_fallback_begins_when_the_retries_have_ended(
    form: str, fault_server: FaultServer, runner: asyncio.Runner, waits: list[float]
) -> None:
    fault_server.play(in_turn(BUSY, BUSY, BUSY, good))
    first = make_model(form, "minimax", fault_server.base_url)
    second = first.model_copy(update={"model": "MiniMax-M2.5"})
    call = run(first.with_fallbacks([second]), form, runner)
    assert call.text == GOOD_TEXT
    models = [body["model"] for body in fault_server.bodies]
    assert models == ["MiniMax-M2"] * 3 + ["MiniMax-M2.5"]


def test_a_broken_stream_does_not_fall_back_to_a_second_beginning(
    fault_server: FaultServer, runner: asyncio.Runner, waits: list[float]
) -> None:
    fault_server.play(in_turn(FAULTS["cut-text"].stream, good))
    first = make_model("stream", "minimax", fault_server.base_url)
    call = run(first.with_fallbacks([first]), "stream", runner)
    assert isinstance(call.error, errors.IncompleteStreamError)
    assert len(fault_server.bodies) == 1


def test_llama_index_adds_no_retries_to_structured_answers(
    fault_server: FaultServer, waits: list[float]
) -> None:
    fault_server.play(lambda _: BUSY)
    llm = make_model("chat", "minimax", fault_server.base_url)
    with pytest.raises(errors.RateLimitError):
        llm.predict_and_call([], chat_history=[ChatMessage(role="user", content="Hi")])
    assert len(fault_server.bodies) == 3
