"""HTTP pools: shared, wide enough for a thousand streams, and patient with more."""

from __future__ import annotations

import asyncio
import json
import threading

import openai
import pytest

from mara_minimax.emulator import CannedReply
from mara_minimax.transport import pools as connections
from tests.lifecycle.callers import CoreCaller
from tests.lifecycle.conftest import CHUNK

quietly = pytest.mark.usefixtures("quiet")
WIDTH = 1000
STREAMS = 1200


class CrowdServer:
    """Answers nobody until `WIDTH` connections wait, and counts those open at once."""

    def __init__(self) -> None:
        self.most = 0
        self._open = 0
        self._crowded = asyncio.Event()
        text = {**CHUNK, "choices": [{"index": 0, "delta": {"content": "word "}}]}
        last = {**CHUNK, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
        self._events = [f"data: {json.dumps(event)}\n\n".encode() for event in (text, text, last)]

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open += 1
        self.most = max(self.most, self._open)
        if self._open == WIDTH:
            self._crowded.set()
        await reader.readuntil(b"\r\n\r\n")
        await self._crowded.wait()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n")
        writer.write(b"Connection: close\r\n\r\n")
        for event in self._events:
            writer.write(event)
            await writer.drain()
            await asyncio.sleep(0.01)
        writer.close()
        self._open -= 1


@quietly
@pytest.mark.usefixtures("many_descriptors")
def test_1200_streams_at_once_all_get_their_answer_1000_at_a_time():
    async def main():
        crowd = CrowdServer()
        listening = await asyncio.start_server(crowd, "127.0.0.1", 0, backlog=STREAMS)
        port = listening.sockets[0].getsockname()[1]
        # Each has its own instance; they share the pool of the loop. Waiting for a connection
        # is not limited by the timeout.
        callers = [
            CoreCaller(f"http://127.0.0.1:{port}/v1", timeout=60, api_key=f"key-{number % 7}")
            for number in range(STREAMS)
        ]

        async def text(caller):
            return "".join([delta.text async for delta in await caller.astream()])

        async with listening:
            texts = await asyncio.gather(*[text(caller) for caller in callers])
        return texts, crowd.most

    texts, most = asyncio.run(main())
    assert texts == ["word word "] * STREAMS
    assert most == WIDTH


@pytest.mark.parametrize("form", ["sync", "async"])
def test_waiting_for_a_connection_is_not_the_providers_time(form, server):
    """The second of two streams over one connection waits longer than its timeout."""
    text = {**CHUNK, "choices": [{"index": 0, "delta": {"content": "word "}}]}
    last = {**CHUNK, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    for _ in range(2):
        reply = CannedReply.sse(*[text] * 15, last, done=True)
        reply.delay = 0.1
        server.enqueue(reply)
    library = openai.DefaultHttpxClient if form == "sync" else openai.DefaultAsyncHttpxClient
    limits = openai.DEFAULT_CONNECTION_LIMITS.__class__(max_connections=1)

    async def read(caller):
        return len([piece async for piece in await caller.astream()])

    async def main():
        async with library(limits=limits) as own:
            caller = CoreCaller(server.base_url, http_async_client=own, timeout=1)
            return await asyncio.gather(read(caller), read(caller))

    def at_once():
        counts = []
        with library(limits=limits) as own:
            caller = CoreCaller(server.base_url, http_client=own, timeout=1)
            threads = [
                threading.Thread(target=lambda: counts.append(len(list(caller.stream()))))
                for _ in range(2)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(30)
        return counts

    counts = at_once() if form == "sync" else asyncio.run(main())
    assert len(counts) == 2
    assert min(counts) >= 15


@quietly
def test_http_clients_of_the_user_are_used_and_never_closed(make_caller, server):
    own = openai.DefaultHttpxClient()
    own_async = openai.DefaultAsyncHttpxClient()
    caller = make_caller(server.base_url, http_client=own, http_async_client=own_async)

    async def main():
        await caller.acall()
        assert not any(each.pools for each in connections._loop_pools)
        assert not own_async.is_closed
        await own_async.aclose()

    caller.call()
    asyncio.run(main())
    connections._close_sync_pool()
    assert not own.is_closed
    own.close()
    assert len(server.requests) == 2
