"""TCP connections from this machine, each in a thread of its own."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable

_BACKLOG = 128
_STOP_TIMEOUT = 5.0


class Listener:
    """Hands each connection to `talk` in a new thread, and closes it when that returns.

    It listens from the beginning; connections wait until `start`.
    """

    def __init__(
        self,
        talk: Callable[[socket.socket], object],
        *,
        name: str,
        port: int = 0,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self._listener = socket.create_server(("127.0.0.1", port), backlog=_BACKLOG)
        self.port = int(self._listener.getsockname()[1])
        self.connections = 0
        """How many came so far, of which some never ask anything."""
        self.leaving = threading.Event()
        self._talk = talk
        self._context = context
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._accept, name=name, daemon=True)

    def start(self) -> None:
        """Take connections."""
        self._thread.start()

    def stop(self) -> None:
        """Stop at once, from any thread, and break all connections."""
        self.leaving.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(_STOP_TIMEOUT)
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            # With Nagle's algorithm each small write of a stream would wait for the client.
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            if self._context is not None:
                connection = self._context.wrap_socket(connection, server_side=True)
            with self._lock:
                self._open.add(connection)
            # Whoever comes while it stops is in time to be broken here or there.
            if not self.leaving.is_set():
                self._talk(connection)
        except OSError:
            # The client left, as it may at any time.
            return
        finally:
            with self._lock:
                self._open.discard(connection)
            connection.close()
