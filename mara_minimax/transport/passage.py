"""What became of a request on its way, as the HTTP library tells."""

from __future__ import annotations

from typing import Any


class Passage:
    """Which address a request went to, over which connection, and whether it was written.

    The pool tells by the `trace` extension of a request, as httpcore documents it:
    https://www.encode.io/httpcore/extensions/#trace (2026-11).
    """

    __slots__ = ("_begun", "_fresh", "_written", "address")

    def __init__(self) -> None:
        """Start before the request is sent."""
        self.address: tuple[str, int] | None = None
        """Host and port that a new connection goes to: the provider's, or a proxy's."""
        self._fresh = self._begun = self._written = False

    def trace(self, event: str, info: Any) -> None:
        """Take a step of a request that a sync pool sends."""
        _, _, step = event.partition(".")
        if step == "connect_tcp.started":
            self.address, self._fresh = (info["host"], info["port"]), True
        elif step == "send_request_headers.started":
            self._begun = True
        elif step == "send_request_headers.complete":
            self._written = True

    async def atrace(self, event: str, info: Any) -> None:
        """Take a step of a request that an async pool sends."""
        self.trace(event, info)

    @property
    def was_reused(self) -> bool:
        """Whether the request went over a connection of an earlier one."""
        return self._begun and not self._fresh

    @property
    def was_lost(self) -> bool:
        """Whether an earlier connection was gone before a byte of the request was written."""
        return self.was_reused and not self._written
