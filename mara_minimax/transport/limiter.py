"""The limits of an account, kept by all requests of the models that share a limiter."""

from __future__ import annotations

import asyncio
import math
import os
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self

import mara_minimax
from mara_minimax.failures.waits import limits_per_minute, reset_time, seconds_until
from mara_minimax.transport.meters import Meter, Place
from mara_minimax.transport.pace import Pace

if TYPE_CHECKING:
    from mara_minimax.errors import ProviderError
    from mara_minimax.types import Usage

LONGEST_WINDOW = 8 * 24 * 3600.0
"""Seconds: the windows of plans are five hours and a week; a host that names more is not believed
and waited for."""
_LONGEST_SLEEP = 60.0
_SOON = 0.1
"""Seconds that are slept in one piece."""
_BYTES_PER_TOKEN = 4
_NEWEST = 0.1
"""The share of the newest answer in what is known of answers' tokens."""

_lock = threading.Lock()
"""Of all limiters: a fork finds none of them in the middle of a change."""
if hasattr(os, "register_at_fork"):  # pragma: no branch - Windows has no fork
    os.register_at_fork(
        before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_lock.release
    )


class Permit:
    """The leave of one request to be sent, and what the limiter remembers of it."""

    __slots__ = ("asked_at", "request", "sent_at", "size", "tokens", "waited")

    def __init__(self, size: int, now: float, request: Place, tokens: Place | None) -> None:
        """`size` is that of the body in bytes."""
        self.size = size
        self.asked_at = now
        self.request = request
        self.tokens = tokens
        self.sent_at = 0.0
        self.waited = False


