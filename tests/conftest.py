"""What all tests share: an environment without keys and URLs, and the emulated providers."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator

import pytest
from hypothesis import settings
from vcr import VCR

from mara_minimax.emulator import Emulator
from mara_minimax.request import warnings as request_warnings
from mara_minimax.transport import pools
from tests import recording

# A busy machine is no failure; properties are about values, not about speed.
settings.register_profile("project", deadline=None)
settings.load_profile("project")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let any test run with its async calls over aiohttp."""
    parser.addoption("--transport", choices=["httpx", "aiohttp"], default="httpx")


def pytest_configure(config: pytest.Config) -> None:
    """Let the transport that calls have by default be the one that is asked for."""
    pools._ASYNC_OPTIONS["httpx"] = pools._ASYNC_OPTIONS[config.getoption("--transport")]
    # Collection makes a million objects, all of which stay: nothing to look for among them.
    gc.disable()


def pytest_collection_finish() -> None:
    """Leave what frameworks and tests hold for good out of all later collections of garbage."""
    gc.freeze()
    gc.enable()


def pytest_recording_configure(config: pytest.Config, vcr: VCR) -> None:
    """Let pytest-recording write and match cassettes as `recording.py` says."""
    vcr.register_serializer("yaml", recording.Yaml)
    vcr.register_matcher("json", recording.same_body)


@pytest.fixture(autouse=True)
def _no_provider_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("MINIMAX_", "MARA_", "LLMPROVIDER_", "OPENAI_")):
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _no_warning_was_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_warnings, "_given", set())


@pytest.fixture(scope="session")
def _emulators() -> Iterator[dict[str, Emulator]]:
    with Emulator("minimax") as minimax, Emulator("mara") as mara:
        yield {"minimax": minimax, "mara": mara}


@pytest.fixture
def server(_emulators: dict[str, Emulator]) -> Emulator:
    """The emulated MiniMax, with nothing recorded."""
    return _cleared(_emulators["minimax"])


@pytest.fixture
def mara_server(_emulators: dict[str, Emulator]) -> Emulator:
    """The emulated MARA Cloud, with nothing recorded."""
    return _cleared(_emulators["mara"])


def _cleared(emulator: Emulator) -> Emulator:
    emulator.clear()
    emulator.scenario = "default"
    return emulator
