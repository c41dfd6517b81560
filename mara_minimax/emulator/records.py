"""What the emulator was asked (`RecordedRequest`) and what it is told to answer (`CannedReply`)."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

JSON_TYPE = "application/json; charset=utf-8"
STREAM_TYPE = "text/event-stream"


def compact(payload: object) -> str:
    """JSON as the providers write it: no spaces, text beyond ASCII left as it is."""
    return json.dumps(payload, separators=(",", ":"), ensure_ascii=False)


def to_bytes(text: str) -> bytes:
    """UTF-8; lone surrogates, which JSON can escape and UTF-8 cannot hold, are replaced."""
    return text.encode("utf-8", "replace")


@dataclass
class CannedReply:
    """One HTTP reply, byte for byte; without a content type it gets the one that was asked for."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    chunks: list[bytes] = field(default_factory=list)
    delay: float = 0.0
    """Seconds to wait between two chunks."""
    cut: bool = False
    """Drop the TCP connection after the chunks, without the terminating chunk."""
    hold: bool = False
    """Keep the connection open after the chunks and send nothing more."""

    @classmethod
    def json(
        cls, payload: object, *, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> CannedReply:
        """A JSON body."""
        return cls(
            status=status,
            headers={"content-type": JSON_TYPE, **(headers or {})},
            chunks=[to_bytes(compact(payload))],
        )

    @classmethod
    def sse(cls, *payloads: object, done: bool = False) -> CannedReply:
        """An event stream of JSON payloads, one event a chunk; `done` adds `[DONE]`."""
        chunks = [to_bytes(f"data: {compact(payload)}\n\n") for payload in payloads]
        if done:
            chunks.append(b"data: [DONE]\n\n")
        return cls(headers={"content-type": STREAM_TYPE}, chunks=chunks)


@dataclass
class RecordedRequest:
    """A request as it arrived, and how its reply went."""

    method: str
    path: str
    headers: dict[str, str]
    """Lower-case names; the value of `authorization` is replaced by `<redacted>`."""
    has_key: bool
    body: Any = None
    """The parsed JSON body, or `None` when there is none or it is not JSON."""
    status: int = 0
    chunks_sent: int = 0
    disconnected: bool = False
    """The client closed the connection before the whole reply was sent."""
    _finished: threading.Event = field(default_factory=threading.Event, repr=False, compare=False)

    def finish(self) -> None:
        """Mark the exchange as over."""
        self._finished.set()

    def wait_finished(self, timeout: float = 5.0) -> bool:
        """Wait until the reply was sent, dropped or abandoned; false when the time ran out."""
        return self._finished.wait(timeout)


class RequestLog:
    """The requests in order of arrival; safe to read while the server appends."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: list[RecordedRequest] = []

    def append(self, request: RecordedRequest) -> None:
        """Add a request at the end."""
        with self._lock:
            self._requests.append(request)

    def snapshot(self) -> list[RecordedRequest]:
        """A copy of the list; the records in it are the live ones."""
        with self._lock:
            return list(self._requests)

    def clear(self) -> None:
        """Forget all requests."""
        with self._lock:
            self._requests.clear()


def redacted_headers(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Header pairs as a dict, with the key taken out."""
    headers = {name.lower(): value for name, value in pairs}
    if "authorization" in headers:
        headers["authorization"] = "<redacted>"
    return headers
