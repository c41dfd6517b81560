"""Where requests go, and the pools of HTTP connections that all instances share.

The pools are the HTTP clients of the openai SDK. An async one belongs to the event loop it was
made in: each loop has its own, whose connections are closed when the loop ends. The pool of
sync calls is closed when the process ends, and a forked process starts with empty pools. An
HTTP client of the user is never closed.
"""

from __future__ import annotations

import asyncio
import atexit
import functools
import importlib
import os
import threading
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

from mara_minimax._version import __version__
from mara_minimax.masking import HiddenText, reveal_headers
from mara_minimax.owned import Closable
from mara_minimax.providers import Provider

DEFAULT_TIMEOUT = (5.0, 600.0, 600.0, 600.0)
"""Seconds to connect, to wait for bytes, to send them, and to wait for a free connection.

Models that reason can be silent for minutes; the same as the openai SDK.
"""
_LIBRARY_TIMEOUT = 5.0
"""The HTTP library's own default, which says nothing of the user's wishes."""
_LOOPBACK_PATTERNS = ("all://localhost", "all://127.0.0.1", "all://[::1]")
_POOL_WAIT = 600.0
"""Seconds to wait for a free connection while 1,000 calls, the pools' limit, are in progress."""


@dataclass(frozen=True)
class Connection:
    """Where requests go, and how."""

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

    def build(
        self,
        pool: Any,
        method: str,
        path: str,
        *,
        content: bytes | None = None,
        headers: Mapping[str, Any] | None = None,
        timeout: Any = None,
    ) -> Any:
        """Return the HTTP request for a path; `headers` and `timeout` are those of one call.

        Nothing of it comes from `OPENAI_*` variables, which belong to another company.
        """
        if timeout is None:
            timeout = self.timeout
        return pool.build_request(
            method,
            self.base_url.rstrip("/") + path,
            content=content,
            headers=self._headers(headers),
            timeout=_pool_timeout(pool) if timeout is None else to_timeout(timeout),
        )

    def _headers(self, extra: Mapping[str, Any] | None) -> dict[str, str]:
        """Return all headers of a request, the later of two with the same name."""
        named: dict[str, tuple[str, Any]] = {}
        for name, value in (
            ("Authorization", HiddenText(f"Bearer {self.api_key}")),
            ("Accept", "application/json"),
            ("Content-Type", "application/json"),
            ("User-Agent", f"mara-minimax/{__version__}"),
            *self.headers,
            *reveal_headers(extra).items(),
        ):
            named[name.lower()] = (name, value)
        # Other values, such as the SDK's `omit`, mean that a header is not to be sent.
        return {name: value for name, value in named.values() if isinstance(value, str)}


class _LoopPool(Closable):
    """The connections of one event loop, which close when it ends: nothing could later."""

    def __init__(self, loop: asyncio.AbstractEventLoop, pool: Any) -> None:
        self._loop = loop
        self.pool = pool
        self.announce()

    async def aclose(self) -> None:
        """Close all connections; calls after that begin with a new pool."""
        with _lock:
            if _loop_pools.get(self._loop) is self:
                del _loop_pools[self._loop]
        await self.pool.aclose()


_lock = threading.RLock()
_shared_pool: Any = None
"""The connections of sync calls."""
_loop_pools: dict[asyncio.AbstractEventLoop, _LoopPool] = {}
_of_the_parent: list[object] = []
"""What a forked process inherits and must not touch."""


def sync_pool(connection: Connection) -> Any:
    """Return the HTTP client for sync calls: the user's own, or the one that all share."""
    global _shared_pool
    if connection.http_client is not None:
        return connection.http_client
    with _lock:
        if _shared_pool is None:
            import openai

            _shared_pool = openai.DefaultHttpxClient(**_pool_options())
        return _shared_pool


def async_pool(connection: Connection) -> Any:
    """Return the HTTP client for calls in the running event loop, as `sync_pool` does."""
    if connection.http_async_client is not None:
        return connection.http_async_client
    loop = asyncio.get_running_loop()
    with _lock:
        known = _loop_pools.get(loop)
        if known is None:
            import openai

            for closed in [other for other in _loop_pools if other.is_closed()]:
                del _loop_pools[closed]
            known = _LoopPool(loop, openai.DefaultAsyncHttpxClient(**_pool_options()))
            _loop_pools[loop] = known
        return known.pool


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


def to_timeout(timeout: Any) -> Any:
    """Return seconds as (connect, read, write, pool); other objects are the HTTP library's.

    Waiting for one of the pool's connections is not the provider's time and has its own limit.
    """
    if isinstance(timeout, int | float):
        return (timeout, timeout, timeout, max(timeout, _POOL_WAIT))
    return timeout


def _pool_timeout(pool: Any) -> Any:
    """Return the default, unless the user set one on a client of their own."""
    unset = pool.timeout == type(pool.timeout)(_LIBRARY_TIMEOUT)
    return DEFAULT_TIMEOUT if unset else pool.timeout


def _close_sync_pool() -> None:
    """Close the pool of sync calls, unless a daemon thread could be using it to the last."""
    if _shared_pool is not None and threading.active_count() == 1:
        _shared_pool.close()


def _forget_pools() -> None:
    """Start anew in a forked process: sockets must not be shared with the parent."""
    global _lock, _shared_pool
    _lock = threading.RLock()
    # Closing them in earnest could wait for locks of threads that only the parent has. The
    # filter is safe: a process that was just forked has one thread.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        _shared_pool = None
    # Those of a loop cannot be closed without it, and warn when they are collected.
    _of_the_parent.append(dict(_loop_pools))
    _loop_pools.clear()


atexit.register(_close_sync_pool)
if hasattr(os, "register_at_fork"):  # pragma: no branch - Windows has no fork
    os.register_at_fork(after_in_child=_forget_pools)
