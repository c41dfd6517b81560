"""`CannedReply`: one HTTP reply, byte for byte."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

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
