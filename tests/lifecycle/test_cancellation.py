"""A call that is cancelled closes its connection at once and leaves nothing behind."""

from __future__ import annotations

import asyncio
from functools import partial
from types import SimpleNamespace

import anyio
import openai
import pytest

from mara_minimax.emulator import CannedReply
from mara_minimax.transport import client as client_module
from tests.lifecycle.callers import LangChainCaller
from tests.lifecycle.conftest import CHUNK, other_tasks_end, settles

pytestmark = pytest.mark.usefixtures("quiet")


async def cancel_task(work):
    task = asyncio.create_task(work.run())
    await work.begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def time_out(work):
    async def within():
        async with asyncio.timeout(None) as timeout:
            work.on_begin = lambda: timeout.reschedule(0)
            await work.run()

    with pytest.raises(TimeoutError):
        await within()


async def time_out_a_wait(work):
    run = asyncio.create_task(work.run())
    await work.begun.wait()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(run, 0.05)


async def fail_beside(work):
    async def fail():
        await work.begun.wait()
        raise LookupError

    async def both():
        async with asyncio.TaskGroup() as group:
            group.create_task(work.run())
            group.create_task(fail())

    with pytest.raises(ExceptionGroup) as caught:
        await both()
    assert caught.group_contains(LookupError)


async def cancel_scope(work):
    with anyio.CancelScope() as scope:
        work.on_begin = scope.cancel
        await work.run()
    assert scope.cancelled_caught


ON_HTTPX = openai.__version__.startswith("2.")
CANCELLED_TWICE = (
    "anyio cancels again and again, which reaches httpcore 1 through LangChain's `gather` while "
    "it closes the connection; that then stays open until the loop ends"
)
CANCELLATIONS = pytest.mark.parametrize(
    "cancel", [cancel_task, time_out, time_out_a_wait, fail_beside, cancel_scope]
)


class Work:
    """A call in progress that tells when it has begun."""

    def __init__(self, run, has_begun):
        self.begun = asyncio.Event()
        self.on_begin = lambda: None
        self._run = run
        self._has_begun = has_begun

    async def run(self):
        watch = asyncio.create_task(self._watch())
        try:
            await self._run()
        finally:
            watch.cancel()

    async def _watch(self):
        while not self._has_begun():
            await asyncio.sleep(0.005)
        self.begun.set()
        self.on_begin()


@CANCELLATIONS
def test_cancelling_a_stream_closes_its_connection(cancel, caller, slow_stream):
    async def read():
        async for _ in await caller.astream():
            pass

    async def main():
        await cancel(Work(read, lambda: slow_stream.requests[-1:] and has_sent(slow_stream)))
        record = slow_stream.requests[-1]
        assert await asyncio.to_thread(record.wait_finished)
        assert record.disconnected
        assert record.chunks_sent < 100
        await other_tasks_end()
        assert "2" in await caller.acall()

    asyncio.run(main(), debug=True)
    assert len(slow_stream.requests) == 2


@CANCELLATIONS
def test_cancelling_a_call_that_waits_for_its_answer_closes_its_connection(
    cancel, make_caller, silent_server, request
):
    if make_caller is LangChainCaller and cancel is cancel_scope and ON_HTTPX:
        request.node.add_marker(pytest.mark.xfail(reason=CANCELLED_TWICE, strict=True))
    caller = make_caller(silent_server.base_url)

    async def main():
        await cancel(Work(caller.acall, silent_server.asked.is_set))
        assert await asyncio.to_thread(silent_server.left.wait, 5)
        await other_tasks_end()

    asyncio.run(main(), debug=True)


def test_a_cancelled_wait_between_retries_sends_nothing_more(make_caller, server, monkeypatch):
    server.scenario = "http-500"
    caller = make_caller(server.base_url, max_retries=5)

    async def main():
        begun = asyncio.Event()

        async def sleep(_):
            begun.set()
            await asyncio.sleep(50)

        monkeypatch.setattr(client_module, "asyncio", SimpleNamespace(sleep=sleep))
        task = asyncio.create_task(caller.acall())
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await other_tasks_end()

    asyncio.run(main(), debug=True)
    assert len(server.requests) == 1


def test_cancelling_calls_that_wait_for_a_connection_gives_their_places_back(make_caller, server):
    text = {**CHUNK, "choices": [{"index": 0, "delta": {"content": "word "}}]}
    places, rounds = 2, 3
    for _ in range(places * rounds):
        reply = CannedReply.sse(*[text] * 200)
        reply.delay = 0.02
        server.enqueue(reply)
    limits = openai.DEFAULT_CONNECTION_LIMITS.__class__(max_connections=places)

    async def main():
        async with openai.DefaultAsyncHttpxClient(limits=limits) as own:
            caller = make_caller(server.base_url, http_async_client=own)

            async def read():
                async for _ in await caller.astream():
                    pass

            for number in range(1, rounds + 1):
                tasks = [asyncio.create_task(read()) for _ in range(10)]
                asked = partial(lambda count: len(server.requests) >= count, number * places)
                assert await asyncio.to_thread(settles, asked)
                for task in tasks:
                    task.cancel()
                ends = await asyncio.gather(*tasks, return_exceptions=True)
                assert {type(end) for end in ends} == {asyncio.CancelledError}
                assert len(server.requests) == number * places
            assert "2" in await caller.acall()
            await other_tasks_end()

    asyncio.run(main(), debug=True)


def has_sent(server):
    return server.requests[-1].chunks_sent >= 3
