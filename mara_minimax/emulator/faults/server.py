"""A raw TCP server that plays failures byte for byte, also those that are not HTTP."""

from __future__ import annotations

import json
import re
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from typing import Any, Self

from mara_minimax.emulator.faults.fault import RawAnswer
from mara_minimax.emulator.listener import Listener

_NO_WAIT = struct.pack("ii", 1, 0)
_PAUSE = 0.001
_READ = 65_536
_LENGTH = re.compile(rb"(?i)\r\ncontent-length:\s*(\d+)")
_TLS_GREETING = b"\x16\x03"

Script = Callable[[Any], RawAnswer]


class FaultServer:
    """Answers each request by `script`, a function of its body.

    It records the requests' bodies and counts connections, of which some never ask anything.
    """

    def __init__(self, *, context: ssl.SSLContext | None = None) -> None:
        self.script: Script = lambda _: RawAnswer(end="close")
        self.bodies: list[Any] = []
        self._scheme = "https" if context else "http"
        self._listener = Listener(self._talk, name="fault-server", context=context)
        self._lock = threading.Lock()

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._listener.port

    @property
    def base_url(self) -> str:
        """What to give a client."""
        return f"{self._scheme}://127.0.0.1:{self.port}/v1"

    @property
    def connections(self) -> int:
        """How many connections came since `play`."""
        return self._listener.connections

    def play(self, script: Script) -> None:
        """Forget what was recorded and answer by `script` from now on."""
        with self._lock:
            self.script = script
            self.bodies = []
            self._listener.connections = 0

    def __enter__(self) -> Self:
        """Start."""
        self._listener.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop, and break all connections."""
        self._listener.stop()

    def _talk(self, connection: socket.socket) -> None:
        while (body := _read_request(connection)) is not None:
            with self._lock:
                self.bodies.append(body)
                answer = self.script(body)
            if not self._send(connection, answer):
                return

    def _send(self, connection: socket.socket, answer: RawAnswer) -> bool:
        """Send an answer; return whether the connection takes another request."""
        connection.sendall(answer.data)
        if answer.end == "repeat":
            while not self._listener.leaving.wait(_PAUSE):
                connection.sendall(answer.tail)
        if answer.end == "hold":
            while connection.recv(_READ):
                pass
        if answer.end == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_WAIT)
        return answer.end == "keep"


def _read_request(connection: socket.socket) -> Any:
    """Return the parsed body of the next request, `None` when the client has left."""
    data = b""
    missing = 1
    while missing > 0:
        piece = connection.recv(_READ)
        if not piece:
            return None
        data += piece
        if data.startswith(_TLS_GREETING):
            # Nothing more comes before an answer, and there is nothing in it to read.
            return {}
        head, end, body = data.partition(b"\r\n\r\n")
        if end:
            length = _LENGTH.search(head)
            missing = (int(length.group(1)) if length else 0) - len(body)
    try:
        return json.loads(body)
    except ValueError:
        return {}
