"""A few requests begin at a time, so that none times out while its event loop starts others."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final

AT_ONCE: Final = 16
"""Requests that begin in one step of a loop: preparing each takes a millisecond or two."""


class Turns:
    """Spreads the beginnings of requests over the steps of an event loop.

    Thousands of calls that begin in one step keep the loop from looking at its sockets for
    seconds, and connections time out that the host accepted long ago:
    test_5000_streams_that_begin_at_once_all_get_their_answer.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Nobody waits."""
        self._loop = loop
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def take(self) -> None:
        """Wait for a turn, which comes in a later step: who begins now may be one of thousands."""
        if not self._waiting:
            self._loop.call_soon(self._give)
        turn = self._loop.create_future()
        self._waiting.append(turn)
        await turn

    def _give(self) -> None:
        turns = [self._waiting.popleft() for _ in range(min(AT_ONCE, len(self._waiting)))]
        for turn in turns:
            # Who gave up waiting has cancelled it.
            if not turn.done():
                turn.set_result(None)
        if self._waiting:
            self._loop.call_soon(self._give)
