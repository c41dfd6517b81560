"""openai SDK clients and HTTP pools, shared by all instances with the same options.

An async client belongs to the event loop it was made in: each loop has its own pool, whose
connections are closed when the loop ends. The pool of sync calls is closed when the process
ends, and a forked process starts with empty pools. An HTTP client of the user is never closed.
"""

from __future__ import annotations

import asyncio
import atexit
import functools
import importlib
import os
import threading
import warnings
from collections import OrderedDict
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from mara_minimax._version import __version__
from mara_minimax.error_bodies import ashorten_error, shorten_error
from mara_minimax.masking import HiddenText, reveal_headers
from mara_minimax.owned import Closable
from mara_minimax.providers import Provider

if TYPE_CHECKING:
    import openai

_MOST_CLIENTS = 64
_LOOPBACK_PATTERNS = ("all://localhost", "all://127.0.0.1", "all://[::1]")
_POOL_WAIT = 600.0
"""Seconds to wait for a free connection while 1,000 calls are in progress, the SDK's limit."""


@dataclass(frozen=True)
class Connection:
    """Where requests go, and how; equal connections share one SDK client."""

    provider: Provider
    base_url: str
    api_key: str = field(repr=False)
    timeout: Any = None
    """Seconds, or an HTTP client's timeout object; `None`: 600 s, of which 5 s to connect."""
    max_retries: int = 2
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    http_client: Any = field(default=None, repr=False)
    http_async_client: Any = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Hide key and headers from the locals of every frame that they pass through."""
        object.__setattr__(self, "api_key", HiddenText(self.api_key))
        headers = reveal_headers(dict(self.headers))
        object.__setattr__(self, "headers", tuple(headers.items()))

    def cache_key(self) -> tuple[Any, ...]:
        """Return what two SDK clients must share to be the same."""
        return (
            self.base_url,
            self.api_key,
            str(self.timeout),
            self.headers,
            id(self.http_client),
            id(self.http_async_client),
        )


Client = TypeVar("Client")


class _Clients(Generic[Client]):
    """A bounded cache of SDK clients over one HTTP pool."""

    def __init__(self) -> None:
        self.pool: Any = None
        self._clients: OrderedDict[tuple[Any, ...], Client] = OrderedDict()

    def get(self, key: tuple[Any, ...]) -> Client | None:
        client = self._clients.get(key)
        if client is not None:
            self._clients.move_to_end(key)
        return client

    def put(self, key: tuple[Any, ...], client: Client) -> None:
        self._clients[key] = client
        while len(self._clients) > _MOST_CLIENTS:
            # The HTTP pool is shared and outlives the client that is dropped.
            self._clients.popitem(last=False)


class _LoopClients(_Clients[Any], Closable):
    """The SDK clients of one event loop, whose connections close when it ends.

    After its end nothing can close them any more.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._loop = loop
        self.announce()

    async def aclose(self) -> None:
        """Close all connections; calls after that begin with a new pool."""
        with _lock:
            if _async_clients.get(self._loop) is self:
                del _async_clients[self._loop]
        if self.pool is not None:
            await self.pool.aclose()


_lock = threading.RLock()
_sync_clients: _Clients[openai.OpenAI] = _Clients()
_async_clients: dict[asyncio.AbstractEventLoop, _LoopClients] = {}
_of_the_parent: list[object] = []
"""What a forked process inherits and must not touch."""


def sync_client(connection: Connection) -> openai.OpenAI:
    """Return the SDK client for a connection."""
    import openai

    key = connection.cache_key()
    with _lock:
        client = _sync_clients.get(key)
        if client is None:
            pool = connection.http_client
            if pool is None:
                pool = _sync_clients.pool = _sync_clients.pool or openai.DefaultHttpxClient(
                    event_hooks={"response": [shorten_error]}, **_pool_options()
                )
            client = openai.OpenAI(http_client=pool, **_client_arguments(connection))
            _isolate(client, connection)
            _sync_clients.put(key, client)
        return client


