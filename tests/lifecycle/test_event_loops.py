"""Instances are used in any number of event loops, of any kind, one after another or at once."""

from __future__ import annotations

import asyncio
import gc
import threading
import weakref

import anyio
import pytest

from mara_minimax.transport import pools as connections
from tests.lifecycle.callers import CALLERS
from tests.lifecycle.conftest import SCRIPT, close_sync_connections, open_sockets, settles

quietly = pytest.mark.usefixtures("quiet")


def run_in_a_runner(main):
    with asyncio.Runner(debug=True) as runner:
        return runner.run(main())


def run_in_uvloop(main):
    uvloop = pytest.importorskip("uvloop")
    return uvloop.run(main(), debug=True)


def run_by_hand(main):
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(main())
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


RUNNERS = {
    "asyncio.run": lambda main: asyncio.run(main(), debug=True),
    "asyncio.Runner": run_in_a_runner,
    "anyio.run": anyio.run,
    "uvloop.run": run_in_uvloop,
    "by hand": run_by_hand,
}


@quietly
@pytest.mark.parametrize("runner", RUNNERS)
def test_loops_in_a_row_each_close_their_connections(runner, caller, server):
    async def main():
        stream = [piece async for piece in await caller.astream()]
        return bool(stream) and await caller.acall()

    for _ in range(3):
        assert "2" in RUNNERS[runner](main)
        assert not connections._loop_pools
    assert len(server.requests) == 6


@quietly
@pytest.mark.parametrize("runner", RUNNERS)
def test_a_stream_that_is_left_last_is_closed_in_any_loop(runner, caller, slow_stream):
    async def main():
        async for _ in await caller.astream():
            break

    RUNNERS[runner](main)
    assert slow_stream.requests[-1].wait_finished()
    assert slow_stream.requests[-1].disconnected


@quietly
def test_an_instance_goes_back_and_forth_between_two_open_loops(caller, server):
    with asyncio.Runner() as first, asyncio.Runner() as second:
        for runner in (first, second, first, second, first):
            assert "2" in runner.run(caller.acall())
        assert len(connections._loop_pools) == 2
    assert len(server.requests) == 5


@quietly
def test_a_loop_is_reused_between_its_runs(make_caller, server):
    with asyncio.Runner() as runner:
        for _ in range(3):
            assert "2" in runner.run(make_caller(server.base_url).acall())
        assert len(connections._loop_pools) == 1


@quietly
def test_loops_in_parallel_threads_share_an_instance(caller, server):
    answers = []

    async def main():
        answers.extend(await asyncio.gather(*[caller.acall() for _ in range(4)]))

    threads = [threading.Thread(target=lambda: asyncio.run(main())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(answers) == 32
    assert all("2" in answer for answer in answers)
    assert not connections._loop_pools


@quietly
def test_sync_calls_inside_a_running_loop_work(caller, server):
    async def main():
        return [caller.call(), await caller.acall(), caller.call()]

    assert all("2" in answer for answer in asyncio.run(main()))


NOTEBOOK = (
    SCRIPT
    + """
import nest_asyncio

async def cell():
    nest_asyncio.apply()
    return asyncio.run(caller.acall()), await caller.acall(), asyncio.run(caller.acall())

answers = asyncio.run(cell())
print(sum("2" in answer for answer in answers))
"""
)


@pytest.mark.parametrize("name", CALLERS)
def test_a_running_loop_of_a_notebook_is_entered_again(name, server, run_script):
    pytest.importorskip("nest_asyncio")
    process = run_script(NOTEBOOK, name, server.base_url)
    assert process.communicate(timeout=60) == ("3\n", "")


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("end", [asyncio.BaseEventLoop.close, lambda loop: None])
def test_loops_that_end_without_notice_leave_no_socket_behind(end, caller, server):
    """Nobody could close their connections; they are collected with their loops."""
    close_sync_connections()
    gc.collect()
    before = open_sockets()
    loops = []
    for _ in range(5):
        loop = asyncio.new_event_loop()
        assert "2" in loop.run_until_complete(caller.acall())
        end(loop)
        loops.append(weakref.ref(loop))
        del loop
    gc.collect()
    assert [ref for ref in loops if ref() is not None] == []
    assert settles(lambda: open_sockets() <= before)


@quietly
def test_calls_after_the_connections_of_a_loop_were_closed_open_new_ones(caller, server):
    async def main():
        await caller.acall()
        await next(iter(connections._loop_pools)).aclose()
        return await caller.acall()

    assert "2" in asyncio.run(main())


@quietly
def test_idle_connections_are_reused_within_a_loop(caller, server):
    async def main():
        for _ in range(5):
            await caller.acall()
        return open_sockets()

    before = open_sockets()
    # One here, one at the emulator, which runs in this process, and the loop's own pair.
    assert asyncio.run(main()) - before <= 4
