"""Server-sent events: bytes in, JSON events out. No I/O, no knowledge of chat."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import jiter

import mara_minimax
from mara_minimax import limits
from mara_minimax.json_text import is_dense, parse_json
from mara_minimax.types import JSONObject

DONE: Final = object()
"""Stands for the `[DONE]` line, which MiniMax leaves out and SambaNova sends."""

BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"

_ERROR_NAMES: Final = frozenset({"error", "error_event"})
"""Event names of a failure; older SambaNova clients look for the second."""


class EventDecoder:
    """Cut a byte stream into events, wherever its reads cut lines, characters or JSON.

    Each `data:` line that is a whole JSON object becomes an event at once, without waiting
    for the blank line: that is earlier for the reader, and some servers leave blank lines
    out. Other `data:` lines are joined until a blank line, as the SSE standard says.
    """

    __slots__ = ("_data", "_event_name", "_line")

    def __init__(self) -> None:
        """Start at the beginning of a stream."""
        self._line = bytearray()
        self._data = bytearray()
        self._event_name = ""

    @property
    def buffered_bytes(self) -> int:
        """Return the size of the event that is still arriving."""
        return len(self._line) + len(self._data)

    def decode(self, data: bytes) -> Iterator[Any]:
        """Yield the events that `data` completes: dicts, or `DONE`; read them all.

        Raises `InvalidReplyError`, after the events before it, for an event that is too large
        or is not a JSON object.
        """
        *lines, tail = data.split(b"\n")
        if lines and self._line:
            lines[0] = bytes(self._line) + lines[0]
            self._line.clear()
            self._check_size(len(lines[0]))
            self._check_density(lines[0])
        for line in lines:
            # Nearly every line is an event of its own or says nothing, and needs no call.
            if not line and not self._data:
                self._event_name = ""
                continue
            if line.startswith(b"data: {") and not self._data and not self._event_name:
                try:
                    yield jiter.from_json(line[6:])
                    continue
                except ValueError:
                    # Incomplete, or one that only `parse_json` can read.
                    pass
            if line.startswith(b":"):
                continue
            event = self._decode_line(line)
            if event is not None:
                yield event
        if tail:
            self._check_size(len(self._line) + len(tail))
            self._line += tail

    def flush(self) -> Iterator[Any]:
        """Yield the event that the end of the stream completes; one that is cut off is dropped."""
        line = bytes(self._line)
        self._line.clear()
        try:
            event = self._decode_line(line)
            if event is None:
                event = self._end_event()
        except mara_minimax.errors.InvalidReplyError:
            return
        if event is not None:
            yield event

    def _decode_line(self, line: bytes) -> Any:
        self._check_size(len(line))
        if line.startswith(BYTE_ORDER_MARK):
            line = line.lstrip(BYTE_ORDER_MARK)
        if line.endswith(b"\r"):
            line = line[:-1]
        if line.startswith(b"data:"):
            return self._decode_data(line[5:].strip())
        if not line:
            return self._end_event()
        if line.startswith(b"event:"):
            self._event_name = line[6:].strip().decode("utf-8", "replace")
        # Comments, `id:` and `retry:` say nothing about the reply.
        return None

    def _decode_data(self, data: bytes) -> Any:
        if self._data:
            self._data += b"\n"
        elif data == b"[DONE]":
            return DONE
        elif data.startswith(b"{") and data.endswith(b"}"):
            try:
                return self._to_event(parse_json(data))
            except ValueError:
                # An object in several lines, the first of which looks whole.
                pass
        self._data += data
        return None

    def _end_event(self) -> Any:
        data = bytes(self._data)
        self._data.clear()
        self._check_density(data)
        event = None
        if data:
            event = self._to_event(self._parse(data))
        self._event_name = ""
        return event

    def _parse(self, data: bytes) -> Any:
        try:
            return parse_json(data)
        except ValueError as error:
            if self._event_name in _ERROR_NAMES:
                # Plain text, which is the provider's message.
                return data.decode("utf-8", "replace")
            problem = str(error)
        raise mara_minimax.errors.InvalidReplyError(
            f"An event of the stream cannot be read: {problem}."
        )

    def _to_event(self, value: Any) -> JSONObject:
        """Return a JSON value as an event; one that is named an error shows it in its fields."""
        if self._event_name in _ERROR_NAMES:
            fields = value if isinstance(value, dict) else {}
            return {**fields, "type": "error", "error": fields.get("error") or value}
        if not isinstance(value, dict):
            raise mara_minimax.errors.InvalidReplyError(
                "The stream contains an event that is not a JSON object."
            )
        return value

    def _check_size(self, line_bytes: int) -> None:
        if line_bytes + len(self._data) > limits.MAX_EVENT_BYTES:
            raise mara_minimax.errors.InvalidReplyError(
                f"The stream contains an event of more than {limits.MAX_EVENT_BYTES} bytes."
            )

    def _check_density(self, data: bytes) -> None:
        if is_dense(data):
            raise mara_minimax.errors.InvalidReplyError(
                f"The stream contains an event of more than {limits.MAX_CONTAINERS} objects and "
                "arrays."
            )
