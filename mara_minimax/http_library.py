"""The HTTP library that the installed openai SDK is built on, found without loading the SDK."""

from __future__ import annotations

import functools
import ssl
import sys
from importlib import import_module
from importlib.metadata import version
from typing import Any


@functools.cache
def http_library() -> Any:
    """Return `httpx` where openai 2 is installed, and `httpx2` for later ones.

    A user's HTTP clients, mocks and recorders for the SDK are made for the same library.
    """
    return import_module("httpx" if version("openai").startswith("2.") else "httpx2")


@functools.cache
def tls_context() -> ssl.SSLContext:
    """Return the library's own settings of TLS, which take 20 ms to read, for all loops."""
    context: ssl.SSLContext = http_library().create_ssl_context()
    return context


def transport_failures() -> tuple[type[Exception], ...]:
    """Return what goes wrong in an HTTP library.

    A user's own client may be of either, so whichever is loaded counts, and neither is
    imported here.
    """
    loaded = [sys.modules[name] for name in ("httpx", "httpx2") if name in sys.modules]
    kinds = [kind for module in loaded for kind in (module.HTTPError, module.StreamError)]
    # Async reads let TLS failures through as they are.
    return (*kinds, ssl.SSLError)
