"""One request and its answer: what was received, when to stop, what a failure means."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterable, Iterable
from contextlib import suppress
from itertools import chain
from typing import TYPE_CHECKING, Any, Final, Generic

import mara_minimax
from mara_minimax.http_library import refusals, transport_failures
from mara_minimax.secrets.http_copies import clean_cause, copy_request, copy_response
from mara_minimax.secrets.redaction import Redactor
from mara_minimax.secrets.response_headers import shown_headers
from mara_minimax.transport.call import Call, Item
from mara_minimax.transport.compression import Unpacker
from mara_minimax.transport.connection import Connection
from mara_minimax.transport.connection_errors import to_provider_error
from mara_minimax.transport.error_bodies import ErrorBody
from mara_minimax.transport.event_loops import UnregisteredAsyncGenerator
from mara_minimax.transport.limiter import Permit, is_refusal
from mara_minimax.transport.passage import Passage
from mara_minimax.transport.retries import Retries
from mara_minimax.transport.silence import AFTER_FINISH, AFTER_LAST, Later, SilenceLimit
from mara_minimax.types import Delta

if TYPE_CHECKING:
    from mara_minimax.errors import ProviderError


BODY: Final = "mara_minimax_body"
"""The extension in which a transport of this package gives the body, to be read once."""


class Exchange(Generic[Item]):
    """The state of one attempt, shared by the sync and the async loop."""

    def __init__(
        self, call: Call[Item], connection: Connection, permit: Permit | None = None
    ) -> None:
        """Start before the request is sent; errors show neither key nor headers.

        `permit` is of the connection's limiter, which is told what became of the request.
        """
        self.sent: Any = None
        """The HTTP request, as it was built."""
        self.response: Any = None
        self.error: Exception | None = None
        """What sending or reading raised."""
        self.trailing_items: list[Item] = []
        """What a reply that was complete still gives after its connection failed."""
        self.passage = Passage()
        self._silence_limit: SilenceLimit | None = None
        self._failure: ProviderError | None = None
        self._provider = connection.provider
        self._shows_headers = connection.include_response_headers
        self._limiter = connection.limiter
        self._permit = permit
        self._takes_reply = permit is not None or self._shows_headers
        self._redactor = Redactor(*connection.sent_secrets(call.headers))
        self._reader = call.reader(self._redactor)
        self._unpacker: Unpacker | None = None
        self._delivered = False
        self._error_body: ErrorBody | None = None
        self._host_closes = self._tells_length = False
        self._read_timeout: float | None = None
        self._idle_since: float | None = None
        self._buffered_bytes = 0
        self._has_news = False
        """Whether what was read since `should_stop` was last asked brought the reply on."""

    def open(self, response: Any) -> None:
        """Take the HTTP response, unread."""
        self.response = response
        if response.is_success:
            unpacker = Unpacker(response)
            self._unpacker = unpacker if unpacker.is_needed else None
            self._reader.content_type = response.headers.get("content-type", "")
        else:
            self._error_body = ErrorBody(response, self._redactor)
        self._tells_length = "content-length" in response.headers
        self._host_closes = "close" in self.response.headers.get("connection", "").lower()
        self._read_timeout = self.response.request.extensions.get("timeout", {}).get("read")
        if self._limiter is not None:
            self._limiter.learn(response.headers)

    def body(self) -> Iterable[bytes]:
        """Return the bytes to read, as they are on the wire unless a hook has read them."""
        response = self.response
        # Not `iter_raw`, which counts the bytes of each piece and copies it.
        pieces: Iterable[bytes] = (
            response.iter_bytes() if response.is_stream_consumed else response.stream
        )
        return pieces

    def abody(self) -> AsyncIterable[bytes]:
        """Return the same from an async response."""
        response = self.response
        if response.is_stream_consumed:
            return UnregisteredAsyncGenerator(response.aiter_bytes())
        body: AsyncIterable[bytes] | None = response.extensions.get(BODY)
        return body or UnregisteredAsyncGenerator(aiter(response.stream))

    def should_stop(self, later: Later) -> bool:
        """Whether to stop reading: nothing is missing, or nothing more is wanted.

        Where the host closes its connections anyway, as MiniMax does (captures, 2026-04), the
        end of the body is not waited for, nor where the wait cannot be limited. Elsewhere it
        comes at once and frees the connection for others, or it is waited for, but not for long.
        """
        if self._error_body is not None:
            return self._error_body.has_enough
        reader = self._reader
        if reader.stopped:
            return True
        if not reader.ended and (self._tells_length or not reader.may_be_whole):
            return False
        if self._host_closes and reader.complete:
            return True
        if self._silence_limit is None:
            self._silence_limit = SilenceLimit(self.response, later, reader.is_whole)
        if reader.complete and not self._silence_limit.applies:
            return True
        seconds = AFTER_LAST if reader.complete else AFTER_FINISH
        self._silence_limit.begin(seconds, anew=self._has_news)
        self._has_news = False
        return False

    async def read_end(self, body: AsyncIterable[bytes]) -> None:
        """Wait shortly for the end of a body that was left without a limit.

        A body that ends frees its connection for other calls; a shared one serves them anyway.
        """
        limit = self._silence_limit
        if limit is None or limit.applies or limit.is_shared:
            return
        # Whatever fails here, the reply is whole.
        with suppress(Exception):
            async with asyncio.timeout(AFTER_LAST):
                async for _ in body:
                    pass

    def close(self) -> None:
        """Give back what the exchange holds beside its response."""
        if self._silence_limit is not None:
            self._silence_limit.end()

    def decode(self, data: bytes) -> Iterable[Item]:
        """Return the items, such as deltas, that a piece of the body completes."""
        if self._error_body is not None:
            self._error_body.add(data)
            return ()
        if self._unpacker is None:
            return self._read(data)
        # One piece at a time: what came before a failure is given out first.
        return chain.from_iterable(map(self._read, self._unpacker.decode(data)))

    def _read(self, data: bytes) -> list[Item]:
        items = self._reader.decode(data)
        if not items:
            self._wait_for_item()
            return items
        self._delivered = self._has_news = True
        self._idle_since, self._buffered_bytes = None, 0
        if self._takes_reply:
            self._take_reply(items)
        return items

    def _wait_for_item(self) -> None:
        """Raise `APITimeoutError` when bytes keep coming and bring the reply no further.

        The HTTP library waits for any byte; comments, blank lines and empty events, which
        keep a connection alive, would reset its clock for ever. A document or an event that
        grows is progress.
        """
        buffered = self._reader.buffered_bytes
        if buffered > self._buffered_bytes:
            self._has_news, self._buffered_bytes, self._idle_since = True, buffered, None
        if self._read_timeout is None:
            return
        now = time.monotonic()
        if self._idle_since is None:
            self._idle_since = now
        elif now - self._idle_since > self._read_timeout:
            raise mara_minimax.errors.APITimeoutError(
                f"{self._provider.title} sent nothing of a reply for {self._read_timeout:g} s.",
                provider=self._provider.name,
            )

    def flush(self) -> list[Item]:
        """Return the items that the end of the body completes; raise what it tells of."""
        if self._error_body is not None:
            raise self._error_body.to_error(self._provider)
        items = self._reader.flush()
        if self._takes_reply:
            self._take_reply(items)
        self._delivered = self._delivered or bool(items)
        return items

    def _take_reply(self, items: list[Item]) -> None:
        """Tell the limiter of the reply, and the reply of headers, where that is asked for."""
        for item in items:
            if not isinstance(item, Delta) or item.reply is None:
                continue
            if self._limiter is not None and self._permit is not None:
                self._limiter.succeed(self._permit, item.reply.usage)
            if self._shows_headers:
                headers = shown_headers(self.response, self._redactor)
                item.reply.metadata["headers"] = headers

    def next_delay(self, retries: Retries) -> float | None:
        """Return the seconds to wait before the next attempt, after `error`.

        `None` means that there is no next attempt. Where the reply was complete before the
        connection failed, nothing is lost and its last deltas are in `trailing_items`.
        Otherwise `raise_failure` raises the failure, with what was received of the reply.
        """
        errors = mara_minimax.errors
        error, self.error = self.error, None
        assert error is not None  # noqa: S101 - set by the caller, for the type checker
        if self.response is None and isinstance(error, refusals()):
            self._take_refused(error)
        if not isinstance(error, errors.ProviderError):
            if self.response is not None and not isinstance(error, transport_failures()):
                # No failure of the connection: what a reader of the stream threw in, or a bug.
                raise error
            if self._error_body is not None:
                # A connection that breaks here cuts the words short; the status is known.
                error = self._error_body.to_error(self._provider)
        if (
            isinstance(error, (errors.APITimeoutError, *transport_failures()))
            and self._reader.is_whole()
        ):
            try:
                self.trailing_items = self.flush()
            except errors.ProviderError as reported:
                # What was received whole is an error, and counts instead of the connection's.
                error = reported
            else:
                return None
        failure = to_provider_error(error, self._provider, self.sent, self.passage)
        if self.response is not None and failure.response is None:
            # Loads the openai SDK, as every error does.
            from mara_minimax.failures.answers import add_headers

            add_headers(failure, self.response.headers, self._redactor)
            failure.attach(copy_response(self.response, self._redactor))
        failure.request = failure.request or copy_request(self.sent)
        if self._limiter is not None and self._permit is not None and is_refusal(failure):
            self._limiter.refuse(self._permit, failure.retry_after)
        if self._delivered and failure.partial is None:
            failure.partial = self._reader.partial_reply()
        delay = None if self._delivered else retries.next_delay(failure, self.passage)
        if delay is not None:
            return delay
        cause = clean_cause(error.__cause__ if failure is error else error, self._redactor)
        failure.__cause__ = failure.__context__ = cause
        self._failure = failure
        return None

    def _take_refused(self, refusal: Any) -> None:
        """Take the response whose status a hook of the user's own client raised for."""
        response = refusal.response
        if response.is_success:
            return
        self.response, self._error_body = response, ErrorBody(response, self._redactor)
        with suppress(*transport_failures()):
            self._error_body.add(response.content)

    def raise_failure(self) -> None:
        """Raise the failure that is not retried, if there is one.

        Called outside of `except`, so that the HTTP library's error is not its context, and
        without a traceback so far: locals of its frames hold headers.
        """
        if self._failure is not None:
            raise self._failure.with_traceback(None)
