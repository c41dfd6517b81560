"""Server-sent events: bytes in, JSON events out. No I/O, no knowledge of chat."""

from __future__ import annotations

import json
from typing import Any, Final

import jiter

from mara_minimax.errors import InvalidReplyError

MAX_EVENT_BYTES: Final = 32 * 1024 * 1024
"""Largest event that is read; a longer one is refused instead of filling the memory."""

DONE: Final = object()
"""Stands for the `[DONE]` line, which MiniMax leaves out and SambaNova sends."""


class EventDecoder:
    """Cut a byte stream into events, wherever its reads cut lines, characters or JSON.

    Each `data:` line that is a whole JSON object becomes an event at once, without waiting
    for the blank line: that is earlier for the reader, and some servers leave blank lines
    out. Other `data:` lines are joined until a blank line, as the SSE standard says.
    """

    __slots__ = ("_data", "_event_name", "_line", "_line_bytes")

    def __init__(self) -> None:
        """Start at the beginning of a stream."""
        self._line: list[bytes] = []
        self._line_bytes = 0
        self._data: list[bytes] = []
        self._event_name = ""

    def decode(self, data: bytes) -> list[Any]:
        """Return the events that `data` completes: dicts, or `DONE`.

        Raises `InvalidReplyError` for an event that is no JSON object or is too large.
        """
        head, newline, rest = data.partition(b"\n")
        self._line_bytes += len(head)
        if self._line_bytes > MAX_EVENT_BYTES:
            raise InvalidReplyError(
                f"The stream holds an event of more than {MAX_EVENT_BYTES} bytes."
            )
        self._line.append(head)
        if not newline:
            return []
        events: list[Any] = []
        self._decode_line(b"".join(self._line), events)
        *lines, tail = rest.split(b"\n")
        for line in lines:
            self._decode_line(line, events)
        self._line = [tail]
        self._line_bytes = len(tail) + sum(map(len, self._data))
        return events

    def flush(self) -> list[Any]:
        """Return the events that the end of the stream completes."""
        events: list[Any] = []
        self._decode_line(b"".join(self._line), events)
        self._line, self._line_bytes = [], 0
        self._decode_line(b"", events)
        return events

    def _decode_line(self, line: bytes, events: list[Any]) -> None:
        if line.endswith(b"\r"):
            line = line[:-1]
        if line.startswith(b"data:"):
            self._decode_data(line[5:].strip(), events)
        elif not line:
            if self._data:
                data, self._data = b"\n".join(self._data), []
                events.append(self._parse(data))
            self._event_name = ""
        elif line.startswith(b"event:"):
            self._event_name = line[6:].strip().decode("utf-8", "replace")
        # Comments, `id:` and `retry:` say nothing about the reply.

    def _decode_data(self, data: bytes, events: list[Any]) -> None:
        if self._data:
            self._data.append(data)
        elif data == b"[DONE]":
            events.append(DONE)
        elif data.startswith(b"{") and data.endswith(b"}"):
            try:
                events.append(self._named(jiter.from_json(data)))
            except ValueError:
                self._data.append(data)
        elif data:
            self._data.append(data)

    def _parse(self, data: bytes) -> Any:
        event = parse_json(data)
        if not isinstance(event, dict):
            if self._event_name == "error":
                return {"error": event}
            raise InvalidReplyError("The stream holds an event that is no JSON object.")
        return self._named(event)

    def _named(self, event: dict[str, Any]) -> dict[str, Any]:
        if self._event_name == "error" and "error" not in event:
            return {"error": event}
        return event


def parse_json(data: bytes) -> Any:
    """Return the JSON value in `data`.

    Raises `InvalidReplyError`, without quoting the data, when it is not JSON.
    """
    try:
        return jiter.from_json(data)
    except ValueError:
        # jiter refuses lone surrogates, which models do produce and the json module reads.
        try:
            return json.loads(data)
        except (ValueError, RecursionError) as error:
            raise InvalidReplyError("The provider's answer is not valid JSON.") from error
