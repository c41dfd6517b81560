"""Where requests go, and the pools of HTTP connections that all instances share.

The pools are HTTP clients of the library that the openai SDK uses. An async one belongs to the
event loop it was made in: each loop has its own, whose connections are closed when the loop
ends. The pool of sync calls is closed when the process ends, and a forked process starts with
empty pools. An HTTP client of the user is never closed.
"""

from __future__ import annotations

import asyncio
import atexit
import inspect
import os
import threading
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

from pydantic import SecretStr

import mara_minimax
from mara_minimax._version import __version__
from mara_minimax.http_library import http_library, tls_context
from mara_minimax.providers.endpoints import Provider
from mara_minimax.secrets.headers import reveal_headers
from mara_minimax.secrets.hosts import is_local
from mara_minimax.secrets.values import HiddenText, reveal
from mara_minimax.transport.compression import ACCEPT_ENCODING
from mara_minimax.transport.event_loops import Closable

DEFAULT_TIMEOUT = (5.0, 600.0, 600.0, 600.0)
"""Seconds to connect, to wait for bytes, to send them, and to wait for a free connection.

Models that reason can be silent for minutes; the same as the openai SDK.
"""
_FRAMING = frozenset({"content-length", "transfer-encoding", "content-encoding"})
"""Headers that say how the body is sent; another value breaks the connection."""
_TIMEOUTS = ("connect", "read", "write", "pool")
_LIBRARY_TIMEOUT = 5.0
"""The HTTP library's own default, which says nothing of the user's wishes."""
_POOL_LIMITS = {"max_connections": 1000, "max_keepalive_connections": 100}
"""The same as the openai SDK's."""
_POOL_WAIT = 600.0
"""Seconds to wait for a free connection while 1,000 calls, the pools' limit, are in progress."""


@dataclass(frozen=True)
class Connection:
    """Where requests go, and how."""

    provider: Provider
    base_url: str
    api_key: SecretStr
    timeout: Any = None
    """Seconds, or an HTTP client's timeout object; `None`: 600 s, of which 5 s to connect."""
    max_retries: int = 2
    headers: Mapping[str, SecretStr] = field(default_factory=dict)
    http_client: Any = field(default=None, repr=False)
    http_async_client: Any = field(default=None, repr=False)

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
        given = {
            "content": content,
            "headers": self._headers(headers),
            "timeout": _pool_timeout(pool) if timeout is None else to_timeout(timeout),
        }
        try:
            return pool.build_request(method, self.base_url.rstrip("/") + path, **given)
        except Exception as error:  # noqa: BLE001 - a URL or header that no HTTP library takes
            reason = type(error).__name__
        raise mara_minimax.errors.ParameterError(
            f"No request can be built for base_url={self.base_url!r} ({reason})."
        )

    def _headers(self, extra: Mapping[str, Any] | None) -> dict[str, str]:
        """Return all headers of a request, the later of two with the same name."""
        key, given = self._reveal(extra)
        named: dict[str, tuple[str, Any]] = {}
        for name, value in (
            ("Authorization", HiddenText(f"Bearer {key}")),
            ("Accept", "application/json"),
            ("Accept-Encoding", ACCEPT_ENCODING),
            ("Content-Type", "application/json"),
            ("User-Agent", f"mara-minimax/{__version__}"),
            *given,
        ):
            check_not_framing(name)
            named[name.lower()] = (name, value)
        # Other values, such as the SDK's `omit`, mean that a header is not to be sent.
        return {name: value for name, value in named.values() if isinstance(value, str)}

    def sent_secrets(self, extra: Mapping[str, Any] | None = None) -> tuple[str, ...]:
        """Return the key and the values of the headers that users set, as texts."""
        key, headers = self._reveal(extra)
        return (key, *(value for _, value in headers if isinstance(value, str)))

    def _reveal(self, extra: Mapping[str, Any] | None) -> tuple[str, list[tuple[str, Any]]]:
        """Return the key and the headers that users set, `extra` last, as texts.

        Raises `MissingAPIKeyError` for what was given for another host.
        """
        return reveal(self.api_key, self.base_url, "The API key"), [
            *reveal_headers(self.headers, self.base_url, "default_headers").items(),
            *reveal_headers(extra, self.base_url).items(),
        ]


def check_not_framing(name: str) -> None:
    """Raise `ParameterError` for a header that belongs to the HTTP library."""
    if name.lower() in _FRAMING:
        raise mara_minimax.errors.ParameterError(
            f"The header {name!r} cannot be set: it follows from the body that is sent."
        )


class _LoopPools(Closable):
    """The connections of one event loop, which close when it ends: nothing could later."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.pools: dict[bool, Any] = {}
        self.announce()

    async def aclose(self) -> None:
        """Close all connections; calls after that begin with a new pool."""
        with _lock:
            if _loop_pools.get(self._loop) is self:
                del _loop_pools[self._loop]
        for pool in self.pools.values():
            await pool.aclose()


_lock = threading.RLock()
_shared_pools: dict[bool, Any] = {}
"""The connections of sync calls: those to this machine, which no proxy may see, and all others."""
_loop_pools: dict[asyncio.AbstractEventLoop, _LoopPools] = {}
_of_the_parent: list[object] = []
"""What a forked process inherits and must not touch."""


def sync_pool(connection: Connection) -> Any:
    """Return the HTTP client for sync calls: the user's own, or the one that all share."""
    if connection.http_client is not None:
        return _checked(connection.http_client, "http_client", is_async=False)
    local = is_local(connection.base_url)
    with _lock:
        if local not in _shared_pools:
            _shared_pools[local] = _new_pool("Client", local=local)
        return _shared_pools[local]


