"""A call that its caller ends is over: it is never sent again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from mara_minimax.emulator.faults import FAULTS, FaultServer, RawAnswer
from mara_minimax.emulator.faults.bodies import events, http, stream_answer, text_chunk
from mara_minimax.transport import client as client_module
from tests.faults.answers import good, in_turn
from tests.faults.forms import make_model, run, streams

ASYNC = ("ainvoke", "astream", "achat", "astream_chat")
SYNC = ("invoke", "stream", "chat", "stream_chat")
SILENT = RawAnswer(end="hold")
LATER = http(b"busy", status=429, headers={"retry-after": "50"})
STALLED = stream_answer(events(text_chunk()), end="hold")


async def _ask(model: Any, form: str) -> None:
    question: Any = "Hi" if form in ("ainvoke", "astream") else []
    result = getattr(model, form)(question)
    if form == "astream_chat":
        result = await result
    if streams(form):
        async for _ in result:
            pass
    else:
        await result


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.005)


@pytest.fixture
def begun_waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits between retries that have begun; they last as long as ever."""
    begun: list[float] = []

    async def sleep(seconds: float) -> None:
        begun.append(seconds)
        await asyncio.sleep(seconds)

    monkeypatch.setattr(client_module, "asyncio", SimpleNamespace(sleep=sleep))
    return begun


@pytest.mark.parametrize("form", ASYNC)
@pytest.mark.parametrize("answer", [SILENT, LATER, STALLED], ids=["silent", "waiting", "stalled"])
def test_a_cancelled_call_is_not_retried(
    form: str, answer: RawAnswer, fault_server: FaultServer, begun_waits: list[float]
) -> None:
    fault_server.play(in_turn(answer, good))
    model = make_model(form, "minimax", fault_server.base_url)

    async def cancel() -> None:
        task = asyncio.create_task(_ask(model, form))
        await _until(lambda: len(fault_server.bodies) == 1)
        if answer is LATER:
            await _until(lambda: bool(begun_waits))
        else:
            # Far enough for what comes of the answer to be read.
            await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert len(fault_server.bodies) == 1
        # A retry left behind would come before this request, which goes the same way.
        await _ask(model, form)

    asyncio.run(cancel())
    assert len(fault_server.bodies) == 2


@pytest.mark.parametrize("form", ASYNC)
def test_a_timeout_of_the_caller_is_not_retried(form: str, fault_server: FaultServer) -> None:
    fault_server.play(in_turn(SILENT, good))
    model = make_model(form, "minimax", fault_server.base_url)

    async def limited() -> None:
        async def start_the_clock(limit: asyncio.Timeout) -> None:
            await _until(lambda: len(fault_server.bodies) == 1)
            limit.reschedule(asyncio.get_running_loop().time())

        async def ask_in_time() -> None:
            async with asyncio.timeout(None) as limit, asyncio.TaskGroup() as tasks:
                tasks.create_task(start_the_clock(limit))
                await _ask(model, form)

        with pytest.raises(TimeoutError):
            await ask_in_time()
        await _ask(model, form)

    asyncio.run(limited())
    assert len(fault_server.bodies) == 2


@pytest.mark.parametrize("form", SYNC)
def test_an_interrupt_while_waiting_ends_the_call(
    form: str,
    fault_server: FaultServer,
    runner: asyncio.Runner,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(client_module, "time", SimpleNamespace(sleep=interrupt))
    fault_server.play(lambda _: FAULTS["minimax-http-1002"].plain)
    with pytest.raises(KeyboardInterrupt):
        run(make_model(form, "minimax", fault_server.base_url), form, runner)
    assert len(fault_server.bodies) == 1


@pytest.mark.parametrize("form", ["stream", "stream_chat"])
def test_a_closed_stream_is_not_retried(form: str, fault_server: FaultServer) -> None:
    fault_server.play(in_turn(STALLED, good))
    model = make_model(form, "minimax", fault_server.base_url)
    stream = getattr(model, form)("Hi" if form == "stream" else [])
    next(stream)
    stream.close()
    assert len(fault_server.bodies) == 1
    assert list(getattr(model, form)("Hi" if form == "stream" else []))
    assert len(fault_server.bodies) == 2
