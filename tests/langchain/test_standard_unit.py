"""LangChain's own unit suite for chat models."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_tests.unit_tests import ChatModelUnitTests
from syrupy.assertion import SnapshotAssertion

from langchain_mara_minimax import ChatMARA, ChatMiniMax


class _Suite(ChatModelUnitTests):
    @property
    def has_structured_output(self) -> bool:
        return True

    @property
    def supports_json_mode(self) -> bool:
        return True

    @property
    def returns_usage_metadata(self) -> bool:
        return True

    @pytest.mark.xfail(
        raises=ValueError,
        reason="allowed_objects='all' means LangChain's own table of classes, which no other "
        "package can enter; test_serialization.py loads with the class named instead",
    )
    def test_serdes(self, model: BaseChatModel, snapshot: SnapshotAssertion) -> None:
        super().test_serdes(model, snapshot)


class TestMiniMax(_Suite):
    @property
    def chat_model_class(self) -> type[BaseChatModel]:
        return ChatMiniMax

    @property
    def chat_model_params(self) -> dict[str, Any]:
        return {"model": "MiniMax-M2", "api_key": "test"}

    @property
    def init_from_env_params(self) -> tuple[dict[str, str], dict[str, Any], dict[str, Any]]:
        return (
            {"MINIMAX_API_KEY": "env-key", "MINIMAX_BASE_URL": "https://example.com/v1"},
            {},
            {"api_key": "env-key", "base_url": "https://example.com/v1", "model": "MiniMax-M2"},
        )


class TestLLMProvider(_Suite):
    @property
    def chat_model_class(self) -> type[BaseChatModel]:
        return ChatMiniMax

    @property
    def chat_model_params(self) -> dict[str, Any]:
        return {"endpoint": "llmprovider", "api_key": "test"}

    @property
    def init_from_env_params(self) -> tuple[dict[str, str], dict[str, Any], dict[str, Any]]:
        return (
            {"LLMPROVIDER_API_KEY": "env-key"},
            {"endpoint": "llmprovider"},
            {"api_key": "env-key", "model": "abab5.5-chat"},
        )


class TestMARA(_Suite):
    @property
    def chat_model_class(self) -> type[BaseChatModel]:
        return ChatMARA

    @property
    def chat_model_params(self) -> dict[str, Any]:
        return {"model": "MiniMax-M2.5", "api_key": "test"}

    @property
    def init_from_env_params(self) -> tuple[dict[str, str], dict[str, Any], dict[str, Any]]:
        return (
            {"MARA_API_KEY": "env-key", "MARA_BASE_URL": "https://example.com/v1"},
            {},
            {"api_key": "env-key", "base_url": "https://example.com/v1", "model": "MiniMax-M2.5"},
        )


@pytest.fixture(autouse=True)
def _keys_for_serialization(monkeypatch: pytest.MonkeyPatch) -> None:
    for provider in ("MINIMAX", "MARA", "LLMPROVIDER"):
        monkeypatch.setenv(f"{provider}_API_KEY", "test")
