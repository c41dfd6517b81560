"""LangChain's own integration suite again, from cassettes and without any network.

The cassettes were recorded against the emulator, as their path says; `make record` does it
again. They replay with every version of the openai SDK.
"""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from vcr.cassette import Cassette

from mara_minimax.emulator import Emulator
from tests import recording
from tests.langchain.standard import MARASuite, MiniMaxM3Suite, MiniMaxSuite

pytestmark = [pytest.mark.vcr, pytest.mark.block_network]


@pytest.fixture(scope="module")
def recorded_servers(record_mode: str) -> Iterator[dict[str, Emulator]]:
    """The emulators to record from; none when replaying."""
    with recording.emulators(record_mode) as servers:
        yield servers


@pytest.fixture
def base_url(
    request: pytest.FixtureRequest, record_mode: str, recorded_servers: dict[str, Emulator]
) -> str:
    provider: str = request.cls.provider
    if (live := recording.live_provider()) and provider != live:
        pytest.skip(f"recording from {live}")
    return recording.server_url(provider, record_mode, recorded_servers)


@pytest.fixture(scope="module")
def vcr_cassette_dir() -> str:
    return str(recording.cassettes("langchain"))


@pytest.fixture
def vcr_config(request: pytest.FixtureRequest, base_url: str) -> dict[str, Any]:
    return {
        **recording.vcr_config(base_url, request.cls.provider),
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
    api_key: str
    provider: str

    @pytest.fixture(autouse=True)
    def _server(self, base_url: str) -> None:
        type(self).base_url = base_url
        type(self).api_key = recording.api_key(type(self).provider)

    @property
    def enable_vcr_tests(self) -> bool:
        return True


class TestMiniMax(_Recorded, MiniMaxSuite):
    pass


class TestMiniMaxM3(_Recorded, MiniMaxM3Suite):
    pass


class TestMARA(_Recorded, MARASuite):
    pass
