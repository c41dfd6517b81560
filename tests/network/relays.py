"""A relay that passes bytes on and ends connections at a chosen place, as networks do."""

from __future__ import annotations

import contextlib
import re
import select
import socket
import struct
import threading
from collections.abc import Callable
from urllib.parse import urlsplit

Place = Callable[[bytes], int | None]
"""How much of an answer passes before its connection ends; `None` while all of it does."""


def before_the_answer(_: bytes) -> int | None:
    """End it once the request has come, which is not passed on."""
    return 0


def in_the_first_event(answer: bytes) -> int | None:
    """End it after some bytes of the body, of which nothing can be given out."""
    head, _, body = answer.partition(b"\r\n\r\n")
    return len(head) + 4 + 40 if len(body) > 40 else None


def after_two_events(answer: bytes) -> int | None:
    """End it after two events of a stream."""
    third = [match.start() for match in re.finditer(b"data: ", answer)][2:3]
    return third[0] if third else None


def after_the_answer(answer: bytes) -> int | None:
    """End it once the whole answer has come."""
    head, blank, body = answer.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: *(\d+)", head)
    if length is not None:
        is_whole = bool(blank) and len(body) >= int(length[1])
    else:
        is_whole = body.endswith(b"0\r\n\r\n")
    return len(answer) if is_whole else None


def reset(connection: socket.socket) -> None:
    """Throw the connection away: the other side gets a RST."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def close(connection: socket.socket) -> None:
    """Close the connection in both directions."""
    connection.shutdown(socket.SHUT_RDWR)
    connection.close()


def half_close(connection: socket.socket) -> None:
    """Say that nothing more comes; the relay keeps reading for a while."""
    connection.shutdown(socket.SHUT_WR)


class Relay:
    """Stands before a host; its first `times` connections that reach the place are ended."""

    def __init__(
        self,
        base_url: str,
        end: Callable[[socket.socket], None],
        place: Place,
        *,
        times: int = 1,
        on_request: int = 1,
    ) -> None:
        """`on_request` is the number of the request, of its connection, whose answer is cut."""
        self._host = urlsplit(base_url)
        self._end, self._place = end, place
        self._left, self._on_request = times, on_request
        self.connections = 0
        self._ended = threading.Semaphore(0)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self.base_url = f"http://{self.address}/v1"
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self) -> Relay:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)

    def wait_for_an_end(self) -> None:
        """Wait until a connection has been ended, or another one since the last call."""
        assert self._ended.acquire(timeout=10)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                threading.Thread(target=self._pass, args=(connection,), daemon=True).start()

    def _pass(self, client: socket.socket) -> None:
        port = self._host.port
        assert port is not None
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)) as host:
            requests, answer, passed = 0, b"", 0
            while True:
                readable, _, _ = select.select([client, host], [], [])
                for source in readable:
                    data = source.recv(65536)
                    if not data:
                        client.close()
                        return
                    if source is client and data.startswith(b"POST "):
                        requests, answer, passed = requests + 1, b"", 0
                    answer += data if source is host else b""
                    is_due = requests == self._on_request and self._left > 0
                    limit = self._place(answer) if is_due else None
                    if source is host:
                        client.sendall(answer[passed:limit])
                        passed = len(answer)
                    elif limit is None:
                        host.sendall(data)
                    if limit is not None:
                        self._left -= 1
                        self._end(client)
                        self._ended.release()
                        _read_on(client)
                        return


def _read_on(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.settimeout(5)
        while connection.recv(65536):
            pass
    connection.close()
