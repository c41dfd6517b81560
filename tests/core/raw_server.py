"""A server that plays answers piece by piece, with pauses, over connections that it counts."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

Step = bytes | float | str
"""Bytes to send, seconds to wait, or how the connection ends: `hold`, `close`, `reset`."""


class RawServer:
    """Answers the n-th request, from 0, by the steps of `script(n)`; then reads the next."""

    def __init__(
        self, script: Callable[[int], Sequence[Step]], context: ssl.SSLContext | None = None
    ) -> None:
        self.requests: list[int] = []
        """For each request the number of its connection, from 1."""
        self._script = script
        self._context = context
        self._lock = threading.Lock()
        self._leaving = threading.Event()
        self._connections: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        scheme = "https" if context else "http"
        self.base_url = f"{scheme}://127.0.0.1:{self._listener.getsockname()[1]}/v1"
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> RawServer:
        return self

    def __exit__(self, *_: object) -> None:
        self._leaving.set()
        for each in (self._listener, *self._connections):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._connections.append(connection)
                number = len(self._connections)
                threading.Thread(target=self._talk, args=(connection, number), daemon=True).start()

    def _talk(self, connection: socket.socket, number: int) -> None:
        with contextlib.suppress(OSError, ValueError):
            if self._context is not None:
                connection = self._context.wrap_socket(connection, server_side=True)
            reader = connection.makefile("rb")
            while _read_request(reader):
                with self._lock:
                    place = len(self.requests)
                    self.requests.append(number)
                for step in self._script(place):
                    if self._take(connection, step):
                        return

    def _take(self, connection: socket.socket, step: Step) -> bool:
        """Take a step; return whether it ended the connection."""
        if isinstance(step, bytes):
            connection.sendall(step)
        elif step == "hold":
            self._leaving.wait(60)
        elif isinstance(step, float):
            time.sleep(step)
        else:
            if step == "reset":
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.shutdown(socket.SHUT_RD)
            connection.close()
            return True
        return False


def _read_request(reader: Any) -> bool:
    """Read one request; false at the end of the connection."""
    length = 0
    line = reader.readline()
    if not line:
        return False
    while (line := reader.readline()).strip():
        if line.lower().startswith(b"content-length:"):
            length = int(line.partition(b":")[2])
    reader.read(length)
    return True


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
END = b"0\r\n\r\n"


def chunked(data: bytes) -> bytes:
    """Return data as one chunk of a body."""
    return b"%x\r\n%s\r\n" % (len(data), data)


def events(*data: bytes) -> Iterator[bytes]:
    """Yield the beginning of an answer, each piece of data as one chunk."""
    yield HEAD
    for piece in data:
        yield chunked(piece)
