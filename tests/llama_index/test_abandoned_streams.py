"""A stream that nobody reads to its end is closed at the server, so that it stops writing."""

from __future__ import annotations

import asyncio
from typing import Any

from llama_index.core.base.llms.types import ChatMessage

from llama_index_mara_minimax import MiniMax
from mara_minimax.emulator import Emulator


def test_an_abandoned_async_stream_is_closed_on_the_server(
    llm: MiniMax, server: Emulator, wire: Any
) -> None:
    reply = wire.stream(*(wire.text(f"word{i} ") for i in range(200)))
    reply.delay = 0.02
    server.enqueue(reply)

    async def abandon() -> None:
        stream = await llm.astream_chat([ChatMessage(role="user", content="Hi")])
        async for _ in stream:
            break
        await stream.aclose()
        await asyncio.sleep(0.2)

    asyncio.run(abandon())
    assert server.requests[-1].wait_finished()
    assert server.requests[-1].disconnected
    assert server.requests[-1].chunks_sent < 100


def test_an_abandoned_sync_stream_is_closed_on_the_server(
    llm: MiniMax, server: Emulator, wire: Any
) -> None:
    reply = wire.stream(*(wire.text(f"word{i} ") for i in range(200)))
    reply.delay = 0.02
    server.enqueue(reply)
    stream = llm.stream_chat([ChatMessage(role="user", content="Hi")])
    next(stream)
    stream.close()
    assert server.requests[-1].wait_finished()
    assert server.requests[-1].disconnected
