"""Prompts, a provider that fails, how much of both, and who drives the engine."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from importlib.util import find_spec

import pytest

from tests.scale.driving import Bulk
from tests.scale.faulty_server import FaultyServer


@pytest.fixture
def prompts() -> int:
    """Return the number of prompts of the large run, which `make bulk-test` raises."""
    return int(os.environ.get("BULK_PROMPTS", "200"))


@pytest.fixture(params=["examples.bulk", "examples.bulk_ray"])
def driver(request) -> str:
    """Name the module that drives the engine: in one process, or two workers of a cluster."""
    if request.param == "examples.bulk_ray" and not find_spec("ray"):
        pytest.skip("needs the extra `ray`")
    return request.param


@pytest.fixture
def bulk(tmp_path, driver) -> Iterator[Callable[..., Bulk]]:
    """Make a folder of prompts and its provider; `delay` is how long an answer takes."""
    servers = []

    def make(count, *, faults=0.0, delay=(0.05, 0.25)):
        servers.append(FaultyServer(faults, delay))
        return Bulk(tmp_path, servers[-1].__enter__(), count, driver)

    yield make
    for server in servers:
        server.__exit__()
