"""LangChain's integration suite with what is true of each provider and model."""

from __future__ import annotations

import base64
from types import SimpleNamespace
from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, HumanMessage
from langchain_tests.integration_tests import ChatModelIntegrationTests

from langchain_mara_minimax import ChatMARA, ChatMiniMax

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5E"
    "rkJggg=="
)


class Suite(ChatModelIntegrationTests):
    """The suite; `base_url` is where the provider is."""

    base_url: str
    api_key = "k"
    provider: str
    model_name: str

    @pytest.fixture(autouse=True)
    def _local_image(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The suite downloads its picture; a local one serves as well."""
        picture = SimpleNamespace(content=PIXEL)
        monkeypatch.setattr("httpx.get", lambda url, **_: picture)

    @property
    def chat_model_params(self) -> dict[str, Any]:
        return {"model": self.model_name, "api_key": self.api_key, "base_url": self.base_url}

    @property
    def standard_chat_model_params(self) -> dict[str, Any]:
        return {"timeout": 20, "max_retries": 0}

    @property
    def supports_json_mode(self) -> bool:
        return True

    @property
    def supports_anthropic_inputs(self) -> bool:
        return True

    @property
    def supported_usage_metadata_details(self) -> dict[Any, list[Any]]:
        details = ["reasoning_output", "cache_read_input"]
        return {"invoke": details, "stream": details}

    def invoke_with_reasoning_output(self, *, stream: bool = False) -> AIMessage:
        return self._ask([HumanMessage("What is 6*7?")], stream=stream)

    def invoke_with_cache_read_input(self, *, stream: bool = False) -> AIMessage:
        long = HumanMessage("Remember these numbers: " + " ".join(map(str, range(600))))
        self._ask([long], stream=stream)
        return self._ask([long], stream=stream)

    def _ask(self, messages: list[Any], *, stream: bool) -> AIMessage:
        model = self.chat_model_class(**self.standard_chat_model_params, **self.chat_model_params)
        # With `stream`, `invoke` answers with the merged chunks.
        answer = model.invoke(messages, stream=stream)
        assert isinstance(answer, AIMessage)
        return answer


class MiniMaxSuite(Suite):
    """MiniMax's text models, which call tools but cannot be forced to."""

    provider = "minimax"
    model_name = "MiniMax-M2"

    @property
    def chat_model_class(self) -> type[BaseChatModel]:
        return ChatMiniMax

    @property
    def has_tool_choice(self) -> bool:
        return False

    @property
    def model_override_value(self) -> str:
        return "MiniMax-M2.1"


class MiniMaxM3Suite(MiniMaxSuite):
    """MiniMax's models that see."""

    model_name = "MiniMax-M3"

    @property
    def supports_image_tool_message(self) -> bool:
        return True

    @property
    def supports_image_inputs(self) -> bool:
        return True

    @property
    def supports_image_urls(self) -> bool:
        return True


@pytest.mark.filterwarnings("ignore:MARA Cloud. cache_control")
class MARASuite(Suite):
    """MARA Cloud, where a forced tool call is forced."""

    provider = "mara"
    model_name = "MiniMax-M2.5"

    @property
    def chat_model_class(self) -> type[BaseChatModel]:
        return ChatMARA

    @property
    def supported_usage_metadata_details(self) -> dict[Any, list[Any]]:
        # Replies of this stack count no reasoning tokens.
        return {"invoke": ["cache_read_input"], "stream": ["cache_read_input"]}

    @property
    def has_tool_choice(self) -> bool:
        return True

    @property
    def model_override_value(self) -> str:
        return "MiniMax-M2.7"
