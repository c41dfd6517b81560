"""Where requests go, and how one is built: the only place where a key and headers are revealed."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

import mara_minimax
from mara_minimax._version import __version__
from mara_minimax.providers.endpoints import Provider
from mara_minimax.secrets.headers import reveal_headers
from mara_minimax.secrets.key_functions import KeyFunction
from mara_minimax.secrets.keys import acall_key, call_key
from mara_minimax.secrets.redaction import SHOWN_HEADERS
from mara_minimax.secrets.values import HiddenText, reveal
from mara_minimax.transport.compression import ACCEPT_ENCODING

if TYPE_CHECKING:
    from mara_minimax.transport.limiter import RateLimiter

DEFAULT_TIMEOUT = (5.0, 600.0, 600.0, 600.0)
"""Seconds to connect, to wait for bytes, to send them, and to wait for a free connection.

Models that reason can be silent for minutes; the same as the openai SDK.
"""
_FRAMING = frozenset({"content-length", "transfer-encoding", "content-encoding"})
"""Headers that say how the body is sent; another value breaks the connection."""
_TIMEOUTS = ("connect", "read", "write", "pool")
_LIBRARY_TIMEOUT = 5.0
"""The HTTP library's default: a client with this value has had none set by the user."""
_POOL_WAIT = 600.0
"""Seconds to wait for a free connection while 1,000 calls, the pools' limit, are in progress."""


@dataclass(frozen=True)
class Connection:
    """Where requests go, and how."""

    provider: Provider
    base_url: str
    api_key: SecretStr | KeyFunction | None
    """`None` for a server that needs none; `keyed` gets the key from a function."""
    timeout: Any = None
    """Seconds, or an HTTP client's timeout object; `None`: 600 s, of which 5 s to connect."""
    max_retries: int = 2
    headers: Mapping[str, SecretStr] = field(default_factory=dict)
    transport: str = "httpx"
    """What carries the shared async pools: `httpx`, or `aiohttp`."""
    http_client: Any = field(default=None, repr=False)
    http_async_client: Any = field(default=None, repr=False)
    include_response_headers: bool = False
    limiter: RateLimiter | None = None
    """What each chat request waits for, retries included."""
    first_models: dict[str, str] = field(default_factory=dict)
    """By URL, the first model that the host there lists: what is asked for where none is named."""

    def keyed(self) -> Connection:
        """Return the connection with the key of one sync request; raises what `call_key` does."""
        key = self.api_key
        return replace(self, api_key=call_key(key)) if isinstance(key, KeyFunction) else self

    async def akeyed(self) -> Connection:
        """Do what `keyed` does for an async request, without blocking."""
        key = self.api_key
        return replace(self, api_key=await acall_key(key)) if isinstance(key, KeyFunction) else self

    def build(
        self,
        pool: Any,
        method: str,
        path: str,
        *,
        content: bytes | None = None,
        headers: Mapping[str, Any] | None = None,
        timeout: Any = None,
        trace: Any = None,
    ) -> Any:
        """Return the HTTP request for a path; `headers` and `timeout` are those of one call.

        `trace` is called with the steps that the request takes.
        Nothing of it comes from `OPENAI_*` variables, which belong to another company.
        """
        if timeout is None:
            timeout = self.timeout
        given = {
            "content": content,
            "headers": self._headers(headers),
            "timeout": _pool_timeout(pool) if timeout is None else to_timeout(timeout),
            "extensions": {} if trace is None else {"trace": trace},
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
            ("Authorization", HiddenText(f"Bearer {key}") if key else None),
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
        """Return the key and the values of the headers that users set, as texts.

        Values that any request has, such as a content type, are no secrets.
        """
        key, headers = self._reveal(extra)
        texts = [(name.lower(), value) for name, value in headers if isinstance(value, str)]
        own = (key,) if key else ()
        return (*own, *(value for name, value in texts if name not in SHOWN_HEADERS))

    def _reveal(self, extra: Mapping[str, Any] | None) -> tuple[str, list[tuple[str, Any]]]:
        """Return the key and the headers that users set, `extra` last, as texts.

        Raises `MissingAPIKeyError` for what was given for another host.
        """
        key = self.api_key
        assert not isinstance(key, KeyFunction)  # noqa: S101 - `keyed` was asked, for the type checker
        return "" if key is None else reveal(key, self.base_url, "The API key"), [
            *reveal_headers(self.headers, self.base_url, "default_headers").items(),
            *reveal_headers(extra, self.base_url).items(),
        ]


def check_not_framing(name: str) -> None:
    """Raise `ParameterError` for a header that belongs to the HTTP library."""
    if name.lower() in _FRAMING:
        raise mara_minimax.errors.ParameterError(
            f"The header {name!r} cannot be set: it follows from the body that is sent."
        )


def to_timeout(timeout: Any) -> Any:
    """Return seconds, or an HTTP library's timeout object, as (connect, read, write, pool).

    The wait for a free connection of the pool is not the provider's time and has its own limit.
    Raises `ParameterError` for anything else, and for seconds that are not above 0.
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
            f"Invalid timeout {timeout!r}: pass seconds above 0, or a timeout object."
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
