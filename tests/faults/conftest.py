"""A server that plays failures, and the eight forms of a call against it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from mara_minimax.emulator.faults import FaultServer
from mara_minimax.transport import client as client_module


@pytest.fixture(scope="session")
def _fault_server() -> Iterator[FaultServer]:
    with FaultServer() as server:
        yield server


@pytest.fixture
def fault_server(_fault_server: FaultServer) -> FaultServer:
    """A server that plays what it is told, with nothing recorded."""
    _fault_server.play(_fault_server.script)
    return _fault_server


@pytest.fixture(scope="session")
def runner() -> Iterator[asyncio.Runner]:
    """One event loop for all async calls, as in a server."""
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Record the waits of sync and async retries instead of waiting."""
    waited: list[float] = []

    async def no_sleep(seconds: float) -> None:
        waited.append(seconds)

    # The module's own names are replaced: servers' threads sleep as well.
    monkeypatch.setattr(client_module, "time", SimpleNamespace(sleep=waited.append))
    monkeypatch.setattr(client_module, "asyncio", SimpleNamespace(sleep=no_sleep))
    return waited
