"""`Emulator`: uvicorn in a daemon thread, started and stopped without fixed waits."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import uvicorn
from starlette.types import Scope
from uvicorn.protocols.http.h11_impl import H11Protocol

from mara_minimax.emulator.app import CHAT_PATH, Endpoints
from mara_minimax.emulator.records import CannedReply, RecordedRequest
from mara_minimax.emulator.state import EmulatorState, provider_named

_START_TIMEOUT = 10.0
_STOP_TIMEOUT = 5.0
_LAST_TASKS_TIMEOUT = 1.0
# Longer than a test suite leaves a pooled connection idle, so no client meets a stale one.
_KEEP_ALIVE = 300


class _Server(uvicorn.Server):
    """A uvicorn server that waits for events instead of polling, and stops at once."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()
        self._stop: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        self.ready.set()

    async def main_loop(self) -> None:
        if self._stop is not None:
            await self._stop.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Abort what is open: a stream that never ends must not keep a test waiting."""
        for server in self.servers:
            server.close()
        for listener in sockets or []:
            listener.close()
        for connection in list(self.server_state.connections):
            if connection.transport is not None:
                connection.transport.abort()
        tasks = list(self.server_state.tasks)
        if tasks:
            await asyncio.wait(tasks, timeout=_LAST_TASKS_TIMEOUT)

    def request_stop(self) -> None:
        """Ask the loop to end, from any thread."""
        if self._loop is not None and self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)

    def drop(self, scope: Scope) -> None:
        """Close the connection of a request after what was written has left."""
        for connection in list(self.server_state.connections):
            if isinstance(connection, H11Protocol) and connection.client == scope["client"]:
                connection.transport.close()


class Emulator:
    """A local server that speaks a provider's wire; it contains no model.

    Example:
        ```python
        from langchain_mara_minimax import ChatMiniMax
        from mara_minimax.emulator import Emulator

        with Emulator("minimax") as emulator:
            model = ChatMiniMax(api_key=emulator.api_key, base_url=emulator.base_url)
            print(model.invoke("What is 1+1?").text)
            print(emulator.last_body["messages"])
        ```
    """

    api_key = "emulator-key"
    """A key the emulator accepts; it accepts every other one too, except `bad-key`."""

    def __init__(
        self,
        provider: str = "minimax",
        *,
        scenario: str = "default",
        host: str = "127.0.0.1",
        port: int = 0,
        clock: Callable[[], float] = time.time,
        delay: float = 0.02,
        retry_after: float = 1,
    ) -> None:
        """Prepare a server; it runs from `start()` or from entering the context.

        Args:
            provider: `minimax`, `mara` or `llmprovider`.
            scenario: Scenario of requests that name none.
            host: Address to listen on.
            port: Port to listen on; 0 takes a free one.
            clock: Source of `created`; a constant makes equal requests get equal bytes.
            delay: Seconds between two chunks in the scenario `slow`.
            retry_after: Value of `Retry-After` where a scenario sends one.
        """
        self._state = EmulatorState(
            provider_named(provider),
            scenario,
            clock=clock,
            delay=delay,
            retry_after=retry_after,
        )
        self._host = host
        self._port = port
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def provider(self) -> str:
        """Name of the emulated provider."""
        return self._state.provider.name

    @property
    def base_url(self) -> str:
        """What a client takes as base URL; known once the server runs."""
        if self._server is None:
            raise RuntimeError("The emulator is not running; enter its context or call start().")
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}/v1"

    @property
    def scenario(self) -> str:
        """Scenario of the following requests; the header `x-emulator-scenario` overrides it."""
        return self._state.scenario

    @scenario.setter
    def scenario(self, name: str) -> None:
        self._state.scenario = name

    @property
    def requests(self) -> list[RecordedRequest]:
        """All requests so far, oldest first."""
        return self._state.log.snapshot()

    @property
    def last_body(self) -> Any:
        """Body of the newest chat request."""
        for request in reversed(self.requests):
            if request.path == CHAT_PATH and request.method == "POST":
                return request.body
        raise LookupError("No chat request has reached the emulator.")

    def enqueue(self, reply: CannedReply) -> None:
        """Serve this reply to a following chat request instead of applying the rules."""
        self._state.enqueue(reply)

    def clear(self) -> None:
        """Forget requests, canned replies and counters; the scenario stays."""
        self._state.clear()

    def start(self) -> Self:
        """Listen, and return once requests are served."""
        if self._server is not None:
            raise RuntimeError("The emulator is already running.")
        listener = _listen(self._host, self._port)
        self._port = listener.getsockname()[1]
        endpoints = Endpoints(self._state, self._drop)
        server = _Server(
            uvicorn.Config(
                endpoints.application(),
                http="h11",
                ws="none",
                loop="asyncio",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                date_header=False,
                timeout_keep_alive=_KEEP_ALIVE,
            )
        )
        self._server = server
        self._thread = threading.Thread(
            target=lambda: asyncio.run(server.serve(sockets=[listener])),
            name=f"emulator-{self.provider}",
            daemon=True,
        )
        self._thread.start()
        if not server.ready.wait(_START_TIMEOUT):
            raise RuntimeError("The emulator did not start in time.")
        return self

    def stop(self) -> None:
        """Stop at once; open streams are aborted."""
        if self._server is None or self._thread is None:
            return
        self._server.request_stop()
        self._thread.join(_STOP_TIMEOUT)
        self._server = self._thread = None

    def _drop(self, scope: Scope) -> None:
        if self._server is not None:
            self._server.drop(scope)

    def __enter__(self) -> Self:
        """Start the server."""
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop the server."""
        self.stop()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio turns Nagle's algorithm off only where the protocol is named; with it on, each
    # small write of a stream waits 40 ms for the client's acknowledgement.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener
