"""Across the frameworks: LangChain's classes as an LLM, and LlamaIndex's tools for its agents."""

from __future__ import annotations

from typing import Any

import pytest
from langchain.agents import create_agent
from llama_index.core import SummaryIndex
from llama_index.core.base.llms.types import ChatMessage
from llama_index.core.schema import TextNode
from llama_index.core.tools import FunctionTool
from llama_index.llms.langchain import LangChainLLM

from langchain_mara_minimax import ChatMARA, ChatMiniMax
from mara_minimax.emulator import ToolCall
from tests.ecosystem.conftest import HEADER, KEY

ANSWER = "It rains in Oslo."


@pytest.fixture
def model(emulator: Any) -> ChatMiniMax | ChatMARA:
    """LangChain's class of the provider."""
    cls = {"minimax": ChatMiniMax, "mara": ChatMARA}[emulator.provider]
    return cls(
        api_key=KEY,
        base_url=emulator.base_url,
        default_headers={"x-proxy": HEADER},
        max_retries=0,
    )


@pytest.mark.parametrize("form", ["chat", "achat", "stream_chat", "complete"])
async def test_a_langchain_model_answers_as_an_llm(form: str, model: Any, says: Any) -> None:
    says(ANSWER)
    llm = LangChainLLM(llm=model)
    question = [ChatMessage(role="user", content="How is the weather?")]
    if form == "complete":
        text = llm.complete("How is the weather?").text
    elif form == "stream_chat":
        text = "".join(response.delta or "" for response in llm.stream_chat(question))
    else:
        response = await llm.achat(question) if form == "achat" else llm.chat(question)
        text = response.message.content
    assert text.strip() == ANSWER


def test_a_query_engine_answers_with_a_langchain_model(model: Any, says: Any, llm: Any) -> None:
    says(ANSWER)
    index = SummaryIndex([TextNode(text="Rain in Oslo.")])
    assert index.as_query_engine(llm=LangChainLLM(llm=model)).query("Weather?").response == ANSWER


def test_an_agent_of_langchain_calls_a_tool_of_llama_index(
    model: Any, says: Any, prompts: Any
) -> None:
    def get_weather(city: str) -> str:
        """Say what the weather is in a city."""
        return f"Rain in {city}."

    says(ToolCall("get_weather", {"city": "Oslo"}), ANSWER)
    tool = FunctionTool.from_defaults(get_weather).to_langchain_structured_tool()
    state = create_agent(model, tools=[tool]).invoke({"messages": [("human", "Weather?")]})
    assert state["messages"][-1].text == ANSWER
    assert prompts() == ["Weather?", "Rain in Oslo."]
