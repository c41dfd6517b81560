"""Bodies of HTTP errors, cut short: some hosts never end them (a MARA client's report, 2026-10).

The SDK reads the whole body of an error before it raises. These hooks of the HTTP pools hand
it a body that has already arrived, so that neither its size nor its pace matters. They use
what httpx and httpx2 have in common.
"""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from typing import Any, Final

MAX_ERROR_BYTES: Final = 64 * 1024
"""Bytes of an error that are read; what providers say takes a few hundred."""

MAX_ERROR_SECONDS: Final = 5.0
"""Seconds for which an error's body is read, and for which its next byte is waited for."""


def shorten_error(response: Any) -> None:
    """Replace the body of an HTTP error by its beginning; other responses stay unread."""
    if response.status_code < 400:
        return
    body, until = bytearray(), _hurry(response)
    # A connection that breaks here cuts the words short; the status stays known.
    with suppress(*transport_failures()):
        for piece in response.stream:
            body += piece
            if _is_enough(body, until):
                break
    response.stream.close()
    _replace_body(response, bytes(body[:MAX_ERROR_BYTES]))


async def ashorten_error(response: Any) -> None:
    """Replace the body of an HTTP error by its beginning; other responses stay unread."""
    if response.status_code < 400:
        return
    body, until = bytearray(), _hurry(response)
    with suppress(*transport_failures()):
        async for piece in response.stream:
            body += piece
            if _is_enough(body, until):
                break
    await response.stream.aclose()
    _replace_body(response, bytes(body[:MAX_ERROR_BYTES]))


def transport_failures() -> tuple[type[Exception], ...]:
    """Return what goes wrong in the HTTP library that the SDK brings.

    openai 2 is built on httpx and openai 3 on httpx2; a user's own client may be of either,
    so whichever is loaded counts, and neither is imported here.
    """
    loaded = [sys.modules[name] for name in ("httpx", "httpx2") if name in sys.modules]
    return tuple(kind for module in loaded for kind in (module.HTTPError, module.StreamError))


def _hurry(response: Any) -> float:
    """Shorten the wait for the next byte; return the time at which reading ends."""
    extensions = response.request.extensions
    timeout = extensions.get("timeout") or {}
    read = timeout.get("read")
    read = MAX_ERROR_SECONDS if read is None else min(read, MAX_ERROR_SECONDS)
    # The HTTP library looks at this when it begins to read the body.
    extensions["timeout"] = {**timeout, "read": read}
    return time.monotonic() + MAX_ERROR_SECONDS


def _is_enough(body: bytearray, until: float) -> bool:
    return len(body) >= MAX_ERROR_BYTES or time.monotonic() > until


def _replace_body(response: Any, body: bytes) -> None:
    whole = type(response)
    try:
        response.stream = whole(response.status_code, headers=response.headers, content=body).stream
    except transport_failures():
        # The body is not compressed as the header says; often it is plain text.
        del response.headers["content-encoding"]
        readable = body if _is_text(body) else b""
        response.stream = whole(response.status_code, content=readable).stream


def _is_text(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True
