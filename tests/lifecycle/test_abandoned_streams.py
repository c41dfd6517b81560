"""A stream that nobody reads on is closed at the server, however it was left."""

from __future__ import annotations

import asyncio
import gc

import pytest

from tests.lifecycle.conftest import other_tasks_end

pytestmark = pytest.mark.usefixtures("quiet")


def was_closed_early(server):
    record = server.requests[-1]
    return record.wait_finished() and record.disconnected and record.chunks_sent < 100


def test_break_in_a_loop(caller, slow_stream):
    for _ in caller.stream():
        break
    assert was_closed_early(slow_stream)


def test_an_error_in_the_body_of_a_loop(caller, slow_stream):
    with pytest.raises(LookupError):
        read_and_fail(caller)
    assert was_closed_early(slow_stream)


def read_and_fail(caller):
    for _ in caller.stream():
        raise LookupError


def test_close_of_a_generator(caller, slow_stream):
    stream = caller.stream()
    next(stream)
    stream.close()
    assert was_closed_early(slow_stream)


def test_a_generator_in_a_cycle_that_is_collected(caller, slow_stream):
    cycle = [caller.stream()]
    next(cycle[0])
    cycle.append(cycle)
    del cycle
    gc.collect()
    assert was_closed_early(slow_stream)


def test_break_in_an_async_loop(caller, slow_stream):
    async def main():
        async for _ in await caller.astream():
            break
        assert await asyncio.to_thread(was_closed_early, slow_stream)
        await other_tasks_end()

    asyncio.run(main(), debug=True)


def test_break_in_an_async_loop_as_the_last_step_of_the_program(caller, slow_stream):
    async def main():
        async for _ in await caller.astream():
            break

    asyncio.run(main(), debug=True)
    assert was_closed_early(slow_stream)


def test_return_out_of_an_async_loop_of_a_task_that_is_not_awaited(caller, slow_stream):
    async def first_piece():
        async for piece in await caller.astream():
            return piece
        return None

    async def main():
        task = asyncio.create_task(first_piece())
        while not task.done():
            await asyncio.sleep(0.01)

    asyncio.run(main(), debug=True)
    assert was_closed_early(slow_stream)


def test_aclose_of_an_async_generator(caller, slow_stream):
    async def main():
        stream = await caller.astream()
        await anext(stream)
        await stream.aclose()
        assert await asyncio.to_thread(was_closed_early, slow_stream)
        await other_tasks_end()

    asyncio.run(main(), debug=True)


def test_an_async_generator_that_is_still_held_when_its_loop_ends(caller, slow_stream):
    held = []

    async def main():
        held.append(await caller.astream())
        await anext(held[0])

    asyncio.run(main(), debug=True)
    assert was_closed_early(slow_stream)


def test_a_task_that_still_reads_when_its_loop_ends(caller, slow_stream):
    async def read(begun):
        async for _ in await caller.astream():
            begun.set()

    async def main():
        begun = asyncio.Event()
        task = asyncio.create_task(read(begun))
        await begun.wait()
        return task

    assert asyncio.run(main(), debug=True).cancelled()
    assert was_closed_early(slow_stream)


def test_an_error_in_the_body_of_an_async_loop(caller, slow_stream):
    async def main():
        async for _ in await caller.astream():
            raise LookupError

    with pytest.raises(LookupError):
        asyncio.run(main(), debug=True)
    assert was_closed_early(slow_stream)
