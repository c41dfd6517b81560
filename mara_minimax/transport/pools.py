"""The pools of HTTP connections that all instances share.

The pools are HTTP clients of the library that the openai SDK uses. An async one belongs to the
event loop it was made in: each loop holds its own, whose connections are closed when the loop
ends, or collected with a loop that nobody ends. The pool of sync calls is closed when the process
ends, and a forked process starts with empty pools. An HTTP client of the user is never closed.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
import warnings
import weakref
from http.cookiejar import CookieJar
from typing import Any

import mara_minimax
from mara_minimax.http_library import check_http_client, http_library, tls_context
from mara_minimax.secrets.hosts import is_local
from mara_minimax.transport.connection import Connection
from mara_minimax.transport.event_loops import ClosedWithLoop, running_event_loop
from mara_minimax.transport.turns import Turns

_POOL_LIMITS = {"max_connections": 1000, "max_keepalive_connections": 100}
"""The same as the openai SDK's."""


_ATTRIBUTE = "_mara_minimax_pools"
"""Where a loop holds its pools. Connections refer to their loop: any other place would keep it."""


class _LoopPools(ClosedWithLoop):
    """The connections of one event loop, which close when it ends: nothing could later."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.pools: dict[tuple[str, bool], Any] = {}
        self.turns = Turns(loop)
        setattr(loop, _ATTRIBUTE, self)
        _loop_pools.add(self)
        self.register()

    def forget(self) -> None:
        """Let the loop begin with new pools."""
        _loop_pools.discard(self)
        if getattr(self._loop, _ATTRIBUTE, None) is self:
            delattr(self._loop, _ATTRIBUTE)

    async def aclose(self) -> None:
        """Close all connections; calls after that begin with a new pool."""
        self.forget()
        for pool in self.pools.values():
            await pool.aclose()


_lock = threading.RLock()
_shared_pools: dict[bool, Any] = {}
"""The connections of sync calls: those to this machine, which no proxy may see, and all others."""
_loop_pools: weakref.WeakSet[_LoopPools] = weakref.WeakSet()
_inherited: list[object] = []
"""Pools that a forked process inherited and must not touch."""


def sync_pool(connection: Connection) -> Any:
    """Return the HTTP client for sync calls: the user's own, or the one that all share."""
    if connection.http_client is not None:
        return _open_client(connection.http_client, "http_client", is_async=False)
    local = is_local(connection.base_url)
    with _lock:
        if local not in _shared_pools:
            _shared_pools[local] = _new_pool("Client", **_pool_options(local))
        return _shared_pools[local]


def async_pool(connection: Connection) -> Any:
    """Return the HTTP client for calls in the running event loop, as `sync_pool` does."""
    if connection.http_async_client is not None:
        return _open_client(connection.http_async_client, "http_async_client", is_async=True)
    local = is_local(connection.base_url)
    pools = _running_loop().pools
    place = connection.transport, local
    if place not in pools:
        pools[place] = _new_pool("AsyncClient", **_ASYNC_OPTIONS[connection.transport](local))
    return pools[place]


async def turn() -> None:
    """Wait until the running event loop has time to begin another request."""
    await _running_loop().turns.take()


def _running_loop() -> _LoopPools:
    loop = running_event_loop()
    return getattr(loop, _ATTRIBUTE, None) or _LoopPools(loop)


def _open_client(client: Any, name: str, *, is_async: bool) -> Any:
    """Return the user's HTTP client; raise `ParameterError` if it cannot send this request."""
    check_http_client(client, name, is_async=is_async)
    if getattr(client, "is_closed", False):
        raise mara_minimax.errors.ParameterError(f"{name} is closed: pass one that is open.")
    return client


def _new_pool(kind: str, **options: Any) -> Any:
    mara_minimax.keep_spare_descriptor()
    library = http_library()
    try:
        return getattr(library, kind)(**options)
    except ImportError:
        reason = "a SOCKS proxy needs the package socksio"
    except Exception as error:  # noqa: BLE001 - what a proxy or certificate variable leads to
        reason = type(error).__name__
    # Not from that error, which can quote a proxy's password.
    raise mara_minimax.errors.ParameterError(
        f"No HTTP client can be made from the environment ({reason}): look at the proxy variables "
        "and at SSL_CERT_FILE and SSL_CERT_DIR."
    )


class _NoCookies(CookieJar):
    """Keeps none: they would follow the calls of one key into those of the next."""

    def extract_cookies(self, *_: Any) -> None:
        """Look at no response."""


def _pool_options(local: bool) -> dict[str, Any]:
    """Return what keeps calls apart that share a pool, and local calls on this machine."""
    return {
        "cookies": _NoCookies(),
        # `http_proxy` would be sent the key in plain text.
        "trust_env": not local,
        "verify": tls_context(),
        "limits": http_library().Limits(**_POOL_LIMITS),
    }


def _aiohttp_options(local: bool) -> dict[str, Any]:
    # Here, because aiohttp is an extra.
    from mara_minimax.transport.aiohttp_transport import AiohttpTransport

    options = _pool_options(local)
    transport = AiohttpTransport(
        verify=options["verify"],
        trust_env=options["trust_env"],
        limit=_POOL_LIMITS["max_connections"],
    )
    return {**options, "transport": transport}


_ASYNC_OPTIONS = {"httpx": _pool_options, "aiohttp": _aiohttp_options}
"""What makes the async pools, by the name of their transport."""


def _close_sync_pool() -> None:
    """Close the pool of sync calls; connections that a daemon thread uses to the last are left."""
    for pool in _shared_pools.values():
        if threading.active_count() == 1:
            pool.close()
        else:
            for connection in _connections_of(pool):
                if connection.is_idle():
                    connection.close()


def _connections_of(pool: Any) -> list[Any]:
    """Return the connections of a sync pool: its own, and those through each proxy.

    Only their pool can list them, which the HTTP library hides:
    test_idle_connections_of_sync_calls_are_closed_beside_a_daemon_thread.
    """
    transports = (pool._transport, *pool._mounts.values())  # noqa: SLF001 - see above
    pools = [getattr(transport, "_pool", None) for transport in transports]
    return [connection for each in pools for connection in getattr(each, "connections", ())]


def _forget_pools() -> None:
    """Start anew in a forked process: sockets must not be shared with the parent."""
    global _lock  # noqa: PLW0603 - a thread that only the parent has may hold the old one
    _lock = threading.RLock()
    # They are dropped and not closed: closing could wait for locks of threads that only the
    # parent has. The filter is safe, because a process that was just forked has one thread.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        _shared_pools.clear()
    # Those of a loop cannot be closed without it, and warn when they are collected.
    _inherited.extend(_loop_pools)
    for pools in list(_loop_pools):
        pools.forget()


atexit.register(_close_sync_pool)
if hasattr(os, "register_at_fork"):  # pragma: no branch - Windows has no fork
    os.register_at_fork(after_in_child=_forget_pools)
