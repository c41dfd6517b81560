"""LangChain's own integration suite again, from cassettes and without any network.

The cassettes were recorded against the emulator, as their path says; `make record` does it
again. They replay with every version of the openai SDK.
"""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from types import SimpleNamespace
from typing import Any

import pytest
from vcr.cassette import Cassette

from mara_minimax.emulator import Emulator
from tests.langchain.recording import (
    CASSETTES,
    filtered_request,
    filtered_response,
    placeholder,
)
from tests.langchain.standard import MARASuite, MiniMaxM3Suite, MiniMaxSuite

pytestmark = [pytest.mark.vcr, pytest.mark.block_network]


@pytest.fixture(scope="module")
def recorded_servers(record_mode: str) -> Iterator[dict[str, Emulator]]:
    """The emulators to record from; none when replaying."""
    with ExitStack() as stack:
        providers = () if record_mode == "none" else ("minimax", "mara")
        yield {
            name: stack.enter_context(Emulator(name, clock=lambda: 1_760_000_000))
            for name in providers
        }


@pytest.fixture
def base_url(request: pytest.FixtureRequest, recorded_servers: dict[str, Emulator]) -> str:
    provider: str = request.cls.provider
    if provider not in recorded_servers:
        return placeholder(provider)
    recorded_servers[provider].clear()
    return recorded_servers[provider].base_url


@pytest.fixture(scope="module")
def vcr_cassette_dir() -> str:
    return str(CASSETTES)


@pytest.fixture
def vcr_config(request: pytest.FixtureRequest, base_url: str) -> dict[str, Any]:
    return {
        "match_on": ["method", "uri", "json"],
        "before_record_request": filtered_request(base_url, request.cls.provider),
        "before_record_response": filtered_response,
        # Its benchmark asks the same again and again.
        "allow_playback_repeats": request.node.originalname == "test_stream_time",
    }


@pytest.fixture(autouse=True)
def _ids_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """LangChain makes ids of few-shot tool calls at random; a recording must repeat."""
    numbers = itertools.count(1)
    module = SimpleNamespace(uuid4=lambda: uuid.UUID(int=next(numbers)))
    monkeypatch.setattr("langchain_core.utils.function_calling.uuid", module)


@pytest.fixture(autouse=True)
def _fully_played(vcr: Cassette, record_mode: str) -> Iterator[None]:
    yield
    if record_mode == "none":
        assert vcr.all_played, "The cassette holds exchanges that the test does not make."


class _Recorded:
    base_url: str

    @pytest.fixture(autouse=True)
    def _server(self, base_url: str) -> None:
        type(self).base_url = base_url

    @property
    def enable_vcr_tests(self) -> bool:
        return True


class TestMiniMax(_Recorded, MiniMaxSuite):
    pass


class TestMiniMaxM3(_Recorded, MiniMaxM3Suite):
    pass


class TestMARA(_Recorded, MARASuite):
    pass
