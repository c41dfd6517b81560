"""A web server that streams an answer on, whose client leaves in the middle."""

from __future__ import annotations

import gc
import socket
import threading
from collections.abc import Iterator

import fastapi
import fastapi.responses
import pytest
import starlette.background
import uvicorn

from tests.lifecycle.conftest import settles


class App:
    """Streams what a caller gives out, by a sync generator or an async one."""

    def __init__(self, caller) -> None:
        app = fastapi.FastAPI()

        @app.get("/sync")
        def stream():
            pieces = (f"{type(piece).__name__}\n" for piece in caller.stream())
            # Starlette leaves the generator behind, in the traceback of a cancellation.
            close = starlette.background.BackgroundTask(pieces.close)
            return fastapi.responses.StreamingResponse(pieces, background=close)

        @app.get("/bare")
        def stream_bare():
            pieces = (f"{type(piece).__name__}\n" for piece in caller.stream())
            return fastapi.responses.StreamingResponse(pieces)

        @app.get("/async")
        async def astream():
            async def pieces():
                async for piece in await caller.astream():
                    yield f"{type(piece).__name__}\n"

            return fastapi.responses.StreamingResponse(pieces())

        self.server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
        self.thread = threading.Thread(target=self.server.run, daemon=True)

    def ask(self, path: str) -> socket.socket:
        """Ask for a stream and return the connection once its first piece came."""
        port = self.server.servers[0].sockets[0].getsockname()[1]
        connection = socket.create_connection(("127.0.0.1", port))
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: h\r\n\r\n".encode())
        received = b""
        while received.count(b"\r\n\r\n") < 1 or not received.partition(b"\r\n\r\n")[2]:
            received += connection.recv(4096)
        return connection


@pytest.fixture
def app(caller) -> Iterator[App]:
    app = App(caller)
    app.thread.start()
    assert settles(lambda: app.server.started)
    yield app
    app.server.should_exit = True
    app.thread.join(10)


@pytest.mark.parametrize("path", ["/sync", "/async"])
def test_a_client_that_leaves_ends_the_call_behind_it(path, app, slow_stream):
    app.ask(path).close()
    request = slow_stream.requests[-1]
    assert request.wait_finished()
    assert request.disconnected


def test_a_sync_generator_that_nobody_closes_is_closed_by_the_collector(app, slow_stream):
    app.ask("/bare").close()
    request = slow_stream.requests[-1]
    # Starlette's cancellation is in a cycle with its own traceback, which holds the generator.
    assert settles(lambda: gc.collect() >= 0 and request.wait_finished(0.1))
    assert request.disconnected
