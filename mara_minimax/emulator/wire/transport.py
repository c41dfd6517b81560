"""From payloads to bytes: SSE framing and what can go wrong below it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from mara_minimax.emulator.types.canned import JSON_TYPE, STREAM_TYPE, CannedReply, to_bytes

End = Literal["normal", "eof", "drop", "hold"]


@dataclass(frozen=True)
class Transport:
    """How the bytes of a reply travel.

    `eof`, `drop` and `hold` stop a reply halfway: with a clean end, with a dropped connection,
    or with silence on an open one.
    """

    newline: str = "\n"
    comments: bool = False
    piece: int | None = None
    """Bytes a write; by default one event a write."""
    slow: bool = False
    """With the emulator's own pause between two chunks."""
    end: End = "normal"
    hold_after_end: bool = False
    """Send everything and leave the connection open."""


@dataclass(frozen=True)
class Event:
    """One event of a stream."""

    payload: dict[str, Any]
    name: str | None = None


def stream_reply(
    events: Sequence[Event],
    *,
    done: bool,
    transport: Transport,
    encode: Callable[[dict[str, Any]], str],
    headers: dict[str, str],
) -> CannedReply:
    """The event stream as a reply."""
    if transport.end != "normal":
        events, done = events[: _halfway(events)], False
    chunks = [_frame(event, encode, transport.newline) for event in events]
    if transport.comments:
        chunks = [piece for chunk in chunks for piece in (b": keep-alive\n\n", chunk)]
    if done:
        chunks.append(f"data: [DONE]{transport.newline * 2}".encode())
    headers = {"content-type": STREAM_TYPE, "cache-control": "no-cache", **headers}
    return _travelling(chunks, headers, transport)


def json_reply(text: str, *, transport: Transport, headers: dict[str, str]) -> CannedReply:
    """A whole reply in one write, or as many as the transport says."""
    data = to_bytes(text)
    headers = {"content-type": JSON_TYPE, **headers}
    if transport.end in {"drop", "hold"}:
        headers["content-length"] = str(len(data))
    if transport.end != "normal":
        data = data[: len(data) // 2]
    return _travelling([data], headers, transport)


def _travelling(chunks: list[bytes], headers: dict[str, str], transport: Transport) -> CannedReply:
    if transport.piece is not None:
        data, size = b"".join(chunks), transport.piece
        chunks = [data[start : start + size] for start in range(0, len(data), size)]
    hold = transport.end == "hold" or transport.hold_after_end
    return CannedReply(
        headers=headers,
        chunks=chunks,
        cut=transport.end == "drop",
        hold=hold,
    )


def _halfway(events: Sequence[Event]) -> int:
    """As many events as leave out the finish reason; at least one."""
    finishing = next(
        (place for place, event in enumerate(events) if _has_finish_reason(event)), len(events)
    )
    return max(1, min(finishing, (len(events) + 1) // 2))


def _has_finish_reason(event: Event) -> bool:
    choices = event.payload.get("choices") or []
    return any(choice.get("finish_reason") for choice in choices)


def _frame(event: Event, encode: Callable[[dict[str, Any]], str], newline: str) -> bytes:
    name = f"event: {event.name}{newline}" if event.name else ""
    return to_bytes(f"{name}data: {encode(event.payload)}{newline}{newline}")
