"""One account's limits of requests and tokens a minute, for all workers together."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 60.0
_ROUNDING = 1e-6


class Bucket:
    """A token bucket that lets no more than `limit` through in any 60 seconds.

    What may come at once is part of the limit: it is taken off what flows in during a minute.
    """

    def __init__(self, limit: float, burst: float, clock: Callable[[], float]) -> None:
        """`burst` is what a full bucket holds; the first minute starts with it."""
        self._burst = min(burst, limit)
        self._rate = (limit - self._burst + 1) / 60
        self._level = self._burst
        self._clock = clock
        self._filled = clock()

    def missing(self, amount: float) -> float:
        """Return the seconds until `amount` is there; what exceeds a burst needs a full bucket."""
        self._fill()
        lack = min(amount, self._burst) - self._level
        # Rounding must not ask for a wait that is too short for the clock to show.
        return lack / self._rate if lack > _ROUNDING else 0.0

    def take(self, amount: float) -> None:
        """Take an amount out, below nothing too; a negative one puts it back."""
        self._fill()
        self._level = min(self._burst, self._level - amount)

    def _fill(self) -> None:
        now = self._clock()
        self._level = min(self._burst, self._level + (now - self._filled) * self._rate)
        self._filled = now


class Limiter:
    """An asynchronous Ray actor that each request passes, a retry like a first one.

    Workers report what a call really used and when the provider refused: a refusal stops all
    of them for as long as `Retry-After` says, or for a second that doubles up to a minute.
    """

    def __init__(
        self,
        requests: float | None,
        tokens: float | None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`requests` and `tokens` are limits a minute; `None` is no limit."""
        # A second's worth of requests at once, ten seconds' worth of tokens: a long prompt is
        # a large part of a minute's tokens, but never of its requests.
        self._requests = Bucket(requests, max(1, requests / 60), clock) if requests else None
        self._tokens = Bucket(tokens, tokens / 6, clock) if tokens else None
        self._clock = clock
        self._sleep = sleep
        self._turn = asyncio.Lock()
        self._closed_until = clock()
        self._refusals = 0

    async def acquire(self, tokens: float) -> None:
        """Return when a request of about so many tokens may be sent; first come, first served."""
        async with self._turn:
            while (wait := self._wait(tokens)) > 0:
                await self._sleep(wait)
            if self._requests:
                self._requests.take(1)
            if self._tokens:
                self._tokens.take(tokens)

    async def settle(self, expected: float, used: float) -> None:
        """Correct the tokens that `acquire` took for a call to those that it used."""
        self._refusals = 0
        if self._tokens:
            self._tokens.take(used - expected)

    async def refused(self, expected: float, retry_after: float | None) -> None:
        """Let nobody ask for a while; `expected` tokens were not used."""
        if self._tokens:
            self._tokens.take(-expected)
        now = self._clock()
        # Calls that were on their way when the first was refused say nothing new.
        is_new = now >= self._closed_until
        if retry_after is None:
            doubled = min(_FIRST_PAUSE * 2.0**self._refusals, _LONGEST_PAUSE)
            retry_after = doubled if is_new else 0.0
        self._refusals += is_new
        self._closed_until = max(self._closed_until, now + retry_after)

    def _wait(self, tokens: float) -> float:
        return max(
            self._closed_until - self._clock(),
            self._requests.missing(1) if self._requests else 0.0,
            self._tokens.missing(tokens) if self._tokens else 0.0,
        )
