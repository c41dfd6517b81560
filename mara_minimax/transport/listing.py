"""Ask a host which models it serves: `GET /models`, sync and async, with the retries of a call."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import mara_minimax
from mara_minimax import limits
from mara_minimax.http_library import transport_failures
from mara_minimax.providers.models import ListedModel
from mara_minimax.reply.listing import decode_models
from mara_minimax.secrets.http_copies import clean_cause, copy_response
from mara_minimax.secrets.redaction import Redactor
from mara_minimax.transport.compression import Unpacker
from mara_minimax.transport.connection import Connection
from mara_minimax.transport.connection_errors import to_provider_error
from mara_minimax.transport.error_bodies import ErrorBody
from mara_minimax.transport.passage import Passage
from mara_minimax.transport.pools import async_pool, sync_pool
from mara_minimax.transport.retries import Retries

if TYPE_CHECKING:
    from mara_minimax.errors import ProviderError

_UNREAD: Any = {"stream": True, "follow_redirects": False}
"""How requests are sent. A redirect would carry headers, and on the same port the key, to a host
of its choosing."""


def list_models(connection: Connection) -> list[ListedModel]:
    """Return the models that the host lists.

    Raises:
        ProviderError: The request failed, or the answer is no list of models.
    """
    connection = connection.keyed()
    listing, pool = _Listing(connection), sync_pool(connection)
    while True:
        listing.sent = connection.build(pool, "GET", "/models", trace=listing.passage.trace)
        try:
            listing.open(pool.send(listing.sent, **_UNREAD))
            for data in listing.pieces("iter"):
                if listing.add(data):
                    break
            return listing.models()
        except Exception as error:  # noqa: BLE001 - sorted by `next_delay`
            # Tracebacks can show locals.
            data, listing.error = b"", error
        finally:
            if listing.response is not None:
                listing.response.close()
        time.sleep(listing.next_delay())


async def alist_models(connection: Connection) -> list[ListedModel]:
    """Do what `list_models` does, without blocking."""
    connection = await connection.akeyed()
    listing, pool = _Listing(connection), async_pool(connection)
    while True:
        listing.sent = connection.build(pool, "GET", "/models", trace=listing.passage.atrace)
        try:
            listing.open(await pool.send(listing.sent, **_UNREAD))
            async for data in listing.pieces("aiter"):
                if listing.add(data):
                    break
            return listing.models()
        except Exception as error:  # noqa: BLE001 - sorted by `next_delay`
            # Tracebacks can show locals.
            data, listing.error = b"", error
        finally:
            if listing.response is not None:
                await listing.response.aclose()
        await asyncio.sleep(listing.next_delay())


def first_model(connection: Connection) -> str:
    """Return the first model that the host lists, which is asked once."""
    known = connection.first_models
    if connection.base_url not in known:
        known[connection.base_url] = _first(list_models(connection), connection)
    return known[connection.base_url]


async def afirst_model(connection: Connection) -> str:
    """Do what `first_model` does, without blocking."""
    known = connection.first_models
    if connection.base_url not in known:
        known[connection.base_url] = _first(await alist_models(connection), connection)
    return known[connection.base_url]


def _first(models: list[ListedModel], connection: Connection) -> str:
    if not models:
        raise mara_minimax.errors.InvalidReplyError(
            f"{connection.provider.title} at {connection.base_url} lists no model: pass model=….",
            provider=connection.provider.name,
        )
    return models[0].id


class _Listing:
    """The attempts of one request for the list, shared by the sync and the async loop."""

    def __init__(self, connection: Connection) -> None:
        self.sent: Any = None
        """The HTTP request of the attempt."""
        self.passage = Passage()
        self.response: Any = None
        self.error: Exception | None = None
        """What sending or reading raised."""
        self._provider = connection.provider
        self._redactor = Redactor(*connection.sent_secrets())
        self._retries = Retries(connection.max_retries)
        self._body = bytearray()
        self._unpacker: Unpacker | None = None
        self._failed: ErrorBody | None = None

    def open(self, response: Any) -> None:
        """Take the HTTP response of an attempt, unread."""
        self.response, self._body, self._failed = response, bytearray(), None
        if response.is_success:
            self._unpacker = Unpacker(response)
        else:
            self._failed = ErrorBody(response, self._redactor)

    def pieces(self, kind: str) -> Any:
        """Return the bytes to read (`kind`: `iter` or `aiter`), raw unless a hook read them."""
        form = "bytes" if self.response.is_stream_consumed else "raw"
        return getattr(self.response, f"{kind}_{form}")()

    def add(self, data: bytes) -> bool:
        """Take a piece of the body, and return whether nothing more is wanted."""
        if self._failed is not None:
            self._failed.add(data)
            return self._failed.has_enough
        assert self._unpacker is not None  # noqa: S101 - made by `open`, for the type checker
        for piece in self._unpacker.decode(data):
            self._body += piece
            if len(self._body) > limits.MAX_EVENT_BYTES:
                raise mara_minimax.errors.InvalidReplyError(
                    f"The list of models has more than {limits.MAX_EVENT_BYTES} bytes.",
                    provider=self._provider.name,
                )
        return False

    def models(self) -> list[ListedModel]:
        """Return the models; raise what the answer reports instead."""
        if self._failed is not None:
            raise self._failed.to_error(self._provider)
        return decode_models(bytes(self._body), self._provider, self._redactor)

    def next_delay(self) -> float:
        """Return the seconds to wait before the next attempt; raise where there is none."""
        error, self.error = self.error, None
        response, self.response = self.response, None
        assert error is not None  # noqa: S101 - set by the caller, for the type checker
        failure = self._to_failure(error, has_answer=response is not None)
        delay = self._retries.next_delay(failure, self.passage)
        if delay is not None:
            self.passage = Passage()
            return delay
        if response is not None and failure.response is None:
            failure.attach(copy_response(response, self._redactor))
        cause = clean_cause(error.__cause__ if failure is error else error, self._redactor)
        failure.__cause__ = failure.__context__ = cause
        raise failure.with_traceback(None)

    def _to_failure(self, error: Exception, *, has_answer: bool) -> ProviderError:
        is_transport = isinstance(error, transport_failures())
        if (
            has_answer
            and not is_transport
            and not isinstance(error, mara_minimax.errors.ProviderError)
        ):
            # No failure of the connection: a bug, or what the user's own HTTP client raised.
            raise error
        if is_transport and self._failed is not None:
            # A connection that breaks here cuts the words short; the status is known.
            return self._failed.to_error(self._provider)
        return to_provider_error(error, self._provider, self.sent, self.passage)
