"""Whether and when a failed request is sent again: the only place that decides it."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import mara_minimax
from mara_minimax.transport.limiter import LONGEST_WINDOW, RateLimiter, is_refusal
from mara_minimax.transport.passage import Passage

if TYPE_CHECKING:
    from mara_minimax.errors import ProviderError

_FIRST_DELAY = 0.5
_LONGEST_DELAY = 8.0
_LONGEST_WAIT = 60.0
"""Seconds of `Retry-After` that are waited; beyond that the error is raised."""


class Retries:
    """Count the retries of one call; `max_retries=2` means at most three requests.

    Delays double from half a second to eight, less up to a quarter at random; a `Retry-After`
    of the provider replaces them. MiniMax sends none, on no status (captures, 2026-04).
    Where an idle connection was gone before a byte was written, the request is repeated at once
    and not counted; where it broke later, the first retry counts and waits for nothing.

    With a limiter, a refusal is waited for there, together with all others: up to its `max_wait`,
    and also where a plan is used up and the refusal says until when.
    """

    __slots__ = ("_left", "_limiter", "_taken")

    def __init__(self, max_retries: int, limiter: RateLimiter | None = None) -> None:
        """`max_retries` counts the requests after the first."""
        self._limiter = limiter
        self._left = max_retries
        self._taken = 0

    def next_delay(self, error: ProviderError, passage: Passage) -> float | None:
        """Return the seconds to wait before the next request, `None` to give up."""
        broke = error.response is None and type(error) is mara_minimax.errors.APIConnectionError
        if broke and passage.was_lost:
            return 0.0
        longest = _LONGEST_WAIT
        limited = self._limiter is not None and is_refusal(error)
        if self._limiter is not None and limited:
            longest = min(self._limiter.max_wait or LONGEST_WINDOW, LONGEST_WINDOW)
        ends = limited and (error.retry_after is not None or error.resets_at is not None)
        if self._left <= 0 or not (error.retryable or ends):
            return None
        if (error.retry_after or 0.0) > longest:
            return None
        self._left -= 1
        self._taken += 1
        if limited:
            return 0.0
        if error.retry_after is not None:
            return error.retry_after
        if broke and passage.was_reused and self._taken == 1:
            return 0.0
        delay = min(_FIRST_DELAY * 2.0 ** (self._taken - 1), _LONGEST_DELAY)
        return delay * (1.0 - 0.25 * random.random())  # noqa: S311 - spreads load, no secret
