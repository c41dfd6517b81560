"""Objects as answers of agents and graphs, whatever form the model gives them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from langchain.agents import create_agent
from langchain.agents.structured_output import ProviderStrategy, ToolStrategy
from langgraph.prebuilt import create_react_agent
from pydantic import BaseModel

from mara_minimax.emulator import ToolCall
from mara_minimax.errors import IgnoredToolChoiceError
from tests.ecosystem.langchain.weather import CALL, QUESTION, get_weather


class Weather(BaseModel):
    """The weather in a city."""

    city: str
    degrees: float


FOUND = Weather(city="Oslo", degrees=3)
TEXT = json.dumps(FOUND.model_dump())
FORMS = {
    "call": ToolCall("Weather", FOUND.model_dump()),
    "text": TEXT,
    "fence": f"```json\n{TEXT}\n```",
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("tools", [[], [get_weather]], ids=["alone", "with a tool"])
def test_an_agent_answers_with_an_object(
    chat: Any, says: Any, emulator: Any, form: str, tools: Any
) -> None:
    says(*([CALL] if tools else []), FORMS[form])
    result = create_agent(chat, tools, response_format=ToolStrategy(Weather)).invoke(QUESTION)
    assert result["structured_response"] == FOUND
    offered = [each["function"]["name"] for each in emulator.last_body["tools"]]
    assert offered == [*(each.name for each in tools), "Weather"]


def test_an_agent_that_is_answered_in_words_gives_up(chat: Any, says: Any) -> None:
    says("It rains.", "It rains.", "It rains.")
    agent = create_agent(chat, response_format=ToolStrategy(Weather))
    with pytest.raises(IgnoredToolChoiceError) as raised:
        agent.invoke(QUESTION)
    assert raised.value.text == "It rains."


@pytest.mark.parametrize("form", ["text", "fence"])
def test_the_strategy_of_providers_reads_text(chat: Any, says: Any, form: str) -> None:
    says(CALL, FORMS[form])
    strategy = ProviderStrategy(Weather)
    result = create_agent(chat, [get_weather], response_format=strategy).invoke(QUESTION)
    assert result["structured_response"] == FOUND


@pytest.mark.filterwarnings("ignore:create_react_agent has been moved")
@pytest.mark.parametrize("form", FORMS)
def test_the_older_agent_asks_for_the_object_at_its_end(chat: Any, says: Any, form: str) -> None:
    says(CALL, "It has 3 degrees in Oslo.", FORMS[form])
    result = create_react_agent(chat, [get_weather], response_format=Weather).invoke(QUESTION)
    assert result["structured_response"] == FOUND
