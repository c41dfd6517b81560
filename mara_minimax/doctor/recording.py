"""An HTTP client that keeps the answers that pass through it, and how their reading went."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from mara_minimax import limits
from mara_minimax.errors import InvalidReplyError
from mara_minimax.http_library import http_library
from mara_minimax.transport.compression import Unpacker, unpacker_of


@dataclass(slots=True)
class RecordedExchange:
    """One request and its answer; the answer is without keys."""

    method: str = ""
    path: str = ""
    """Of the URL, without host and query."""
    sent: bytes = field(default=b"", repr=False)
    """The body of the request."""
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """Headers of the answer, as they came."""
    sent_at: float = field(default_factory=time.perf_counter)
    status: int | None = None
    """HTTP status, `None` when nothing answered."""
    body: bytes = b""
    """The answer's body as far as it was read, decompressed; it is there when that is over."""
    seconds: float = 0.0
    """From the sending to the newest piece of the body."""
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
    """What is not kept where an answer repeats it, the longest first."""
    after_piece: Callable[[RecordedExchange], None]
    """Called when a piece of a body has been read; what it raises ends the reading."""

    def build_request(self, *arguments: Any, **options: Any) -> Any:
        """Return the request that the other client builds."""
        return self.client.build_request(*arguments, **options)

    def send(self, request: Any, **options: Any) -> Any:
        """Return the response, unread, whose body is recorded while it is read."""
        exchange = RecordedExchange(request.method, request.url.path, request.content)
        self.exchanges.append(exchange)
        response = self.client.send(request, **options)
        exchange.status = response.status_code
        exchange.headers = tuple(response.headers.multi_items())
        if response.is_stream_consumed:  # by a hook of the user's own client
            exchange.body, exchange.read_to_end = self.redact(response.content), True
        response.stream = _RecordedStream(response.stream, exchange, self, unpacker_of(response))
        return response

    def redact(self, data: bytes) -> bytes:
        """Return bytes with each secret replaced, and the others as they came."""
        for secret in self.secrets:
            data = data.replace(secret.encode(), b"[redacted]")
        return data


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
                exchange.seconds = time.perf_counter() - exchange.sent_at
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
