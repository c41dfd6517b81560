"""A clean environment and a local server for the core's tests."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from mara_minimax.emulator import Emulator
from mara_minimax.settings import MiniMaxSettings
from mara_minimax.transport import client as client_module


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator("minimax") as emulator:
        yield emulator


@pytest.fixture
def settings(emulator):
    return MiniMaxSettings(api_key="key", base_url=emulator.base_url, max_retries=2)


@pytest.fixture
def sleeps(monkeypatch):
    """Record the waits of sync and async retries instead of waiting."""
    waits: list[float] = []

    async def no_sleep(seconds):
        waits.append(seconds)

    # The module's own names are replaced: the emulator's thread sleeps as well.
    monkeypatch.setattr(client_module, "time", SimpleNamespace(sleep=waits.append))
    monkeypatch.setattr(client_module, "asyncio", SimpleNamespace(sleep=no_sleep))
    return waits
