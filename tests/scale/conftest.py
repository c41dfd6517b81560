"""Prompts, a provider that fails, and how much of both."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest

from tests.scale.driving import Bulk
from tests.scale.faulty_server import FaultyServer


@pytest.fixture
def prompts() -> int:
    """Return the number of prompts of the large run, which `make bulk-test` raises."""
    return int(os.environ.get("BULK_PROMPTS", "200"))


@pytest.fixture
def bulk(tmp_path) -> Iterator[Callable[..., Bulk]]:
    """Make a folder of prompts and its provider; `delay` is how long an answer takes."""
    servers = []

    def make(count, *, faults=0.0, delay=(0.05, 0.25), module="examples.bulk_ray"):
        servers.append(FaultyServer(faults, delay))
        return Bulk(tmp_path, servers[-1].__enter__(), count, module)

    yield make
    for server in servers:
        server.__exit__()
