"""Histories from elsewhere: names and arguments survive, calls and results stay paired."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
from llama_index.core.agent.workflow import FunctionAgent
from llama_index.core.base.llms.types import ChatResponse
from llama_index.core.memory import ChatMemoryBuffer
from llama_index.core.tools import FunctionTool

from llama_index_mara_minimax import MARA, MiniMax
from mara_minimax.emulator import Emulator
from mara_minimax.encoded_request import HistoryWarning
from tests.foreign_form import ForeignForm, check_request
from tests.llama_index.foreign_forms import LLAMA_INDEX_FORMS
from tests.llama_index.turns import run_agent

SETTINGS: Any = {"api_key": "sk-test-0123456789abcdef", "max_retries": 0}


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
        check_request(form, emulator, found)


@pytest.mark.parametrize(
    "form", [form for form in LLAMA_INDEX_FORMS if len(form.messages) == 3], ids=str
)
def test_llama_index_selects_the_tool_that_a_foreign_message_calls(form: ForeignForm) -> None:
    llm = MiniMax(**SETTINGS)
    response = ChatResponse(message=form.messages[1])
    (selection,) = llm.get_tool_calls_from_response(response)
    assert selection.tool_name == "get_weather"
    assert selection.tool_kwargs == {"city": "Paris"}


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
