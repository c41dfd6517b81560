"""Hosts that no request reaches, and how often each was tried."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
import trustme

from mara_minimax.emulator.faults import FaultServer, RawAnswer


@dataclass
class Place:
    """A URL, and a count of the attempts to reach it; `None` where nobody can count."""

    base_url: str
    attempts: Callable[[], int] | None = None


@contextmanager
def refused() -> Iterator[Place]:
    # Bound and not listening: the port stays free of others and refuses.
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield Place(f"http://127.0.0.1:{bound.getsockname()[1]}/v1")


@contextmanager
def dns() -> Iterator[Place]:
    host = "api.minimax.invalid"
    lookups: list[Any] = []
    resolve = socket.getaddrinfo

    def fail(name: Any, *arguments: Any, **named: Any) -> Any:
        if name in (host, host.encode()):
            lookups.append(name)
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return resolve(name, *arguments, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", fail)
        yield Place(f"https://{host}/v1", lambda: len(lookups))


@contextmanager
def full() -> Iterator[Place]:
    """A listener whose queue is full: the kernel leaves further attempts unanswered."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = []
        for _ in range(4):
            client = socket.socket()
            client.setblocking(False)
            client.connect_ex(listener.getsockname())
            waiting.append(client)
        try:
            yield Place(f"http://127.0.0.1:{listener.getsockname()[1]}/v1")
        finally:
            for client in waiting:
                client.close()


@contextmanager
def tls() -> Iterator[Place]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    with FaultServer(context=context) as server:
        yield Place(server.base_url, lambda: server.connections)


@contextmanager
def plain_as_tls() -> Iterator[Place]:
    with FaultServer() as server:
        server.play(lambda _: RawAnswer(b"HTTP/1.1 400 Bad Request\r\n\r\n", "close"))
        yield Place(f"https://127.0.0.1:{server.port}/v1", lambda: server.connections)


PLACES = {"refused": refused, "dns": dns, "full": full, "tls": tls, "plain-as-tls": plain_as_tls}
