"""LangChain's own integration suite, against the emulator: no model, but the real wire."""

from __future__ import annotations

import pytest

from mara_minimax.emulator import Emulator
from tests.langchain.standard import MARASuite, MiniMaxM3Suite, MiniMaxSuite


class TestMiniMax(MiniMaxSuite):
    @pytest.fixture(autouse=True)
    def _server(self, server: Emulator) -> None:
        type(self).base_url = server.base_url


class TestMiniMaxM3(MiniMaxM3Suite):
    @pytest.fixture(autouse=True)
    def _server(self, server: Emulator) -> None:
        type(self).base_url = server.base_url


class TestMARA(MARASuite):
    @pytest.fixture(autouse=True)
    def _server(self, mara_server: Emulator) -> None:
        type(self).base_url = mara_server.base_url
