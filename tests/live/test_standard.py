"""LangChain's integration suite against real providers."""

from __future__ import annotations

import pytest

from tests.langchain.standard import MARASuite, MiniMaxM3Suite, MiniMaxSuite, Suite
from tests.live.asking import Host

pytestmark = pytest.mark.live


def _talk_to(suite: type[Suite], host: Host) -> None:
    suite.base_url, suite.api_key = host.base_url, host.api_key


class TestMiniMax(MiniMaxSuite):
    @pytest.fixture(autouse=True)
    def _server(self, minimax: Host) -> None:
        _talk_to(type(self), minimax)


class TestMiniMaxM3(MiniMaxM3Suite):
    @pytest.fixture(autouse=True)
    def _server(self, minimax: Host) -> None:
        _talk_to(type(self), minimax)


class TestMARA(MARASuite):
    @pytest.fixture(autouse=True)
    def _server(self, mara: Host) -> None:
        _talk_to(type(self), mara)
