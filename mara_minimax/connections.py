"""openai SDK clients and HTTP pools, shared by all instances with the same options.

An async client belongs to the event loop it was made in; one is kept per running loop and
dropped once the loop is closed. A forked process starts with empty pools.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import mara_minimax
from mara_minimax._version import __version__
from mara_minimax.providers import Provider

if TYPE_CHECKING:
    import openai

_MOST_CLIENTS = 64


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


_lock = threading.RLock()
_sync_clients: _Clients[openai.OpenAI] = _Clients()
_async_clients: dict[asyncio.AbstractEventLoop, _Clients[openai.AsyncOpenAI]] = {}


def sync_client(connection: Connection) -> openai.OpenAI:
    """Return the SDK client for a connection."""
    import openai

    key = connection.cache_key()
    with _lock:
        client = _sync_clients.get(key)
        if client is None:
            pool = connection.http_client
            if pool is None:
                pool = _sync_clients.pool = _sync_clients.pool or openai.DefaultHttpxClient()
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
            clients = _async_clients[loop] = _Clients()
        client = clients.get(key)
        if client is None:
            pool = connection.http_async_client
            if pool is None:
                # Given explicitly: the SDK's own wrapper closes itself on whatever loop runs
                # when it is collected.
                pool = clients.pool = clients.pool or openai.DefaultAsyncHttpxClient()
            client = openai.AsyncOpenAI(http_client=pool, **_client_arguments(connection))
            _isolate(client, connection)
            clients.put(key, client)
        return client


def _client_arguments(connection: Connection) -> dict[str, Any]:
    if not connection.base_url.startswith(("http://", "https://")):
        raise mara_minimax.errors.ParameterError(
            f"base_url={connection.base_url!r} has no scheme: write https:// in front of it."
        )
    arguments: dict[str, Any] = {
        "api_key": connection.api_key,
        "base_url": connection.base_url,
        # Retries have one owner, `retries.py`, which also knows failures inside HTTP 200.
        "max_retries": 0,
    }
    if connection.timeout is not None:
        arguments["timeout"] = connection.timeout
    return arguments


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


def _forget_clients() -> None:
    """Start anew in a forked process: sockets must not be shared with the parent."""
    global _lock, _sync_clients
    _lock = threading.RLock()
    _sync_clients = _Clients()
    _async_clients.clear()


if hasattr(os, "register_at_fork"):  # pragma: no branch - Windows has no fork
    os.register_at_fork(after_in_child=_forget_clients)
