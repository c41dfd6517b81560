"""Async generators that their readers close, and what a loop closes at its end."""

from __future__ import annotations

import asyncio
import gc
import sys

import pytest

from mara_minimax.transport.event_loops import ClosedWithLoop, UnregisteredAsyncGenerator


async def numbers(log=None):
    try:
        for number in range(3):
            await asyncio.sleep(0)
            yield number
    finally:
        await asyncio.sleep(0)
        if log is not None:
            log.append("closed")


async def outer(log):
    async with UnregisteredAsyncGenerator(numbers(log)) as inner:
        async for number in inner:
            yield number


@pytest.fixture
def complaints(monkeypatch):
    """What asyncio and the interpreter say of generators that they cannot close."""
    heard = []
    monkeypatch.setattr(sys, "unraisablehook", heard.append)
    monkeypatch.setattr(
        asyncio.BaseEventLoop, "default_exception_handler", lambda _, context: heard.append(context)
    )
    return heard


async def test_an_unregistered_generator_gives_all_its_items():
    assert [number async for number in UnregisteredAsyncGenerator(numbers())] == [0, 1, 2]


async def test_an_unregistered_generator_without_items_ends():
    async def nothing():
        return
        yield

    assert [item async for item in UnregisteredAsyncGenerator(nothing())] == []


async def test_leaving_the_block_closes_the_generator():
    log = []
    async with UnregisteredAsyncGenerator(numbers(log)) as owned:
        async for _ in owned:
            break
    assert log == ["closed"]


@pytest.mark.parametrize("depth", [1, 2])
def test_a_generator_held_at_the_end_of_a_loop_is_closed_by_its_owner_alone(depth, complaints):
    held, log = [], []

    async def nested():
        async with UnregisteredAsyncGenerator(outer(log)) as owned:
            async for number in owned:
                yield number

    async def main():
        held.append(outer(log) if depth == 1 else nested())
        await anext(held[0])

    asyncio.run(main())
    assert log == ["closed"]
    assert complaints == []


async def test_the_hooks_of_the_loop_are_back_after_each_step():
    hooks = sys.get_asyncgen_hooks()
    owned = UnregisteredAsyncGenerator(numbers())
    waiting = asyncio.ensure_future(anext(owned))
    await asyncio.sleep(0)
    assert sys.get_asyncgen_hooks() == hooks
    assert await waiting == 0
    assert sys.get_asyncgen_hooks() == hooks


async def test_cancellation_reaches_the_generator_in_its_first_step():
    log = []
    task = asyncio.ensure_future(anext(UnregisteredAsyncGenerator(numbers(log))))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert log == ["closed"]


async def test_an_error_of_the_first_step_is_raised():
    async def failing():
        await asyncio.sleep(0)
        raise LookupError
        yield

    with pytest.raises(LookupError):
        await anext(UnregisteredAsyncGenerator(failing()))


def test_a_dropped_generator_of_a_closed_loop_says_nothing(complaints):
    held = []

    async def main():
        held.append(UnregisteredAsyncGenerator(numbers()))
        await anext(held[0])

    loop = asyncio.new_event_loop()
    loop.run_until_complete(main())
    loop.close()
    held.clear()
    gc.collect()
    assert complaints == []


class Resource(ClosedWithLoop):
    def __init__(self):
        self.closed_in = None
        self.register()

    async def aclose(self):
        self.closed_in = asyncio.get_running_loop()


def test_a_closable_is_closed_in_its_loop_when_that_ends():
    async def main():
        return Resource(), asyncio.get_running_loop()

    resource, loop = asyncio.run(main())
    assert resource.closed_in is loop


def test_a_closable_made_inside_an_unregistered_generator_is_closed_all_the_same():
    async def making():
        yield Resource()

    async def main():
        return await anext(UnregisteredAsyncGenerator(making()))

    assert asyncio.run(main()).closed_in is not None


async def test_something_registered_must_know_how_to_close():
    with pytest.raises(NotImplementedError):
        await ClosedWithLoop().aclose()


def test_an_unregistered_generator_that_closes_nothing_leaves_what_it_reads_from_alone(complaints):
    log = []

    async def careless():
        async for number in numbers(log):
            yield number

    async def main():
        async with UnregisteredAsyncGenerator(careless()) as owned:
            async for _ in owned:
                break
        for _ in range(5):
            await asyncio.sleep(0)

    asyncio.run(main())
    assert log == []
    assert complaints == []
