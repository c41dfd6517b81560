"""LangChain's own integration suite, against the emulator: no model, but the real wire."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_tests.integration_tests import ChatModelIntegrationTests

from langchain_mara_minimax import ChatMARA, ChatMiniMax
from mara_minimax.emulator import Emulator


class _Suite(ChatModelIntegrationTests):
    server: Emulator

    @property
    def supports_json_mode(self) -> bool:
        return True

    @property
    def supports_anthropic_inputs(self) -> bool:
        return True


class TestMiniMax(_Suite):
    @pytest.fixture(autouse=True)
    def _server(self, server: Emulator) -> None:
        type(self).server = server

    @property
    def chat_model_class(self) -> type[BaseChatModel]:
        return ChatMiniMax

    @property
    def chat_model_params(self) -> dict[str, Any]:
        return {"model": "MiniMax-M2", "api_key": "k", "base_url": self.server.base_url}

    @property
    def standard_chat_model_params(self) -> dict[str, Any]:
        return {"timeout": 20, "max_retries": 0}

    @property
    def has_tool_choice(self) -> bool:
        return False

    @property
    def model_override_value(self) -> str:
        return "MiniMax-M2.1"


class TestMARA(_Suite):
    @pytest.fixture(autouse=True)
    def _server(self, mara_server: Emulator) -> None:
        type(self).server = mara_server

    @property
    def chat_model_class(self) -> type[BaseChatModel]:
        return ChatMARA

    @property
    def chat_model_params(self) -> dict[str, Any]:
        return {"model": "MiniMax-M2.5", "api_key": "k", "base_url": self.server.base_url}

    @property
    def standard_chat_model_params(self) -> dict[str, Any]:
        return {"timeout": 20, "max_retries": 0}

    @property
    def has_tool_choice(self) -> bool:
        return True

    @property
    def model_override_value(self) -> str:
        return "MiniMax-M2.7"
