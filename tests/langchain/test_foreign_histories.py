"""Histories from elsewhere: names and arguments survive, calls and results stay paired."""

from __future__ import annotations

import json
import warnings
from typing import Any

import pytest
from langchain.agents import create_agent
from langchain_core.messages import HumanMessage, messages_from_dict, messages_to_dict
from langchain_core.tools import tool
from langgraph.checkpoint.memory import InMemorySaver

from langchain_mara_minimax import ChatMARA, ChatMiniMax
from mara_minimax.emulator import Emulator
from mara_minimax.encoded_request import HistoryWarning
from tests.foreign_form import ForeignForm, check_request
from tests.langchain.foreign_forms import LANGCHAIN_FORMS

SETTINGS: Any = {"api_key": "sk-test-0123456789abcdef", "max_retries": 0}


@tool
def get_weather(city: str) -> str:
    """Tell the weather in a city."""
    return f"Sunny in {city}."


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
        check_request(form, emulator, found)


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
