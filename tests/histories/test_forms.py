"""Histories from elsewhere: names and arguments survive, calls and results stay paired."""

from __future__ import annotations

import json
import warnings
from typing import Any

import pytest
from langchain.agents import create_agent
from langchain_core.messages import HumanMessage, messages_from_dict, messages_to_dict
from langchain_core.tools import tool as langchain_tool
from langgraph.checkpoint.memory import InMemorySaver
from llama_index.core.agent.workflow import FunctionAgent
from llama_index.core.base.llms.types import ChatResponse
from llama_index.core.memory import ChatMemoryBuffer
from llama_index.core.tools import FunctionTool

from langchain_mara_minimax import ChatMARA, ChatMiniMax
from llama_index_mara_minimax import MARA, MiniMax
from mara_minimax.emulator import Emulator
from mara_minimax.encoded_request import HistoryWarning
from tests.histories.form import ForeignForm
from tests.histories.langchain_forms import LANGCHAIN_FORMS
from tests.histories.llama_index_forms import LLAMA_INDEX_FORMS
from tests.llama_index.turns import run_agent

pytestmark = pytest.mark.filterwarnings("always::mara_minimax.encoded_request.HistoryWarning")


@langchain_tool
def get_weather(city: str) -> str:
    """Tell the weather in a city."""
    return f"Sunny in {city}."


SETTINGS: Any = {"api_key": "sk-test-0123456789abcdef", "max_retries": 0}


def _check(form: ForeignForm, emulator: Emulator, found: list[Any]) -> None:
    """What is sent is what the form says, and what is left out is warned of."""
    (request,) = emulator.requests
    sent = [
        {name: value for name, value in message.items() if value is not None}
        for message in request.body["messages"]
    ]
    expected = form.sent
    if emulator.provider == "mara":
        expected = [_at_mara(message) for message in form.sent]
    assert sent == expected
    named = [str(each.message) for each in found if each.category is HistoryWarning]
    assert bool(named) is bool(form.left_out)
    assert all(form.left_out in text for text in named)


def _at_mara(message: dict[str, Any]) -> dict[str, Any]:
    """The same message with reasoning in the form of the other host."""
    details = message.get("reasoning_details")
    if details is None:
        return message
    rest = {name: value for name, value in message.items() if name != "reasoning_details"}
    return {**rest, "reasoning": details[0]["text"]}


@pytest.mark.parametrize("form", LANGCHAIN_FORMS, ids=str)
@pytest.mark.parametrize("stored", [False, True])
def test_langchain_sends_what_the_table_says(
    form: ForeignForm, stored: bool, server: Emulator, mara_server: Emulator
) -> None:
    messages = form.messages
    if stored:
        messages = messages_from_dict(json.loads(json.dumps(messages_to_dict(messages))))
    for model, emulator in (
        (ChatMiniMax(base_url=server.base_url, **SETTINGS), server),
        (ChatMARA(base_url=mara_server.base_url, **SETTINGS), mara_server),
    ):
        with warnings.catch_warnings(record=True) as found:
            warnings.simplefilter("always", HistoryWarning)
            model.invoke(messages)
        _check(form, emulator, found)


@pytest.mark.parametrize("form", LLAMA_INDEX_FORMS, ids=str)
def test_llama_index_sends_what_the_table_says(
    form: ForeignForm, server: Emulator, mara_server: Emulator
) -> None:
    memory = ChatMemoryBuffer.from_defaults(chat_history=form.messages)
    for llm, emulator in (
        (MiniMax(base_url=server.base_url, **SETTINGS), server),
        (MARA(base_url=mara_server.base_url, **SETTINGS), mara_server),
    ):
        with warnings.catch_warnings(record=True) as found:
            warnings.simplefilter("always", HistoryWarning)
            llm.chat(memory.get_all())
        _check(form, emulator, found)


@pytest.mark.parametrize(
    "form", [form for form in LLAMA_INDEX_FORMS if len(form.messages) == 3], ids=str
)
def test_llama_index_selects_the_tool_that_a_foreign_message_calls(form: ForeignForm) -> None:
    llm = MiniMax(**SETTINGS)
    response = ChatResponse(message=form.messages[1])
    (selection,) = llm.get_tool_calls_from_response(response)
    assert selection.tool_name == "get_weather"
    assert selection.tool_kwargs == {"city": "Paris"}


@pytest.mark.parametrize("form", LANGCHAIN_FORMS, ids=str)
@pytest.mark.filterwarnings("ignore::mara_minimax.encoded_request.HistoryWarning")
def test_an_agent_takes_over_from_another_model_and_its_checkpoint(
    form: ForeignForm, server: Emulator
) -> None:
    model = ChatMiniMax(base_url=server.base_url, **SETTINGS)
    agent = create_agent(model, [get_weather], checkpointer=InMemorySaver())
    config: Any = {"configurable": {"thread_id": "1"}}
    for question in ("And Oslo?", "And Rome?"):
        history = form.messages if question == "And Oslo?" else []
        agent.invoke({"messages": [*history, HumanMessage(question)]}, config)
    assert len(server.requests) == 2
    for request in server.requests:
        assert request.body["messages"][: len(form.sent)] == form.sent


@pytest.mark.parametrize("form", LLAMA_INDEX_FORMS, ids=str)
@pytest.mark.filterwarnings("ignore::mara_minimax.encoded_request.HistoryWarning")
def test_a_function_agent_takes_over_from_another_model(
    form: ForeignForm, server: Emulator
) -> None:
    llm = MiniMax(base_url=server.base_url, **SETTINGS)
    tool = FunctionTool.from_defaults(lambda city: city, name="get_weather", description="Look.")
    agent = FunctionAgent(llm=llm, tools=[tool], streaming=False)
    run_agent(agent, "And Oslo?", chat_history=form.messages)
    (request,) = server.requests
    assert request.body["messages"][: len(form.sent)] == form.sent