class RateLimiter:
    """Keeps the requests of an account within its limits, and learns what these are.

    One limiter is passed to all models that share an account's limits; its threads and event
    loops then share them too. Another process has its own, also where a model is pickled or the
    process is forked: give each its share.

    Requests are spaced, in the order in which they were made; a twentieth of a minute's requests
    may go at once after a pause. A retry is a request. After a refusal (HTTP 429 or 529, also
    inside HTTP 200) all wait for as long as it says, such as until a plan's reset, and go on a
    quarter slower; each answer makes them a little faster again. `x-ratelimit-*` headers lower
    the limits that were given, and close the limiter until the reset when nothing remains.

    Tokens are estimated before a request, at four bytes each and what answers lately took beside
    that, and corrected by the usage of the answer.

    Example:
        ```python
        from langchain_mara_minimax import ChatMiniMax, RateLimiter

        limiter = RateLimiter(requests_per_minute=500)
        writer = ChatMiniMax(limiter=limiter)
        critic = ChatMiniMax("MiniMax-M2.5", limiter=limiter)
        print(critic.invoke(writer.invoke("Write a haiku.").text).text)
        ```
    """

    def __init__(
        self,
        *,
        requests_per_minute: float | None = None,
        tokens_per_minute: float | None = None,
        max_wait: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Start with nothing sent.

        Args:
            requests_per_minute: Default: begins at 500 and follows headers and refusals.
            tokens_per_minute: Of requests and answers together; default: not counted.
            max_wait: Seconds that a request waits at most; where it would be more,
                `RateLimitError` is raised at once. Default: as long as it takes, which is
                hours where a plan is used up. A host that names more than eight days is not
                waited for in any case.
            clock: Seconds that never go back.

        Raises:
            ParameterError: A limit is not a number above 0.
        """
        self.requests_per_minute = _checked("requests_per_minute", requests_per_minute)
        self.tokens_per_minute = _checked("tokens_per_minute", tokens_per_minute)
        self.max_wait = _checked("max_wait", max_wait)
        self._clock = clock
        self._now = self._closed_until = clock()
        self._slowed_at = -math.inf
        self._pace = Pace(requests_per_minute, tokens_per_minute)
        self._answer_tokens = 0.0
        self._requests = Meter(self._pace.requests)
        self._tokens = Meter(tokens_per_minute) if tokens_per_minute else None

    def acquire(self, size: int) -> Permit:
        """Wait until a request with a body of `size` bytes may be sent.

        Raises:
            RateLimitError: That would take longer than `max_wait`.
        """
        permit = self._line_up(size)
        try:
            while wait := self._wait_of(permit):
                time.sleep(_step(wait))
        except BaseException:
            self._give_up(permit)
            raise
        return permit

    async def aacquire(self, size: int) -> Permit:
        """Do what `acquire` does, without blocking."""
        permit = self._line_up(size)
        try:
            while wait := self._wait_of(permit):  # noqa: ASYNC110 - no thread sets an event
                await asyncio.sleep(_step(wait))
        except BaseException:
            self._give_up(permit)
            raise
        return permit

    def learn(self, headers: Any) -> None:
        """Take what the headers of an answer say of the limits."""
        told = limits_per_minute(headers)
        wait = seconds_until(reset_time("", headers))
        if not told and wait is None:
            return
        with _lock:
            self._pass_time()
            self._pace.learn(told)
            if self._tokens is None and "tokens" in told:
                self._tokens = Meter(told["tokens"])
            self._set_rates()
            self._close(wait or 0.0, unbelieved=0.0)

    def succeed(self, permit: Permit, usage: Usage | None) -> None:
        """Take a whole answer and what it used."""
        with _lock:
            self._pass_time()
            if permit.sent_at > self._slowed_at:
                self._pace.forget_refusals()
            self._pace.go_faster(has_waited=permit.waited)
            self._set_rates()
            if usage is not None and self._tokens is not None and permit.tokens is not None:
                # A host that counts nonsense stops nobody for longer than a minute.
                used = max(0, min(usage.total_tokens, self._pace.token_limit))
                self._tokens.correct(permit.tokens.amount - used)
                self._answer_tokens += _NEWEST * (
                    used - permit.size / _BYTES_PER_TOKEN - self._answer_tokens
                )

    def refuse(self, permit: Permit, wait: float | None) -> None:
        """Take a refusal; `wait` are the seconds that it asks for."""
        with _lock:
            self._pass_time()
            if self._tokens is not None and permit.tokens is not None:
                self._tokens.correct(permit.tokens.amount)
            pause = 0.0
            # What was on its way when an earlier one was refused says nothing new.
            if permit.sent_at > self._slowed_at:
                self._slowed_at = self._now
                pause = self._pace.go_slower()
                self._set_rates()
            self._close(pause if wait is None else wait, unbelieved=pause)

    def _line_up(self, size: int) -> Permit:
        with _lock:
            self._pass_time()
            tokens = None
            if self._tokens is not None:
                expected = max(1.0, size / _BYTES_PER_TOKEN + self._answer_tokens)
                tokens = self._tokens.ask(expected)
            permit = Permit(size, self._now, self._requests.ask(1.0), tokens)
            permit.waited = self._missing(permit) > 0.0
        return permit

    def _wait_of(self, permit: Permit) -> float:
        with _lock:
            self._pass_time()
            wait = self._missing(permit)
            permit.sent_at = self._now
        # A refusal may come while others wait already.
        whole = permit.sent_at - permit.asked_at + wait
        if self.max_wait is not None and wait and whole > self.max_wait + _SOON:
            raise mara_minimax.errors.RateLimitError(
                f"The limiter lets this request wait for {whole:.0f} s, longer than "
                f"max_wait={self.max_wait:g}.",
                retryable=False,
                retry_after=wait,
            )
        return wait

    def _missing(self, permit: Permit) -> float:
        """Return the seconds until a request may go; nothing flows into meters while closed."""
        wait = self._requests.seconds_until(permit.request)
        if self._tokens is not None and permit.tokens is not None:
            wait = max(wait, self._tokens.seconds_until(permit.tokens))
        return wait + max(0.0, self._closed_until - self._now)

    def _give_up(self, permit: Permit) -> None:
        with _lock:
            self._pass_time()
            self._requests.give_up(permit.request)
            if self._tokens is not None and permit.tokens is not None:
                self._tokens.give_up(permit.tokens)

    def _pass_time(self) -> None:
        now = self._clock()
        seconds = max(0.0, now - max(self._now, self._closed_until))
        self._requests.flow(seconds)
        if self._tokens is not None:
            self._tokens.flow(seconds)
        self._now = now

    def _set_rates(self) -> None:
        self._requests.set_rate(self._pace.requests)
        if self._tokens is not None:
            self._tokens.set_rate(self._pace.tokens)

    def _close(self, seconds: float, *, unbelieved: float) -> None:
        if seconds > LONGEST_WINDOW:
            seconds = unbelieved
        if seconds <= 0.0:
            return
        self._closed_until = max(self._closed_until, self._now + seconds)
        # Whoever goes first afterwards goes alone.
        self._requests.drain()
        if self._tokens is not None:
            self._tokens.drain()

    def __repr__(self) -> str:
        """Return the limits that were given."""
        return (
            f"{type(self).__name__}(requests_per_minute={self.requests_per_minute}, "
            f"tokens_per_minute={self.tokens_per_minute}, max_wait={self.max_wait})"
        )

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Return the limiter itself: copies of a model use the same account."""
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the limits that were given, for a limiter of another process."""
        return _restored, (
            type(self),
            {
                "requests_per_minute": self.requests_per_minute,
                "tokens_per_minute": self.tokens_per_minute,
                "max_wait": self.max_wait,
            },
        )


def is_refusal(error: ProviderError) -> bool:
    """Whether a failure says that the account, or everybody, asks too much."""
    limited = isinstance(error, mara_minimax.errors.RateLimitError)
    return limited or error.status_code == 529 or error.code == "2064"


def _step(wait: float) -> float:
    """Return the seconds to sleep before looking again: what is ahead may become shorter."""
    return wait if wait < _SOON else min(wait / 2.0, _LONGEST_SLEEP)


def _checked(name: str, value: float | None) -> float | None:
    if value is None:
        return None
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not 0.0 < value < math.inf:
        raise mara_minimax.errors.ParameterError(
            f"Invalid {name}={value!r}: pass a number above 0."
        )
    return value


def _restored(kind: type[RateLimiter], given: dict[str, Any]) -> RateLimiter:
    return kind(**given)
