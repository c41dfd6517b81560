"""Send requests and give out replies: thin sync and async shells around one reader."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, Generator
from typing import Any

import mara_minimax
from mara_minimax.encoded_request import EncodedRequest
from mara_minimax.json_text import to_json_bytes
from mara_minimax.providers.models import ListedModel
from mara_minimax.transport.call import Call, Item, chat_call, listing_call
from mara_minimax.transport.connection import Connection
from mara_minimax.transport.exchange import Exchange
from mara_minimax.transport.pools import async_pool, sync_pool, turn
from mara_minimax.transport.retries import Retries
from mara_minimax.transport.silence import later_in_a_thread, later_in_the_loop
from mara_minimax.types import Delta, Reply

_UNREAD: Any = {"stream": True, "follow_redirects": False}
"""How requests are sent. A redirect would carry headers, and on the same port the key, to a host
of its choosing."""


class ChatClient:
    """Chat completions, and the list of models, over one connection.

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
        return self._send(chat_call(request))

    def astream(self, request: EncodedRequest) -> AsyncGenerator[Delta, None]:
        """Yield the deltas of a reply; closing the generator closes the connection."""
        return self._asend(chat_call(request))

    def list_models(self) -> list[ListedModel]:
        """Return the models that the host lists.

        Raises:
            ProviderError: The request failed, or the answer is no list of models.
        """
        return list(self._send(listing_call(self._connection.provider)))

    async def alist_models(self) -> list[ListedModel]:
        """Do what `list_models` does, without blocking."""
        return [model async for model in self._asend(listing_call(self._connection.provider))]

    def _send(self, call: Call[Item]) -> Generator[Item, None, None]:
        """Yield what the answer to a call holds, piece by piece."""
        # Lists of models cost nothing of an account.
        limiter = None if call.body is None else self._connection.limiter
        permit = None
        retries = Retries(self._connection.max_retries, limiter)
        if call.body is not None and not call.body["model"]:
            call.body["model"] = self._first_model()
        content = None if call.body is None else to_json_bytes(call.body)
        while True:
            if limiter is not None:
                permit = limiter.acquire(len(content or b""))
            connection = self._connection.keyed()
            exchange = Exchange(call, connection, permit)
            pool = sync_pool(connection)
            exchange.sent = _prepare(connection, pool, call, content, exchange.passage.trace)
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
                yield from exchange.trailing_items
                return
            time.sleep(delay)

    async def _asend(self, call: Call[Item]) -> AsyncGenerator[Item, None]:
        """Do what `_send` does, without blocking."""
        # Lists of models cost nothing of an account.
        limiter = None if call.body is None else self._connection.limiter
        permit = None
        retries = Retries(self._connection.max_retries, limiter)
        if call.body is not None and not call.body["model"]:
            call.body["model"] = await self._afirst_model()
        content = None if call.body is None else to_json_bytes(call.body)
        while True:
            if limiter is not None:
                permit = await limiter.aacquire(len(content or b""))
            connection = await self._connection.akeyed()
            exchange = Exchange(call, connection, permit)
            await turn()
            pool = async_pool(connection)
            exchange.sent = _prepare(connection, pool, call, content, exchange.passage.atrace)
            try:
                exchange.open(await pool.send(exchange.sent, **_UNREAD))
                body = exchange.abody()
                async for data in body:
                    for item in exchange.decode(data):
                        yield item
                    if exchange.should_stop(later_in_the_loop):
                        break
                for item in exchange.flush():
                    yield item
                await exchange.read_end(body)
                return
            except Exception as error:  # noqa: BLE001 - sorted by `next_delay`
                # The last bytes may repeat the key, and tracebacks can show locals.
                data, item, exchange.error = b"", None, error
            finally:
                exchange.close()
                if exchange.response is not None:
                    await exchange.response.aclose()
            # Not in the handler: an error raised there has the HTTP library's as its context.
            delay = exchange.next_delay(retries)
            exchange.raise_failure()
            if delay is None:
                for item in exchange.trailing_items:
                    yield item
                return
            await asyncio.sleep(delay)

    def _first_model(self) -> str:
        """Return the first model that the host lists, which is asked once."""
        known, url = self._connection.first_models, self._connection.base_url
        if url not in known:
            known[url] = self._first(self.list_models())
        return known[url]

    async def _afirst_model(self) -> str:
        """Do what `_first_model` does, without blocking."""
        known, url = self._connection.first_models, self._connection.base_url
        if url not in known:
            known[url] = self._first(await self.alist_models())
        return known[url]

    def _first(self, models: list[ListedModel]) -> str:
        if models:
            return models[0].id
        provider = self._connection.provider
        raise mara_minimax.errors.InvalidReplyError(
            f"{provider.title} at {self._connection.base_url} lists no model: pass model=….",
            provider=provider.name,
        )


def _prepare(
    connection: Connection, pool: Any, call: Call[Any], content: bytes | None, trace: Any
) -> Any:
    return connection.build(
        pool,
        call.method,
        call.path,
        content=content,
        headers=call.headers,
        timeout=call.timeout,
        trace=trace,
    )


def _whole(reply: Reply | None) -> Reply:
    assert reply is not None  # noqa: S101 - what a stream promises, for the type checker
    return reply
