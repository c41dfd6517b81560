"""One actor of a Ray pool: an engine, whose ledger and limiter are actors that all share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pyarrow

from examples.bulk.engine import Engine, Job
from mara_minimax import RateLimiter
from mara_minimax.transport.limiter import Permit
from mara_minimax.types import Usage


class RunStoppedError(Exception):
    """Raised when no further prompt can be answered; the ledger knows why."""


class Remote:
    """An actor whose methods are called like those of a local object."""

    def __init__(self, actor: Any) -> None:
        self._actor = actor

    def __getattr__(self, method: str) -> Any:
        return getattr(self._actor, method).remote


class SharedLimiter(RateLimiter):
    """Asks and tells the limiter of all workers."""

    def __init__(self, shared: Any) -> None:
        super().__init__()
        self._shared = shared

    async def aacquire(self, size: int) -> Permit:
        permit: Permit = await self._shared.aacquire(size)
        return permit

    def learn(self, headers: Any) -> None:
        if any(name.startswith("x-ratelimit-") for name in headers):
            self._shared.learn(dict(headers))

    def succeed(self, permit: Permit, usage: Usage | None) -> None:
        self._shared.succeed(permit, usage)

    def refuse(self, permit: Permit, wait: float | None) -> None:
        self._shared.refuse(permit, wait)


class Worker:
    """A callable for `map_batches`; its asynchronous calls share one event loop."""

    def __init__(self, job: Job, ledger: Any, limiter: Any) -> None:
        self._ledger = Remote(ledger)
        self._engine = Engine(job, self._ledger, SharedLimiter(Remote(limiter)))

    async def __call__(self, batch: pyarrow.Table) -> AsyncIterator[dict[str, list[str]]]:
        """Answer what the ledger does not have; Ray repeats a batch whose worker died."""
        rows = batch.to_pylist()
        pending = await self._ledger.pending([(row["id"], row["digest"]) for row in rows])
        await self._engine.answer(row for row, wanted in zip(rows, pending, strict=True) if wanted)
        if self._engine.stopped:
            raise RunStoppedError
        yield {"id": [row["id"] for row in rows]}
