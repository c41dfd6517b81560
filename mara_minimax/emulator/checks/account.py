"""What an account may ask in a minute: counted where an emulator is given limits."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

_MINUTE = 60


@dataclass
class Account:
    """Counts the requests and tokens of the clock's minute; MARA's begin with those of the epoch.

    `x-ratelimit-reset-requests` names the end of such a minute
    (https://mara-cloud-docs-one.vercel.app/models/rate-limits, 2026); how MiniMax counts is
    not published.
    """

    clock: Callable[[], float]
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    _minute: int = 0
    _requests: int = 0
    _tokens: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def admit(self) -> str | None:
        """Count a request; the name of the limit where it is over one, and not counted."""
        with self._lock:
            self._begin_minute()
            if self._requests == self.requests_per_minute:
                return "requests"
            if self.tokens_per_minute is not None and self._tokens >= self.tokens_per_minute:
                return "tokens"
            self._requests += 1
            return None

    def use(self, tokens: int) -> None:
        """Count what an answer used."""
        with self._lock:
            self._begin_minute()
            self._tokens += tokens

    @property
    def left(self) -> int | None:
        """The requests that this minute still has, where they are limited."""
        with self._lock:
            self._begin_minute()
            limit = self.requests_per_minute
            return None if limit is None else limit - self._requests

    def _begin_minute(self) -> None:
        minute = int(self.clock()) // _MINUTE
        if minute != self._minute:
            self._minute, self._requests, self._tokens = minute, 0, 0
