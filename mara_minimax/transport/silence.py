"""Let go of a body that says nothing more after its reply: some hosts never end one."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

AFTER_FINISH: Final = 1.0
"""Seconds of silence after the finish reason, in which usage may still come."""
AFTER_LAST: Final = 0.05
"""Seconds of silence after what comes last, in which the body may end and free its connection."""

Later = Callable[[float, Callable[[], None]], Any]
"""Calls a function after some seconds, unless `cancel` of what it returns is called before."""


class SilenceLimit:
    """Ends the reading side of a connection when nothing comes for a while.

    What the kernel has received by then is still read, also where this process was too busy to
    read it in time.
    """

    def __init__(self, response: Any, later: Later, is_whole: Callable[[], bool]) -> None:
        """`response` is unread; where it does not tell its socket, nothing is limited.

        Nor is HTTP/2, whose connections carry the replies of other calls too: there a reply whose
        finish is its last word is waited for as long as a read may take.

        `is_whole` says whether the reply is whole, when the time is over.
        """
        self._is_whole = is_whole
        self.is_shared = response.http_version == "HTTP/2"
        """Whether the connection carries the replies of other calls too."""
        self._socket = _duplicate(
            None if self.is_shared else response.extensions.get("network_stream")
        )
        self._later = later
        self._seconds: float | None = None
        self._timer: Any = None
        # The timer of a sync call runs in a thread of its own.
        self._lock = threading.Lock()

    @property
    def applies(self) -> bool:
        """Whether there is a connection to limit."""
        return self._socket is not None

    def begin(self, seconds: float, *, anew: bool) -> None:
        """Wait this long from here on; of a wait that has begun, only where `anew`.

        What follows the last is not waited for anew: timers of sync calls are threads.
        """
        if self._seconds == AFTER_LAST or (self._seconds == seconds and not anew):
            return
        self._seconds = seconds
        if self._timer is not None:
            self._timer.cancel()
        if self._socket is not None:
            self._timer = self._later(seconds, self._end_reading)

    def end(self) -> None:
        """Wait no longer."""
        if self._timer is not None:
            self._timer.cancel()
        with self._lock:
            if self._socket is not None:
                self._socket.close()
                self._socket = None

    def _end_reading(self) -> None:
        with self._lock, suppress(OSError):
            if self._socket is not None and self._is_whole():
                self._socket.shutdown(socket.SHUT_RD)


def later_in_a_thread(seconds: float, act: Callable[[], None]) -> threading.Timer:
    """Return a timer that no process waits for; it never rings where there is no thread for it."""
    timer = threading.Timer(seconds, act)
    timer.daemon = True
    with suppress(RuntimeError):
        timer.start()
    return timer


def later_in_the_loop(seconds: float, act: Callable[[], None]) -> asyncio.TimerHandle:
    """Return a timer of the running event loop."""
    return asyncio.get_running_loop().call_later(seconds, act)


def _duplicate(stream: Any) -> socket.socket | None:
    """Return a connection's socket by a descriptor of its own, which nobody else closes."""
    found = stream.get_extra_info("socket") if stream is not None else None
    if found is None:
        return None
    # The family decides nothing here, and no TLS is asked.
    with suppress(OSError):
        return socket.fromfd(found.fileno(), socket.AF_INET, socket.SOCK_STREAM)
    return None