def async_client(connection: Connection) -> openai.AsyncOpenAI:
    """Return the SDK client for a connection in the running event loop."""
    import openai

    loop = asyncio.get_running_loop()
    key = connection.cache_key()
    with _lock:
        clients = _async_clients.get(loop)
        if clients is None:
            for closed in [known for known in _async_clients if known.is_closed()]:
                del _async_clients[closed]
            clients = _async_clients[loop] = _LoopClients(loop)
        client: openai.AsyncOpenAI | None = clients.get(key)
        if client is None:
            pool = connection.http_async_client
            if pool is None:
                # Given explicitly: the SDK's own wrapper closes itself on whatever loop runs
                # when it is collected.
                pool = clients.pool = clients.pool or openai.DefaultAsyncHttpxClient(
                    event_hooks={"response": [ashorten_error]}, **_pool_options()
                )
            client = openai.AsyncOpenAI(http_client=pool, **_client_arguments(connection))
            _isolate(client, connection)
            clients.put(key, client)
        return client


def _pool_options() -> dict[str, Any]:
    """Return what keeps calls apart that share a pool, and loopback calls on this machine."""
    return {
        # Cookies would follow the calls of one key into those of the next.
        "cookies": CookieJar(DefaultCookiePolicy(allowed_domains=())),
        # `http_proxy` counts elsewhere; here it would send keys in plain text to the proxy.
        "mounts": dict.fromkeys(_LOOPBACK_PATTERNS),
        "verify": _tls_context(),
    }


@functools.cache
def _tls_context() -> Any:
    """Return the HTTP library's own settings of TLS, which take 20 ms to read, for all loops."""
    import openai

    # httpx2 for openai 3, httpx for openai 2.
    name, _, _ = openai.DefaultHttpxClient.__mro__[1].__module__.partition(".")
    library = importlib.import_module(name)
    return library.create_ssl_context()


def _client_arguments(connection: Connection) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "api_key": connection.api_key,
        "base_url": connection.base_url,
        # Retries have one owner, `retries.py`, which also knows failures inside HTTP 200.
        "max_retries": 0,
    }
    if connection.timeout is not None:
        arguments["timeout"] = to_timeout(connection.timeout)
    return arguments


def to_timeout(timeout: Any) -> Any:
    """Return seconds as the HTTP library's timeout, which other objects are taken to be.

    Waiting for one of the pool's connections is not the provider's time and has its own limit.
    """
    import openai

    if isinstance(timeout, (int, float)):
        return openai.Timeout(timeout, pool=max(timeout, _POOL_WAIT))
    return timeout


def _isolate(client: openai.OpenAI | openai.AsyncOpenAI, connection: Connection) -> None:
    """Undo what the SDK took from `OPENAI_*` variables, which belong to another company.

    `with_options` and `copy` read them again and are therefore not used in this package.
    """
    client.organization = None
    client.project = None
    client.webhook_secret = None
    client.admin_api_key = None
    headers = {"User-Agent": f"mara-minimax/{__version__}", **dict(connection.headers)}
    client._custom_headers = headers


def _close_sync_pool() -> None:
    """Close the pool of sync calls, unless a daemon thread could be using it to the last."""
    if _sync_clients.pool is not None and threading.active_count() == 1:
        _sync_clients.pool.close()


def _forget_clients() -> None:
    """Start anew in a forked process: sockets must not be shared with the parent."""
    global _lock, _sync_clients
    _lock = threading.RLock()
    # Closing them in earnest could wait for locks of threads that only the parent has. The
    # filter is safe: a process that was just forked has one thread.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        _sync_clients = _Clients()
    # Those of a loop cannot be closed without it, and warn when they are collected.
    _of_the_parent.append(dict(_async_clients))
    _async_clients.clear()


atexit.register(_close_sync_pool)
if hasattr(os, "register_at_fork"):  # pragma: no branch - Windows has no fork
    os.register_at_fork(after_in_child=_forget_clients)