def async_pool(connection: Connection) -> Any:
    """Return the HTTP client for calls in the running event loop, as `sync_pool` does."""
    if connection.http_async_client is not None:
        return _checked(connection.http_async_client, "http_async_client", is_async=True)
    local = is_local(connection.base_url)
    loop = asyncio.get_running_loop()
    with _lock:
        known = _loop_pools.get(loop)
        if known is None:
            for closed in [other for other in _loop_pools if other.is_closed()]:
                del _loop_pools[closed]
            known = _loop_pools[loop] = _LoopPools(loop)
        if local not in known.pools:
            known.pools[local] = _new_pool("AsyncClient", local=local)
        return known.pools[local]


def _checked(client: Any, name: str, *, is_async: bool) -> Any:
    """Return the user's HTTP client; raise `ParameterError` if it cannot send this request."""
    send = getattr(client, "send", None)
    if not hasattr(client, "build_request") or inspect.iscoroutinefunction(send) != is_async:
        kind = "an async" if is_async else "a sync"
        raise mara_minimax.errors.ParameterError(
            f"{name} has to be {kind} HTTP client, such as openai.Default"
            f"{'Async' if is_async else ''}HttpxClient(), not {type(client).__name__}."
        )
    if getattr(client, "is_closed", False):
        raise mara_minimax.errors.ParameterError(f"{name} is closed: pass one that is open.")
    return client


def _new_pool(kind: str, *, local: bool) -> Any:
    mara_minimax.keep_spare_descriptor()
    library = http_library()
    try:
        return getattr(library, kind)(**_pool_options(local=local))
    except Exception as error:  # noqa: BLE001 - what a proxy or certificate variable leads to
        reason = type(error).__name__
    # Not from that error, which can quote a proxy's password.
    raise mara_minimax.errors.ParameterError(
        f"No HTTP client can be made from the environment ({reason}): look at the proxy variables "
        "and at SSL_CERT_FILE and SSL_CERT_DIR."
    )


def _pool_options(*, local: bool) -> dict[str, Any]:
    """Return what keeps calls apart that share a pool, and local calls on this machine."""
    return {
        # Cookies would follow the calls of one key into those of the next.
        "cookies": CookieJar(DefaultCookiePolicy(allowed_domains=())),
        # `http_proxy` would be sent the key in plain text.
        "trust_env": not local,
        "verify": tls_context(),
        "limits": http_library().Limits(**_POOL_LIMITS),
    }


def to_timeout(timeout: Any) -> Any:
    """Return seconds, or an HTTP library's timeout object, as (connect, read, write, pool).

    Waiting for one of the pool's connections is not the provider's time and has its own limit.
    Raises `ParameterError` for anything else, and for numbers that are no time to wait.
    """
    if isinstance(timeout, int | float) and not isinstance(timeout, bool):
        parts: tuple[Any, ...] = (timeout, timeout, timeout, max(timeout, _POOL_WAIT))
    elif all(hasattr(timeout, name) for name in _TIMEOUTS):
        # Of httpx or of httpx2, whichever the pool is of.
        parts = tuple(getattr(timeout, name) for name in _TIMEOUTS)
    else:
        parts = tuple(timeout) if isinstance(timeout, tuple) else ()
    if len(parts) != len(_TIMEOUTS) or not all(map(_is_time, parts)):
        raise mara_minimax.errors.ParameterError(
            f"timeout={timeout!r} is no time to wait: pass seconds above 0, or a timeout object."
        )
    return parts


def _is_time(value: Any) -> bool:
    if value is None:
        return True
    return isinstance(value, int | float) and 0 < value < threading.TIMEOUT_MAX


def _pool_timeout(pool: Any) -> Any:
    """Return the default, unless the user set one on a client of their own."""
    unset = pool.timeout == type(pool.timeout)(_LIBRARY_TIMEOUT)
    return DEFAULT_TIMEOUT if unset else pool.timeout


def _close_sync_pool() -> None:
    """Close the pool of sync calls, unless a daemon thread could be using it to the last."""
    if threading.active_count() == 1:
        for pool in _shared_pools.values():
            pool.close()


def _forget_pools() -> None:
    """Start anew in a forked process: sockets must not be shared with the parent."""
    global _lock
    _lock = threading.RLock()
    # Closing them in earnest could wait for locks of threads that only the parent has. The
    # filter is safe: a process that was just forked has one thread.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        _shared_pools.clear()
    # Those of a loop cannot be closed without it, and warn when they are collected.
    _of_the_parent.append(dict(_loop_pools))
    _loop_pools.clear()


atexit.register(_close_sync_pool)
if hasattr(os, "register_at_fork"):  # pragma: no branch - Windows has no fork
    os.register_at_fork(after_in_child=_forget_pools)
