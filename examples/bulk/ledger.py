"""What owns the journal: an engine asks it what is left and hands it what is done."""

from __future__ import annotations

import asyncio
from pathlib import Path

from examples.bulk.journal import Journal, Record


class Ledger:
    """Used in one event loop, or as an asynchronous Ray actor beside the driver.

    Records that arrive while a write runs share the next one: one `fsync` for all of them.
    """

    def __init__(self, path: Path, run: str, retry_failed: bool) -> None:
        self.journal = Journal(path, run, retry_failed=retry_failed)
        self._waiting: list[tuple[Record, asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None
        self._counts = {"answered": 0, "failed": 0}
        self._reason: str | None = None

    async def pending(self, asked: list[tuple[str, str]]) -> list[bool]:
        """Say for each id and digest whether it still has to be asked."""
        return self.journal.pending(asked)

    async def record(self, record: Record) -> None:
        """Return when the record is on the disk."""
        safe = asyncio.get_running_loop().create_future()
        self._waiting.append((record, safe))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        await safe

    async def stop(self, reason: str) -> None:
        """Keep the first reason why the run cannot go on."""
        self._reason = self._reason or reason

    async def state(self) -> tuple[dict[str, int], str | None]:
        """Return the counts of this run, and why it cannot go on."""
        return self._counts, self._reason

    async def _write(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            try:
                # In a thread, so that others may queue up meanwhile. `pending` reads the same
                # table; it sees a record at the earliest when its write begins.
                new = await asyncio.to_thread(self.journal.append, [each for each, _ in batch])
            except OSError as error:
                for _, safe in batch:
                    safe.set_exception(error)
                continue
            for record in new:
                failed = record.get("error_class") is not None
                self._counts["failed" if failed else "answered"] += 1
            for _, safe in batch:
                safe.set_result(None)
