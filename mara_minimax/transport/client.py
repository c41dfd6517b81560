"""Send requests and give out replies: thin sync and async shells around one reader."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, Generator
from typing import Any

from mara_minimax.encoded_request import EncodedRequest
from mara_minimax.json_text import to_json_bytes
from mara_minimax.transport.connection import Connection
from mara_minimax.transport.exchange import Exchange
from mara_minimax.transport.listing import afirst_model, first_model
from mara_minimax.transport.pools import async_pool, sync_pool, turn
from mara_minimax.transport.retries import Retries
from mara_minimax.transport.silence import later_in_a_thread, later_in_the_loop
from mara_minimax.types import Delta, Reply

_PATH = "/chat/completions"
_UNREAD: Any = {"stream": True, "follow_redirects": False}
"""How requests are sent. A redirect would carry headers, and on the same port the key, to a host
of its choosing."""


class ChatClient:
    """Chat completions over one connection.

    All errors are `openai.OpenAIError`s of `mara_minimax.errors`. A stream is retried only
    before its first delta.
    """

    def __init__(self, connection: Connection) -> None:
        """Open nothing; connections are made on first use and shared."""
        self._connection = connection

    def complete(self, request: EncodedRequest) -> Reply:
        """Return the reply to a request."""
        (last,) = deque(self.stream(request), maxlen=1)
        return _whole(last.reply)

    async def acomplete(self, request: EncodedRequest) -> Reply:
        """Return the reply to a request."""
        reply: Reply | None = None
        async for delta in self.astream(request):
            reply = delta.reply
            # Tracebacks can show locals, and what came may repeat the key:
            # test_no_frame_of_a_call_holds_what_came_before_its_error.
            del delta
        return _whole(reply)

    def stream(self, request: EncodedRequest) -> Generator[Delta, None, None]:
        """Yield the deltas of a reply; closing the generator closes the connection."""
        retries = Retries(self._connection.max_retries)
        if not request.body["model"]:
            request.body["model"] = first_model(self._connection)
        content = to_json_bytes(request.body)
        while True:
            connection = self._connection.keyed()
            exchange = Exchange(request, connection)
            pool = sync_pool(connection)
            exchange.sent = _prepare(connection, pool, request, content, exchange.passage.trace)
            try:
                exchange.open(pool.send(exchange.sent, **_UNREAD))
                for data in exchange.body():
                    yield from exchange.decode(data)
                    if exchange.should_stop(later_in_a_thread):
                        break
                yield from exchange.flush()
                return
            except Exception as error:  # noqa: BLE001 - sorted by `next_delay`
                # The last bytes may repeat the key, and tracebacks can show locals.
                data, exchange.error = b"", error
            finally:
                exchange.close()
                if exchange.response is not None:
                    exchange.response.close()
            # Not in the handler: an error raised there has the HTTP library's as its context.
            delay = exchange.next_delay(retries)
            exchange.raise_failure()
            if delay is None:
                yield from exchange.trailing_deltas
                return
            time.sleep(delay)

    async def astream(self, request: EncodedRequest) -> AsyncGenerator[Delta, None]:
        """Yield the deltas of a reply; closing the generator closes the connection."""
        retries = Retries(self._connection.max_retries)
        if not request.body["model"]:
            request.body["model"] = await afirst_model(self._connection)
        content = to_json_bytes(request.body)
        while True:
            connection = await self._connection.akeyed()
            exchange = Exchange(request, connection)
            await turn()
            pool = async_pool(connection)
            exchange.sent = _prepare(connection, pool, request, content, exchange.passage.atrace)
            try:
                exchange.open(await pool.send(exchange.sent, **_UNREAD))
                async for data in exchange.abody():
                    for delta in exchange.decode(data):
                        yield delta
                    if exchange.should_stop(later_in_the_loop):
                        break
                for delta in exchange.flush():
                    yield delta
                return
            except Exception as error:  # noqa: BLE001 - sorted by `next_delay`
                # The last bytes may repeat the key, and tracebacks can show locals.
                data, delta, exchange.error = b"", Delta(), error
            finally:
                exchange.close()
                if exchange.response is not None:
                    await exchange.response.aclose()
            # Not in the handler: an error raised there has the HTTP library's as its context.
            delay = exchange.next_delay(retries)
            exchange.raise_failure()
            if delay is None:
                for delta in exchange.trailing_deltas:
                    yield delta
                return
            await asyncio.sleep(delay)


def _prepare(
    connection: Connection, pool: Any, request: EncodedRequest, content: bytes, trace: Any
) -> Any:
    return connection.build(
        pool,
        "POST",
        _PATH,
        content=content,
        headers=request.headers,
        timeout=request.timeout,
        trace=trace,
    )


def _whole(reply: Reply | None) -> Reply:
    assert reply is not None  # noqa: S101 - what a stream promises, for the type checker
    return reply
