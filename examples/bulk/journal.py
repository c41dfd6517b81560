"""The checkpoint: one append-only file with a line for each prompt that came to an end."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

Record = dict[str, Any]


class JournalError(Exception):
    """Raised for a journal that another run holds, or that is damaged in its middle."""


class Journal:
    """Records that survive a kill: what `append` returned for is on the disk.

    One process at a time may have a journal open. The lock ends with its process, so that a
    run that was killed hands over to the next by itself, after its last line.
    """

    def __init__(self, path: Path, run: str, *, retry_failed: bool = False, patience: float = 60):
        """`run` names this run, whose failures are final; `patience` is for the lock."""
        self._run = run
        self._retry_failed = retry_failed
        self._done: dict[str, str] = {}
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        _lock(self._file, path, patience)
        _sync_folder(path.parent)
        self._end = 0
        try:
            for record, end in read(path):
                self._end = end
                self._remember(record)
        except JournalError:
            self.close()
            raise
        # A line that a kill tore belongs to a call whose answer was not acknowledged.
        os.ftruncate(self._file, self._end)

    def pending(self, asked: Iterable[tuple[str, str]]) -> list[bool]:
        """Say for each id and digest whether it still has to be asked."""
        return [self._is_pending(identifier, digest) for identifier, digest in asked]

    def append(self, records: Iterable[Record]) -> list[Record]:
        """Write the records that are new, in one piece, and return them once they are safe."""
        new = []
        for record in records:
            if self._is_pending(record["id"], record["digest"]):
                record["run"] = self._run
                self._remember(record)
                new.append(record)
        lines = "".join(json.dumps(record) + "\n" for record in new)
        try:
            self._write(lines.encode())
        except OSError:
            # Half a line in the middle would make the rest unreadable.
            os.ftruncate(self._file, self._end)
            for record in new:
                del self._done[record["id"]]
            raise
        return new

    def close(self) -> None:
        """Give up the lock."""
        os.close(self._file)

    def _write(self, data: bytes) -> None:
        end = self._end
        while data:
            written = os.pwrite(self._file, data, end)
            end += written
            data = data[written:]
        os.fsync(self._file)
        self._end = end

    def _remember(self, record: Record) -> None:
        # A failure of this run is as final as an answer, also when its batch is run again.
        final = record.get("error_class") is None or record["run"] == self._run
        if final or not (record["retryable"] or self._retry_failed):
            self._done[record["id"]] = record["digest"]
        else:
            self._done.pop(record["id"], None)

    def _is_pending(self, identifier: str, digest: str) -> bool:
        return self._done.get(identifier) != digest


def read(path: Path) -> Iterator[tuple[Record, int]]:
    """Yield each record and the offset after it; stop at a last line that is torn."""
    with path.open("rb") as lines:
        end = 0
        for line in lines:
            try:
                record = json.loads(line) if line.endswith(b"\n") else None
            except ValueError:
                record = None
            if record is None:
                if lines.read(1):
                    raise JournalError(f"{path} is damaged at byte {end}.")
                return
            end += len(line)
            yield record, end


def _lock(file: int, path: Path, patience: float) -> None:
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                os.close(file)
                raise JournalError(f"Another run holds {path}.") from None
            time.sleep(0.1)
        else:
            return


def _sync_folder(folder: Path) -> None:
    """Make the file's name as durable as its content."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
