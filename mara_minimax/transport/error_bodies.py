"""Bodies of HTTP failures, cut short: some hosts never end them (a MARA client's report, 2026-10).

Uses what httpx and httpx2 have in common.
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import mara_minimax
from mara_minimax import limits
from mara_minimax.json_text import parse_json
from mara_minimax.providers.endpoints import Provider
from mara_minimax.secrets.http_copies import copy_response
from mara_minimax.secrets.redaction import Redactor
from mara_minimax.transport.compression import unpacker_of

if TYPE_CHECKING:
    from mara_minimax.errors import ProviderError


class ErrorBody:
    """The beginning of the body of an HTTP failure, and the typed error that it reports."""

    def __init__(self, response: Any, redactor: Redactor) -> None:
        """`response` is about to be read, raw unless a hook has read it."""
        self._response = response
        self._redactor = redactor
        self._body = bytearray()
        self._unpacker = unpacker_of(response)
        self._deadline = time.monotonic() + limits.MAX_ERROR_SECONDS
        extensions = response.request.extensions
        timeout = extensions.get("timeout") or {}
        read = timeout.get("read")
        read = limits.MAX_ERROR_SECONDS if read is None else min(read, limits.MAX_ERROR_SECONDS)
        # The HTTP library looks at this when it begins to read the body.
        extensions["timeout"] = {**timeout, "read": read}

    @property
    def has_enough(self) -> bool:
        """Whether there is nothing to gain from reading on."""
        return len(self._body) > limits.MAX_ERROR_BYTES or time.monotonic() > self._deadline

    def add(self, data: bytes) -> None:
        """Take a piece of the raw body."""
        self._body += data[: limits.MAX_ERROR_BYTES + 1]

    def to_error(self, provider: Provider) -> ProviderError:
        """Return the typed error, with a copy of the response and what was read of its body."""
        # Loads the openai SDK, which calls that succeed do without.
        from mara_minimax.failures.answers import error_in_response

        response, redactor = self._response, self._redactor
        content = self._unpacked()
        error = error_in_response(
            response.status_code, _parsed(content), response.headers, provider, redactor
        )
        error.attach(copy_response(response, redactor, redactor.content(content)))
        return error

    def _unpacked(self) -> bytes:
        """Return what was read, unpacked to one byte more than is kept, which shows the cut."""
        packed, unpacked = bytes(self._body), bytearray()
        if self._unpacker is None:
            return b""
        try:
            for piece in self._unpacker.decode(packed):
                unpacked += piece
                if len(unpacked) > limits.MAX_ERROR_BYTES:
                    break
        except mara_minimax.errors.InvalidReplyError:
            # Not compressed as the header says; often it is plain text.
            return packed if _is_text(packed) else b""
        return bytes(unpacked[: limits.MAX_ERROR_BYTES + 1])


def _parsed(content: bytes) -> Any:
    """Return a body as JSON, or as text where it is none."""
    with suppress(ValueError):
        return parse_json(content)
    return content.decode("utf-8", "replace")


def _is_text(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True
