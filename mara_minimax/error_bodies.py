"""Bodies of HTTP failures, cut short: some hosts never end them (a MARA client's report, 2026-10).

Uses what httpx and httpx2 have in common.
"""

from __future__ import annotations

import re
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from mara_minimax.http_library import transport_failures
from mara_minimax.json_text import parse_json
from mara_minimax.providers import Provider

if TYPE_CHECKING:
    from mara_minimax.errors import ProviderError

MAX_ERROR_BYTES: Final = 64 * 1024
"""Bytes of an error that are read; what providers say takes a few hundred."""

MAX_ERROR_SECONDS: Final = 5.0
"""Seconds for which an error's body is read, and for which its next byte is waited for."""

_CUT_WORD = re.compile(rb"[\w.+/=-]{1,512}\Z")


class ErrorBody:
    """The beginning of the body of an HTTP failure, and the error that it tells of."""

    def __init__(self, response: Any) -> None:
        """`response` is unread, and its raw bytes are read from here on."""
        self._response = response
        self._body = bytearray()
        self._until = time.monotonic() + MAX_ERROR_SECONDS
        extensions = response.request.extensions
        timeout = extensions.get("timeout") or {}
        read = timeout.get("read")
        read = MAX_ERROR_SECONDS if read is None else min(read, MAX_ERROR_SECONDS)
        # The HTTP library looks at this when it begins to read the body.
        extensions["timeout"] = {**timeout, "read": read}

    @property
    def enough(self) -> bool:
        """Whether reading on is not worth it."""
        return len(self._body) >= MAX_ERROR_BYTES or time.monotonic() > self._until

    def read(self, data: bytes) -> None:
        """Take a piece of the raw body."""
        self._body += data

    def to_error(self, provider: Provider) -> ProviderError:
        """Return the typed error, with the response and as much of its body as was read."""
        # Loads the openai SDK, which calls that succeed do without.
        from mara_minimax.failures import error_in_response

        response = self._whole_response()
        body = _parsed(response)
        error = error_in_response(response.status_code, body, response.headers, provider)
        error.attach(response)
        return error

    def _whole_response(self) -> Any:
        given = self._response
        body = bytes(self._body[:MAX_ERROR_BYTES])
        if len(self._body) >= MAX_ERROR_BYTES:
            # A key that the provider repeats must not be cut in two, which hides it from search.
            body = _CUT_WORD.sub(b"", body)
        kind, request, headers = type(given), given.request, given.headers.copy()
        with suppress(*transport_failures()):
            # A hook of the user's own client has read and decoded it.
            body = given.content
            headers.pop("content-encoding", None)
        try:
            return kind(given.status_code, headers=headers, content=body, request=request)
        except transport_failures():
            # The body is not compressed as the header says; often it is plain text.
            del headers["content-encoding"]
            body = body if _is_text(body) else b""
            return kind(given.status_code, headers=headers, content=body, request=request)


def _parsed(response: Any) -> Any:
    """Return a body as JSON, or as text where it is none."""
    with suppress(ValueError):
        return parse_json(response.content)
    return response.content.decode("utf-8", "replace")


def _is_text(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True
