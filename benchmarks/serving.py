"""Start the benchmark's server beside a measurement, and ask it what it saw."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.wire import Script

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Target:
    """An answer of the running server, as subjects open it."""

    url: str
    script: Script


@dataclass(frozen=True)
class Server:
    """A running server."""

    port: int

    def target(self, script: Script, delivery: str = "batched", *, tls: bool = False) -> Target:
        """Return where a script's answer is served."""
        root = f"https://127.0.0.1:{self.ask('tls')['port']}" if tls else self._root
        return Target(f"{root}/{script.name}/{delivery}/v1", script)

    def last_body(self) -> Any:
        """Return the body of the last request."""
        return self.ask("last")

    def ask(self, what: str) -> Any:
        """Ask one of the server's own paths."""
        # No proxy of the machine's environment stands before a loopback address.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"{self._root}/{what}", timeout=10) as answer:
            return json.loads(answer.read())

    @property
    def _root(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def serving() -> Iterator[Server]:
    """Run the server for the length of a `with` block."""
    with TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "benchmarks.server", folder]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        try:
            assert process.stdout is not None
            yield Server(int(process.stdout.readline()))
        finally:
            process.terminate()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()
