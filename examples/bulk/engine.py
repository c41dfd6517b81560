"""Many calls at once in one event loop, and what becomes of each."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from examples.bulk.frameworks import make_ask
from mara_minimax import RateLimiter, errors
from mara_minimax.transport.limiter import is_refusal

# What is wrong with the account is wrong for each prompt; a million failures say no more.
_STOPPING = (
    errors.MissingAPIKeyError,
    errors.UnknownArgumentError,
    errors.AuthenticationError,
    errors.PermissionDeniedError,
    errors.InsufficientBalanceError,
    errors.NotFoundError,
)


@dataclass(frozen=True)
class Job:
    """What is asked, and how; keys and URLs are in the environment."""

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


class Engine:
    """Asks a model and hands what comes to a ledger, or to what has a ledger's methods."""

    def __init__(self, job: Job, ledger: Any, limiter: RateLimiter) -> None:
        self._job, self._ledger, self._limiter = job, ledger, limiter
        self._slots = asyncio.Semaphore(job.concurrency)
        self._ask: Any = None
        self.stopped = False
        """Whether no further prompt can be answered; the ledger knows why."""

    async def answer(self, rows: Iterable[dict[str, str]]) -> None:
        """Answer rows of id, digest and messages in JSON; no more are read than are asked."""
        left = iter(rows)
        # The calls that are under way are paid for: they end before an error is raised.
        tasks = (self._answer_from(left) for _ in range(self._job.concurrency))
        for outcome in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(outcome, BaseException):
                raise outcome

    async def _answer_from(self, left: Iterator[dict[str, str]]) -> None:
        for row in left:
            async with self._slots:
                if self.stopped:
                    return
                try:
                    fields = await self._fields(json.loads(row["messages"]))
                except errors.MaraMiniMaxError as error:
                    if _concerns_everybody(error):
                        self.stopped = True
                        await self._ledger.stop(_describe(error))
                        return
                    fields = _failure(error)
                record = {"id": row["id"], "digest": row["digest"], **fields}
                await self._ledger.record(record)

    async def _fields(self, messages: list[dict[str, Any]]) -> dict[str, Any]:
        if self._ask is None:
            job = self._job
            settings = {"model": job.model, "max_tokens": job.max_tokens, "limiter": self._limiter}
            self._ask = make_ask(job.framework, job.provider, **settings)
        attempt = 1
        while True:
            try:
                answer = await self._ask(messages)
            except errors.ProviderError as error:
                if attempt >= self._job.attempts or not _is_passing(error):
                    raise
                # A refusal is waited for by the limiter, a plan's reset too.
                if not is_refusal(error):
                    doubled = min(0.5 * 2.0 ** (attempt - 1), 30.0) * random.uniform(0.75, 1.0)
                    await asyncio.sleep(max(error.retry_after or 0.0, doubled))
                attempt += 1
            else:
                return {"attempts": attempt, **asdict(answer)}


def _is_passing(error: errors.MaraMiniMaxError) -> bool:
    # Either says when; the second also where that is past already.
    if isinstance(error, errors.RateLimitError) and (error.retry_after or error.resets_at):
        return True
    # The package repeats no answer that began; here nobody has seen the beginning.
    return isinstance(error, errors.InvalidReplyError) or getattr(error, "retryable", False)


def _concerns_everybody(error: errors.MaraMiniMaxError) -> bool:
    limited = isinstance(error, errors.RateLimitError) and not _is_passing(error)
    return limited or isinstance(error, _STOPPING)


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
