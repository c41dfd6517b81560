"""What the emulator was asked: requests as they arrived, without their keys."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass
class RecordedRequest:
    """A request as it arrived, and how its reply went."""

    method: str
    path: str
    headers: dict[str, str]
    """Lower-case names; the value of `authorization` is replaced by `<redacted>`."""
    has_key: bool
    body: Any = None
    """The parsed JSON body, or `None` when there is none or it is not JSON."""
    status: int = 0
    chunks_sent: int = 0
    disconnected: bool = False
    """The client closed the connection before the whole reply was sent."""
    _finished: threading.Event = field(default_factory=threading.Event, repr=False, compare=False)

    def finish(self) -> None:
        """Mark the exchange as over."""
        self._finished.set()

    def wait_finished(self, timeout: float = 5.0) -> bool:
        """Wait until the reply was sent, dropped or abandoned; false when the time ran out."""
        return self._finished.wait(timeout)


def redacted_headers(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Header pairs as a dict, with the key taken out."""
    headers = {name.lower(): value for name, value in pairs}
    if "authorization" in headers:
        headers["authorization"] = "<redacted>"
    return headers
