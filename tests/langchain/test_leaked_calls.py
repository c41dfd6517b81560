"""Calls that a server left in the text of an answer, in the markup of the model."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import pytest
from langchain_core import exceptions
from langchain_core.messages import AIMessage
from langchain_core.tools import tool

from langchain_mara_minimax import ChatMiniMax
from mara_minimax.emulator import Emulator
from mara_minimax.encoded_request import LeakedToolCallWarning
from mara_minimax.errors import LeakedToolCallError

Call = Callable[..., AIMessage]


@tool
def get_weather(city: str) -> str:
    """Return the weather of a city."""
    return f"Sun in {city}."


@pytest.fixture(params=["tools-leaked-markup", "tools-leaked-markup-m3"])
def leaking(request: pytest.FixtureRequest, server: Emulator) -> Emulator:
    """A server that leaves calls in the text, in either dialect."""
    server.scenario = request.param
    return server


@pytest.mark.usefixtures("leaking")
def test_by_default_markup_is_text_with_a_mark_and_a_warning(
    make_model: Callable[..., ChatMiniMax], call: Call
) -> None:
    model = make_model().bind_tools([get_weather])
    with pytest.warns(LeakedToolCallWarning, match="calls nothing"):
        message = call(model, "Weather in Paris?")
    assert message.response_metadata["leaked_tool_calls"] is True
    assert '<invoke name="get_weather">' in message.text
    assert message.tool_calls == []


@pytest.mark.usefixtures("leaking")
def test_one_warning_is_given_however_often_it_happens(
    make_model: Callable[..., ChatMiniMax], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mara_minimax.request.warnings._given", set())
    model = make_model().bind_tools([get_weather])
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("default")
        model.invoke("Weather in Paris?")
        model.invoke("Weather in Paris?")
    assert [w.category for w in found] == [LeakedToolCallWarning]


@pytest.mark.usefixtures("leaking")
def test_markup_can_be_refused(make_model: Callable[..., ChatMiniMax], call: Call) -> None:
    model = make_model(leaked_tool_calls="error").bind_tools([get_weather])
    with pytest.raises(LeakedToolCallError) as caught:
        call(model, "Weather in Paris?")
    assert isinstance(caught.value, exceptions.ModelAPIError)
    assert caught.value.text.startswith("I look it up.\n")
    assert '<invoke name="get_weather">' in caught.value.text


@pytest.mark.usefixtures("leaking")
def test_markup_can_be_taken_for_calls(make_model: Callable[..., ChatMiniMax], call: Call) -> None:
    model = make_model(leaked_tool_calls="parse").bind_tools([get_weather])
    message = call(model, "Weather in Paris?")
    ((name, arguments),) = [(c["name"], c["args"]) for c in message.tool_calls]
    assert (name, list(arguments)) == ("get_weather", ["city"])
    assert message.text == "I look it up.\n"
    assert message.response_metadata["finish_reason"] == "tool_calls"
    assert "leaked_tool_calls" not in message.response_metadata


def test_a_call_that_was_taken_goes_back_as_a_call(
    make_model: Callable[..., ChatMiniMax], leaking: Emulator
) -> None:
    from langchain.agents import create_agent

    agent = create_agent(make_model(leaked_tool_calls="parse"), [get_weather])
    state = agent.invoke({"messages": [("user", "What is the weather in Paris?")]})
    assert [message.type for message in state["messages"]] == ["human", "ai", "tool", "ai"]
    sent: list[dict[str, Any]] = leaking.last_body["messages"]
    assert [called["function"]["name"] for called in sent[1]["tool_calls"]] == ["get_weather"]
    assert "invoke" not in sent[1]["content"]


def test_another_value_is_refused(make_model: Callable[..., ChatMiniMax]) -> None:
    with pytest.raises(ValueError, match="leaked_tool_calls"):
        make_model(leaked_tool_calls="run")
