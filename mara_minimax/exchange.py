"""One request and its answer: what was received, when to stop, what a failure means."""

from __future__ import annotations

import ssl
import time
from collections.abc import AsyncGenerator, Iterator
from typing import TYPE_CHECKING, Any

import mara_minimax
from mara_minimax.connections import Connection
from mara_minimax.encode import EncodedRequest
from mara_minimax.error_bodies import ErrorBody
from mara_minimax.http_library import transport_failures
from mara_minimax.providers import Provider
from mara_minimax.reader import ReplyReader
from mara_minimax.redaction import cleaned, find_secrets
from mara_minimax.retries import Retries
from mara_minimax.types import Delta

if TYPE_CHECKING:
    from mara_minimax.errors import ProviderError


class Exchange:
    """The state of one attempt, shared by the sync and the async loop."""

    def __init__(self, request: EncodedRequest, connection: Connection) -> None:
        """Start before the request is sent; errors show neither key nor headers."""
        self.response: Any = None
        self.rest: list[Delta] = []
        """What a reply that was complete still gives after its connection failed."""
        self._request = request
        self._connection = connection
        self._failure: ProviderError | None = None
        self._provider = request.provider
        self._reader = ReplyReader(request)
        self._delivered = False
        self._error_body: ErrorBody | None = None
        self._closes = False
        self._patience: float | None = None
        self._idle_since: float | None = None
        self._held = 0

    def open(self, response: Any) -> None:
        """Take the HTTP response, unread."""
        self.response = response
        if not response.is_success:
            self._error_body = ErrorBody(response)
        self._closes = "close" in self.response.headers.get("connection", "").lower()
        self._patience = self.response.request.extensions.get("timeout", {}).get("read")

    def body(self) -> Iterator[bytes]:
        """Return the bytes to read, those of a failure as they are on the wire."""
        response = self.response
        pieces: Iterator[bytes] = response.iter_raw() if self._error_body else response.iter_bytes()
        return pieces

    def abody(self) -> AsyncGenerator[bytes, None]:
        """Return the same from an async response."""
        response = self.response
        pieces: AsyncGenerator[bytes, None] = (
            response.aiter_raw() if self._error_body else response.aiter_bytes()
        )
        return pieces

    @property
    def over(self) -> bool:
        """Whether to stop reading: nothing is missing, or nothing more is wanted.

        After `[DONE]`, and where the host closes its connections anyway, as MiniMax does
        (captures, 2026-04), the end of the body is not waited for: some hosts never send it.
        """
        if self._error_body is not None:
            return self._error_body.enough
        reader = self._reader
        return reader.stopped or reader.finished or (self._closes and reader.complete)

    def read(self, data: bytes) -> list[Delta]:
        """Return the deltas that a piece of the body completes."""
        if self._error_body is not None:
            self._error_body.read(data)
            return []
        deltas = self._reader.read(data)
        if deltas:
            self._delivered, self._idle_since, self._held = True, None, 0
        else:
            self._wait_for_delta()
        return deltas

    def _wait_for_delta(self) -> None:
        """Raise `APITimeoutError` when bytes keep coming and bring the reply no further.

        The HTTP library waits for any byte; comments, blank lines and empty events, which
        keep a connection alive, would reset its clock for ever. A document or an event that
        grows is progress.
        """
        if self._patience is None:
            return
        now, held = time.monotonic(), self._reader.held_bytes
        if self._idle_since is None or held > self._held:
            self._idle_since, self._held = now, max(held, self._held)
        elif now - self._idle_since > self._patience:
            raise mara_minimax.errors.APITimeoutError(
                f"{self._provider.title} sent nothing of a reply for {self._patience:g} s.",
                provider=self._provider.name,
            )

    def finish(self) -> list[Delta]:
        """Return the deltas that the end of the body completes; raise what it tells of."""
        if self._error_body is not None:
            raise self._error_body.to_error(self._provider)
        deltas = self._reader.finish()
        self._delivered = self._delivered or bool(deltas)
        return deltas

    def delay_after(self, error: Exception, retries: Retries) -> float | None:
        """Return the seconds to wait before the next attempt.

        `None` means that the reply was complete before the connection failed, so that
        nothing is lost: its last deltas are in `rest`. A failure that is not retried is for
        `raise_failure`, with what was received of the reply.
        """
        errors = mara_minimax.errors
        refused = getattr(error, "response", None)
        if self.response is None and refused is not None and not refused.is_success:
            # A hook of the user's own client raised for the status before it was looked at here.
            self.response, self._error_body = refused, ErrorBody(refused)
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
                self.rest = self.finish()
            except errors.ProviderError as reported:
                # What was received whole is an error, and counts instead of the connection's.
                error = reported
            else:
                return None
        failure = to_provider_error(error, self._provider)
        if self.response is not None and failure.response is None:
            failure.attach(self.response)
        if self._delivered and failure.partial is None:
            failure.partial = self._reader.partial_reply()
        delay = None if self._delivered else retries.next_delay(failure)
        if delay is not None:
            return delay
        secrets = self._secrets()
        failure.redact(*secrets)
        if failure is not error:
            failure.__cause__ = cleaned(error, secrets)
        self._failure = failure
        return None

    def raise_failure(self) -> None:
        """Raise the failure that is not retried, if there is one.

        Called outside of `except`, so that the HTTP library's error is not its context, and
        without a traceback so far: locals of its frames hold headers.
        """
        if self._failure is not None:
            raise self._failure.with_traceback(None)

    def _secrets(self) -> tuple[str, ...]:
        """Return what was sent that no error may show."""
        key, headers = self._connection.reveal(self._request.headers)
        return find_secrets(key, [value for _, value in headers])


def to_provider_error(error: Exception, provider: Provider) -> ProviderError:
    """Return the typed error for whatever sending a request or reading its answer raised."""
    errors = mara_minimax.errors
    if isinstance(error, errors.ProviderError):
        error.provider = error.provider or provider.name
        return error
    if "Timeout" in type(error).__name__:
        return errors.APITimeoutError(
            f"{provider.title} did not answer in time.", provider=provider.name
        )
    if type(error).__name__ == "DecodingError":
        return errors.InvalidReplyError(
            f"{provider.title} sent an answer that is not compressed as its header says.",
            provider=provider.name,
            retryable=True,
        )
    reason = type(error.__cause__ or error).__name__
    untrusted = _untrusted_certificate(error)
    if untrusted is not None:
        reason = untrusted.verify_message
    return errors.APIConnectionError(
        f"The connection to {provider.title} failed ({reason}).",
        provider=provider.name,
        # A certificate does not change from one second to the next, nor does a client's hook.
        retryable=untrusted is None and isinstance(error, (OSError, *transport_failures())),
    )


def _untrusted_certificate(error: BaseException) -> ssl.SSLCertVerificationError | None:
    """Return the refusal of the host's certificate that `error` comes from."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLCertVerificationError):
        cause = cause.__cause__ or cause.__context__
    return cause
