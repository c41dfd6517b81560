"""Starts `examples.bulk` or `examples.bulk_ray` as a user does, and kills it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.scale.faulty_server import FaultyServer

ROOT = Path(__file__).resolve().parents[2]
KEY = "key-of-the-bulk-test"
CONCURRENCY = 8
WORKERS = 2
LONGEST = 300.0
"""Seconds after which a run that is waited for counts as stuck."""


class Bulk:
    """One folder with prompts and output, and the runs in it."""

    def __init__(self, folder: Path, server: FaultyServer, count: int, module: str) -> None:
        self.server, self.count, self.module = server, count, module
        self.in_flight = CONCURRENCY * (WORKERS if module == "examples.bulk_ray" else 1)
        self.prompts = folder / "prompts.jsonl"
        self.output = folder / "answers.jsonl"
        self.journal = folder / "answers.jsonl.journal"
        lines = (json.dumps({"id": f"p{n}", "prompt": f"prompt {n}"}) + "\n" for n in range(count))
        self.prompts.write_text("".join(lines))

    @contextmanager
    def running(self, *options: str) -> Iterator[subprocess.Popen[str]]:
        """Start a run as a session of its own; whatever is left of it ends with the block."""
        # Short, because Ray puts sockets into it.
        folder = tempfile.TemporaryDirectory(prefix="ray", ignore_cleanup_errors=True)
        environment = {name: v for name, v in os.environ.items() if not name.startswith("RAY_")}
        environment |= {"MINIMAX_API_KEY": KEY, "MINIMAX_BASE_URL": self.server.base_url}
        # Else Ray's workers yield to everything else, and starve on a machine that is busy.
        environment |= {"RAY_TMPDIR": folder.name, "RAY_worker_niceness": "0"}
        pool = ["--workers", str(WORKERS), "--concurrency", str(CONCURRENCY)]
        pool += [] if "--rpm" in options else ["--rpm", "60000"]
        files = [str(self.prompts), "--output", str(self.output)]
        run = subprocess.Popen(
            [sys.executable, "-m", self.module, *files, *pool, *options],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            yield run
        finally:
            if run.poll() is None:
                kill_all(run)
            run.communicate()
            folder.cleanup()

    def run(self, *options: str) -> tuple[int, str]:
        """Run to the end; return the exit code and what was printed."""
        with self.running(*options) as run:
            shown, _ = run.communicate(timeout=LONGEST)
        return run.returncode, shown

    def recorded(self) -> int:
        """Count the lines of the journal."""
        return self.journal.read_bytes().count(b"\n") if self.journal.exists() else 0

    def rows(self) -> list[dict[str, object]]:
        """Read the output."""
        return [json.loads(line) for line in self.output.read_text("utf-8").splitlines()]

    def repeated(self) -> int:
        """Count the calls that were neither a prompt's first good one nor a failed one."""
        server = self.server
        return sum(server.calls.values()) - sum(server.faults.values()) - self.count

    def wrong(self) -> list[dict[str, object]]:
        """Return the rows that are missing, doubled, out of order, or no answer to their prompt."""
        wanted = [(f"p{n}", f"answer to {n}: {3 * n}") for n in range(self.count)]
        found = self.rows()
        if len(found) != len(wanted):
            return found
        pairs = zip(found, wanted, strict=True)
        return [row for row, pair in pairs if (row["id"], row["answer"]) != pair]


def kill(run: subprocess.Popen[str]) -> None:
    """Kill the driver and its process group; Ray's processes notice and end by themselves."""
    os.killpg(run.pid, signal.SIGKILL)


def kill_all(run: subprocess.Popen[str]) -> None:
    """Kill the driver, Ray, the workers and the ledger at once, as a power cut does."""
    for process in [run.pid, *descendants(run)]:
        # One that just ended by itself is no less dead.
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)


def descendants(run: subprocess.Popen[str], named: str = "") -> list[int]:
    """Return the processes below a run, those alone whose command line contains `named`."""
    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True
    )
    found, commands = {run.pid}, {}
    # A parent's id may be the larger one, so that one pass need not find all.
    rows = [line.split(None, 2) for line in listed.stdout.splitlines()]
    for _ in range(5):
        for process, parent, command in rows:
            if int(parent) in found:
                found.add(int(process))
                commands[int(process)] = command
    return [process for process, command in commands.items() if named in command]


def wait_until(reached: Callable[[], bool], run: subprocess.Popen[str]) -> None:
    """Wait for a state of a run that is still going on."""
    deadline = time.monotonic() + LONGEST
    while not reached():
        assert run.poll() is None, run.communicate()[0]
        assert time.monotonic() < deadline, "The run is stuck."
        time.sleep(0.02)
