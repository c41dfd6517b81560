"""What the tests of a call's life share: callers, servers that are slow or silent, and quiet."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import resource
import socket
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mara_minimax.emulator import CannedReply, Emulator
from mara_minimax.transport import pools as connections
from tests.lifecycle.callers import CALLERS, Caller

CHUNK = {"id": "r", "object": "chat.completion.chunk"}
ROOT = Path(__file__).parents[2]
DESCRIPTORS = Path("/proc/self/fd")
SLOW_CHUNKS = 3_000


@pytest.fixture(params=CALLERS)
def make_caller(request: pytest.FixtureRequest) -> Callable[..., Caller]:
    """The core, LangChain and LlamaIndex in turns: `make_caller(base_url, **settings)`."""
    return CALLERS[request.param]


@pytest.fixture
def caller(make_caller: Callable[..., Caller], server: Emulator) -> Caller:
    """An instance that talks to the emulator and retries nothing."""
    return make_caller(server.base_url)


@pytest.fixture
def slow_stream(server: Emulator) -> Emulator:
    """The emulator, whose next answer is a stream of a minute: on a busy machine, too, it lasts."""
    text = {**CHUNK, "choices": [{"index": 0, "delta": {"content": "word "}}]}
    reply = CannedReply.sse(*[text] * SLOW_CHUNKS)
    reply.delay = 0.02
    server.enqueue(reply)
    return server


SCRIPT = """
import asyncio, logging, sys
from tests.lifecycle.callers import CALLERS

# A busy machine makes slow steps, of which asyncio tells in debug mode.
logging.getLogger("asyncio").addFilter(lambda record: "Executing" not in record.getMessage())
caller = CALLERS[sys.argv[1]](sys.argv[2])
"""
"""How scripts of the tests begin; their arguments are a caller's name and a base URL."""


class SilentServer:
    """Accepts connections, reads them, and never answers."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._connections: list[socket.socket] = []
        self.asked = threading.Event()
        self.left = threading.Event()
        """The client closed its connection."""
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}/v1"

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._connections.append(connection)
            with connection:
                try:
                    while connection.recv(65536):
                        self.asked.set()
                except OSError:
                    pass
            self.left.set()

    def stop(self) -> None:
        # Closing alone does not wake a thread that waits in `accept`.
        for open_socket in (self._listener, *self._connections):
            try:
                open_socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
        self._listener.close()
        self._thread.join(5)


@pytest.fixture
def silent_server() -> Iterator[SilentServer]:
    server = SilentServer()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def far_server() -> Iterator[str]:
    """The base URL of an emulator in a process of its own, so that descriptors here are ours."""
    command = [sys.executable, "-m", "mara_minimax.emulator", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.terminate()


def close_sync_connections() -> None:
    """Close what is kept open between sync calls, by design."""
    pools = list(connections._shared_pools.values())
    connections._forget_pools()
    for pool in pools:
        pool.close()


@pytest.fixture
def many_descriptors() -> Iterator[None]:
    """Let this process hold some thousand connections at once, both ends of each."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 4000
    if hard != resource.RLIM_INFINITY and hard < wanted:
        pytest.skip(f"this system allows {hard} descriptors")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture
def quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail on any warning, lost exception, asyncio complaint, open task or open socket."""
    close_sync_connections()
    gc.collect()
    noise: list[str] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda lost: noise.append(repr(lost.exc_value)))
    monkeypatch.setattr(threading, "excepthook", lambda lost: noise.append(repr(lost.exc_value)))
    handler = _Recorder(noise)
    logger = logging.getLogger("asyncio")
    logger.addHandler(handler)
    sockets = open_sockets()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield
        close_sync_connections()
        gc.collect()
    logger.removeHandler(handler)
    assert noise == []
    assert settles(lambda: open_sockets() <= sockets), "a socket stays open"


class _Recorder(logging.Handler):
    def __init__(self, noise: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._noise = noise

    def emit(self, record: logging.LogRecord) -> None:
        # In debug mode asyncio tells of slow steps as well, which a busy machine has.
        if not record.getMessage().startswith("Executing"):
            self._noise.append(record.getMessage())


@pytest.fixture
def run_script(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start Python code in a process of its own, in which leaks and lost tasks are errors."""
    running: list[subprocess.Popen[str]] = []

    def start(
        code: str, *arguments: str, debug: bool = True, strict: bool = True
    ) -> subprocess.Popen[str]:
        script = tmp_path / "script.py"
        script.write_text(code, "utf-8")
        flags = ["-W", "error::ResourceWarning", "-W", "error::RuntimeWarning"] if strict else []
        process = subprocess.Popen(
            [sys.executable, *flags, str(script), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONASYNCIODEBUG": "1" if debug else ""},
        )
        running.append(process)
        return process

    yield start
    for process in running:
        process.kill()
        process.communicate()


def open_sockets() -> int:
    """Count this process's sockets that are connected or were."""
    return sum(_is_socket(entry) for entry in DESCRIPTORS.iterdir())


def _is_socket(descriptor: Path) -> bool:
    try:
        return str(descriptor.readlink()).startswith("socket:")
    except OSError:
        return False


def settles(condition: Callable[[], bool], seconds: float = 5.0) -> bool:
    """Wait until a condition holds that another thread brings about."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


async def other_tasks_end() -> None:
    """Fail unless every other task of the loop ends within a few steps."""
    for _ in range(20):
        others = asyncio.all_tasks() - {asyncio.current_task()}
        if not others:
            return
        await asyncio.sleep(0.01)
    pytest.fail(f"tasks stay behind: {others}")
