"""Time that passes only where somebody waits, and an emulated account without a network."""

from __future__ import annotations

import asyncio
import json
import random
from types import SimpleNamespace
from typing import Any

from mara_minimax.emulator import Emulator
from mara_minimax.emulator.exchange import reply_to
from mara_minimax.failures import waits
from mara_minimax.http_library import http_library
from mara_minimax.transport import limiter as limiter_module

LIBRARY: Any = http_library()
START = 1_790_000_040.0
"""A time at which a minute begins."""


class Clock:
    """Time that passes where a limiter sleeps; the log has each sleep."""

    def __init__(self, monkeypatch):
        self.now = START
        self.slept = []
        monkeypatch.setattr(limiter_module, "time", SimpleNamespace(sleep=self.sleep))
        monkeypatch.setattr(limiter_module, "asyncio", SimpleNamespace(sleep=self.asleep))
        monkeypatch.setattr(waits, "time", SimpleNamespace(time=self))

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds

    async def asleep(self, seconds):
        self.sleep(seconds)


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose time jumps to the next timer when nothing else is left to do."""

    _selector: Any

    def __init__(self):
        super().__init__()
        self.now = 0.0
        self._select = self._selector.select
        self._selector.select = self._jump

    def time(self):
        return self.now

    def epoch(self):
        """Return the time as a date; the loop's own is small, so that tiny steps add to it."""
        return START + self.now

    def _jump(self, timeout):
        events = self._select(0)
        if not events and timeout:
            self.now += timeout
        return events


class Account(LIBRARY.AsyncBaseTransport):
    """The emulator behind an async HTTP client; answers take 5 to 30 seconds of the loop."""

    def __init__(self, loop, provider, **limits):
        self._loop = loop
        self._state = Emulator(provider, clock=loop.epoch, **limits)._state
        self._chance = random.Random(1)
        self.sent = []
        """When each request came, and its status."""

    async def handle_async_request(self, request):
        came = self._loop.time()
        authorization = request.headers["authorization"]
        body = json.loads(request.content)
        reply = reply_to(self._state, body, authorization=authorization, scenario=None)
        self.sent.append((came, reply.status))
        await asyncio.sleep(self._chance.uniform(5, 30) if reply.status == 200 else 0.2)
        content = b"".join(reply.chunks)
        return LIBRARY.Response(reply.status, headers=reply.headers, content=content)

    def most_in(self, seconds):
        """Return how many requests came in some stretch of that length, at most."""
        times = [came for came, _ in self.sent]
        first = most = 0
        for last, came in enumerate(times):
            while times[first] <= came - seconds:
                first += 1
            most = max(most, last - first + 1)
        return most
