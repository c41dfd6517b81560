"""A clean environment and a local server for the core's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mara_minimax.emulator import Emulator


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator("minimax") as emulator:
        yield emulator
