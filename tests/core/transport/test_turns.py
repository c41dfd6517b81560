"""Calls that begin at once are spread over the steps of their event loop."""

from __future__ import annotations

import asyncio
import itertools

from mara_minimax.transport.turns import AT_ONCE, Turns


async def test_a_step_of_the_loop_begins_a_few_in_their_order():
    turns = Turns(asyncio.get_running_loop())
    begun = []

    async def begin(number):
        await turns.take()
        begun.append(number)

    tasks = [asyncio.ensure_future(begin(number)) for number in range(4 * AT_ONCE)]
    counts = [0]
    while len(begun) < len(tasks):
        await asyncio.sleep(0)
        counts.append(len(begun))
    assert begun == list(range(len(tasks)))
    assert max(later - earlier for earlier, later in itertools.pairwise(counts)) <= AT_ONCE


async def test_who_gives_up_waiting_takes_nobodys_turn():
    turns = Turns(asyncio.get_running_loop())
    tasks = [asyncio.ensure_future(turns.take()) for _ in range(2 * AT_ONCE)]
    await asyncio.sleep(0)
    for task in tasks[AT_ONCE:-1]:
        task.cancel()
    await asyncio.wait_for(tasks[-1], 5)
    await asyncio.sleep(0)
    await turns.take()
