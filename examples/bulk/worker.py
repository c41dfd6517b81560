"""One actor of the pool: a model, several calls at once, and what becomes of each."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pyarrow
import ray

from examples.bulk.frameworks import Ask, make_ask
from mara_minimax import errors

LEDGER, LIMITER = "ledger", "limiter"
"""Names of the actors, in the namespace of the run."""

_LONGEST_WAIT = 600.0
"""Seconds of `Retry-After` beyond which a plan or a day is used up, and the run ends."""

# What is wrong with the account is wrong for each prompt; a million failures say no more.
_STOPPING = (
    errors.MissingAPIKeyError,
    errors.UnknownArgumentError,
    errors.AuthenticationError,
    errors.PermissionDeniedError,
    errors.InsufficientBalanceError,
    errors.NotFoundError,
)


class RunStoppedError(Exception):
    """Raised when no further prompt can be answered; the ledger knows why."""


@dataclass(frozen=True)
class Job:
    """What all workers have in common; keys and URLs are in their environment."""

    run: str
    provider: str
    model: str | None
    framework: str
    max_tokens: int | None
    concurrency: int
    attempts: int

    @property
    def asked(self) -> str:
        """Name what is asked: another model's answer is another answer."""
        return f"{self.provider} {self.model or ''}"


class Worker:
    """A callable for `map_batches`; its asynchronous calls share one event loop."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._ask: Ask | None = None
        self._ledger = ray.get_actor(LEDGER, namespace=job.run)
        self._limiter = ray.get_actor(LIMITER, namespace=job.run)
        # Batches overlap, so that the slowest answer of one does not leave the others idle.
        self._slots = asyncio.Semaphore(job.concurrency)
        self._stopped = False

    async def __call__(self, batch: pyarrow.Table) -> AsyncIterator[dict[str, list[str]]]:
        """Answer what the ledger does not have; Ray repeats a batch whose worker died."""
        rows = batch.to_pylist()
        keys = [(row["id"], row["digest"]) for row in rows]
        pending = await self._ledger.pending.remote(keys)
        left = [row for row, is_pending in zip(rows, pending, strict=True) if is_pending]
        # The calls that are under way are paid for: they end before an error is raised.
        outcomes = await asyncio.gather(*map(self._finish, left), return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome
        yield {"id": [row["id"] for row in rows]}

    async def _finish(self, row: dict[str, str]) -> None:
        async with self._slots:
            try:
                fields = await self._answer(row["messages"])
            except errors.MaraMiniMaxError as error:
                if _concerns_everybody(error):
                    self._stopped = True
                    await self._ledger.stop.remote(_describe(error))
                    raise RunStoppedError(_describe(error)) from None
                fields = _failure(error)
            record = {"id": row["id"], "digest": row["digest"], **fields}
            await self._ledger.record.remote(record)

    async def _answer(self, text: str) -> dict[str, Any]:
        if self._ask is None:
            job = self._job
            self._ask = make_ask(job.framework, job.provider, job.model, job.max_tokens)
        # Four characters a token, and an answer of the longest or of a usual length.
        messages = json.loads(text)
        size = len(text) // 4 + (self._job.max_tokens or 1000)
        attempt = 1
        while True:
            await self._limiter.acquire.remote(size)
            if self._stopped:
                raise RunStoppedError
            try:
                answer = await self._ask(messages)
            except errors.ProviderError as error:
                if not await self._may_ask_again(error, size, attempt):
                    raise
                attempt += 1
            else:
                used = (answer.input_tokens or 0) + (answer.output_tokens or 0)
                await self._limiter.settle.remote(size, used or size)
                return {"attempts": attempt, **answer.fields()}

    async def _may_ask_again(self, error: errors.ProviderError, size: int, attempt: int) -> bool:
        """Report a failure to the limiter, and wait where another attempt makes sense."""
        if isinstance(error, errors.RateLimitError):
            await self._limiter.refused.remote(size, error.retry_after)
        if _concerns_everybody(error) or not _is_passing(error) or attempt >= self._job.attempts:
            return False
        if not isinstance(error, errors.RateLimitError):
            doubled = min(0.5 * 2.0 ** (attempt - 1), 30.0) * random.uniform(0.75, 1.0)
            await asyncio.sleep(max(error.retry_after or 0.0, doubled))
        return True


def _is_passing(error: errors.MaraMiniMaxError) -> bool:
    # The package repeats no answer that began; here nobody has seen the beginning.
    return isinstance(error, errors.InvalidReplyError) or getattr(error, "retryable", False)


def _concerns_everybody(error: errors.MaraMiniMaxError) -> bool:
    if isinstance(error, errors.RateLimitError):
        return not error.retryable or (error.retry_after or 0.0) > _LONGEST_WAIT
    return isinstance(error, _STOPPING)


def _describe(error: errors.MaraMiniMaxError) -> str:
    code = getattr(error, "code", None)
    return f"{_name(error)}{f' ({code})' if code else ''}: {error}"


def _name(error: errors.MaraMiniMaxError) -> str:
    """Name the package's class, where a framework's adapter raised its own kind of it."""
    kinds = (kind for kind in type(error).__mro__ if kind.__module__ == errors.__name__)
    return next(kinds).__name__


def _failure(error: errors.MaraMiniMaxError) -> dict[str, Any]:
    return {
        "error_class": _name(error),
        "error_code": getattr(error, "code", None),
        "error_message": str(error),
        "retryable": _is_passing(error),
    }
