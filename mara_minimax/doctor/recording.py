"""An HTTP client that keeps what passes through it: requests, answers and when they came."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from mara_minimax import limits
from mara_minimax.errors import InvalidReplyError
from mara_minimax.http_library import http_library
from mara_minimax.transport.compression import Unpacker, unpacker_of

Headers = tuple[tuple[str, str], ...]

_OWN_HEADERS = frozenset({"accept", "accept-encoding", "content-type", "host", "user-agent"})
"""Headers of a request that are kept: those that no user's secret is in."""
_OTHER_HEADERS = frozenset({"content-encoding", "content-length", "set-cookie"})
"""Headers of an answer that are not kept: cookies, and what is wrong for a decoded body."""


@dataclass(slots=True)
class RecordedExchange:
    """One request and its answer, without keys, the user's headers and cookies."""

    method: str
    url: str
    request_headers: Headers
    request_body: bytes
    sent_at: float = field(default_factory=time.perf_counter)
    status: int | None = None
    """HTTP status, `None` when nothing answered."""
    headers: Headers = ()
    body: bytes = b""
    """The answer's body as far as it was read, decompressed; it is there when that is over."""
    arrivals: list[tuple[float, int]] = field(default_factory=list)
    """Seconds since the sending, and size, of each piece of the body as it came in."""
    read_to_end: bool = False
    """Whether the body ended before the reader stopped."""
    failure: type[Exception] | None = None
    """What broke the reading off."""


@dataclass(frozen=True, slots=True)
class RecordingClient:
    """An HTTP client that sends through another one and keeps each exchange in a list.

    It stands around a client, not inside as a transport does: a client that is made with a
    transport ignores the proxy variables, and a user's own client cannot be given another one.
    """

    client: Any
    exchanges: list[RecordedExchange]
    secrets: Sequence[str] = field(repr=False)
    """What is not kept where a request or an answer repeats it, the longest first."""
    after_piece: Callable[[RecordedExchange], None]
    """Called when a piece of a body has been read; what it raises ends the reading."""

    def build_request(self, *arguments: Any, **options: Any) -> Any:
        """Return the request that the other client builds."""
        return self.client.build_request(*arguments, **options)

    def send(self, request: Any, **options: Any) -> Any:
        """Return the response, unread, whose body is recorded while it is read."""
        headers = [item for item in request.headers.multi_items() if item[0] in _OWN_HEADERS]
        exchange = RecordedExchange(
            request.method,
            str(request.url),
            self.redact_headers(headers),
            self.redact(request.content),
        )
        self.exchanges.append(exchange)
        response = self.client.send(request, **options)
        exchange.status = response.status_code
        given = response.headers.multi_items()
        exchange.headers = self.redact_headers(
            item for item in given if item[0] not in _OTHER_HEADERS
        )
        if response.is_stream_consumed:  # by a hook of the user's own client
            exchange.body, exchange.read_to_end = self.redact(response.content), True
        response.stream = _RecordedStream(response.stream, exchange, self, unpacker_of(response))
        return response

    def redact(self, data: bytes) -> bytes:
        """Return bytes with each secret replaced, and the others as they came."""
        for secret in self.secrets:
            data = data.replace(secret.encode(), b"[redacted]")
        return data

    def redact_headers(self, headers: Iterable[tuple[str, str]]) -> Headers:
        """Return headers with each secret in their values replaced."""
        return tuple((name, self.redact(value.encode()).decode()) for name, value in headers)


@dataclass(eq=False)
class _RecordedStream(http_library().SyncByteStream):  # type: ignore[misc]  # httpx's or httpx2's
    """The body of a response, recorded while it is read."""

    stream: Any
    exchange: RecordedExchange
    recorder: RecordingClient
    unpacker: Unpacker | None
    body: bytearray = field(default_factory=bytearray)

    def __iter__(self) -> Iterator[bytes]:
        exchange = self.exchange
        try:
            for piece in self.stream:
                self._keep(piece)
                exchange.arrivals.append((time.perf_counter() - exchange.sent_at, len(piece)))
                yield piece
                self.recorder.after_piece(exchange)
        except Exception as error:
            exchange.failure = type(error)
            raise
        exchange.read_to_end = True

    def close(self) -> None:
        """Close the connection and keep the body: only in a whole one a repeated key is found."""
        self.stream.close()
        self.exchange.body = self.recorder.redact(bytes(self.body))

    def _keep(self, data: bytes) -> None:
        with suppress(InvalidReplyError):  # not compressed as its header says, or too large
            for piece in self.unpacker.decode(data) if self.unpacker else ():
                self.body += piece
                if len(self.body) > limits.MAX_ANSWER_BYTES:
                    self.unpacker = None
                    break
