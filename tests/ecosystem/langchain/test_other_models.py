"""A thread that began with these models goes on with those of others, without its thoughts."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_anthropic import ChatAnthropic
from langchain_core.messages import HumanMessage, ToolMessage
from langchain_google_genai import ChatGoogleGenerativeAI

from tests.ecosystem.langchain.weather import CALL, get_weather


def to_anthropic(messages: list[Any]) -> Any:
    return ChatAnthropic(model="claude", api_key="k")._get_request_payload(messages)["messages"]


def to_gemini(messages: list[Any]) -> Any:
    model = ChatGoogleGenerativeAI(model="gemini", api_key="k")
    return model._prepare_request(messages)["contents"]


@pytest.mark.parametrize("version", ["v0", "v1"])
@pytest.mark.parametrize("send", [to_anthropic, to_gemini])
def test_another_model_is_sent_text_and_calls(
    chat: Any, says: Any, send: Any, version: str
) -> None:
    says(CALL)
    chat = chat.model_copy(update={"output_version": version})
    question = HumanMessage("What is the weather in Oslo?")
    called = chat.bind_tools([get_weather]).invoke([question])
    result = ToolMessage("Rain in Oslo.", tool_call_id=called.tool_calls[0]["id"])
    sent = str(send([question, called, result]))
    assert "get_weather" in sent
    assert "Rain in Oslo." in sent
    assert "trap" not in sent
