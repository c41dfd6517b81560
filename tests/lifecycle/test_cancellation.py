"""A call that is cancelled closes its connection at once and leaves nothing behind."""

from __future__ import annotations

import asyncio

import anyio
import openai
import pytest

from tests.lifecycle.callers import LangChainCaller
from tests.lifecycle.conftest import other_tasks_end, settles

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
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(work.run(), 0.3)


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


def test_a_cancelled_wait_between_retries_sends_nothing_more(make_caller, server):
    server.scenario = "http-500"
    caller = make_caller(server.base_url, max_retries=5)

    async def main():
        task = asyncio.create_task(caller.acall())
        await asyncio.to_thread(settles, lambda: len(server.requests) == 1)
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await other_tasks_end()

    asyncio.run(main(), debug=True)
    assert len(server.requests) == 1


def test_cancelling_calls_that_wait_for_a_connection_gives_their_places_back(
    make_caller, server, monkeypatch
):
    caller = make_caller(server.base_url)

    async def main():
        for _ in range(3):
            tasks = [asyncio.create_task(caller.acall()) for _ in range(40)]
            await asyncio.sleep(0.01)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        assert "2" in await caller.acall()
        await other_tasks_end()

    asyncio.run(main(), debug=True)


def has_sent(server):
    return server.requests[-1].chunks_sent >= 3
