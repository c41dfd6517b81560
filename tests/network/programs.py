"""Start a real program on ports of this machine, and end it."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.network.parts import program

_PATIENCE = 15.0


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def running(name: str, *arguments: str | Path, port: int, folder: Path) -> Iterator[None]:
    """Run a part in the foreground until the block ends; it is asked once it listens on `port`."""
    output = folder / f"{name}.out"
    with output.open("wb") as written:
        process = subprocess.Popen(
            [program(name), *arguments], stdout=written, stderr=written, cwd=folder
        )
    try:
        deadline = time.monotonic() + _PATIENCE
        while not _listens(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{name} does not run: {output.read_text('utf-8', 'replace')}")
            time.sleep(0.01)
        yield
    finally:
        process.terminate()
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", port)) == 0
