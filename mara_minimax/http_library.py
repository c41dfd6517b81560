"""The HTTP library that the installed openai SDK is built on, found without loading the SDK."""

from __future__ import annotations

import functools
import inspect
import ssl
import sys
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import Any, Final

import mara_minimax

_NAMES: Final = ("httpx", "httpx2")
"""The libraries, oldest first."""


@functools.cache
def http_library() -> Any:
    """Return `httpx` where openai 2 is installed, and `httpx2` for later ones.

    A user's HTTP clients, mocks and recorders for the SDK are made for the same library. Where
    the SDK's metadata is missing, as in frozen applications, the newer of those that are there.
    """
    try:
        names = _NAMES if version("openai").startswith("2.") else _NAMES[::-1]
    except PackageNotFoundError:
        names = _NAMES[::-1]
    return import_module(next(name for name in names if find_spec(name) is not None))


@functools.cache
def tls_context() -> ssl.SSLContext:
    """Return the library's own settings of TLS, which take 20 ms to read, for all loops."""
    context: ssl.SSLContext = http_library().create_ssl_context()
    return context


def check_http_client(client: Any, name: str, *, is_async: bool) -> Any:
    """Return the user's HTTP client; raise `ParameterError` if it is of the wrong kind."""
    send = getattr(client, "send", None)
    if not hasattr(client, "build_request") or inspect.iscoroutinefunction(send) != is_async:
        kind = "an async" if is_async else "a sync"
        raise mara_minimax.errors.ParameterError(
            f"{name} has to be {kind} HTTP client, such as openai.Default"
            f"{'Async' if is_async else ''}HttpxClient(), not {type(client).__name__}."
        )
    return client


def library_of(message: object) -> Any:
    """Return the loaded library that a request or response is of, `None` for anything else."""
    for module in _loaded():
        if isinstance(message, module.Request | module.Response):
            return module
    return None


def transport_failures() -> tuple[type[Exception], ...]:
    """Return the HTTP libraries' exceptions for a failed connection or an unreadable response."""
    # Async reads let TLS failures through as they are.
    return (*_classes("HTTPError"), *_classes("StreamError"), ssl.SSLError)


def timeouts() -> tuple[type[Exception], ...]:
    """Return the HTTP libraries' exceptions for a timeout."""
    return _classes("TimeoutException")


def refusals() -> tuple[type[Exception], ...]:
    """Return the exceptions of `raise_for_status`."""
    return _classes("HTTPStatusError")


def _classes(name: str) -> tuple[type[Exception], ...]:
    return tuple(getattr(module, name) for module in _loaded())


def _loaded() -> list[Any]:
    """Return the libraries that are imported: a user's own client may belong to either."""
    return [sys.modules[name] for name in _NAMES if name in sys.modules]
