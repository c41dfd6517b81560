"""Calls that a server left in the text of an answer, in the markup of the model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from llama_index.core.base.llms.types import ChatResponse
from llama_index.core.tools import FunctionTool

from llama_index_mara_minimax import MiniMax
from mara_minimax.emulator import Emulator
from mara_minimax.encoded_request import LeakedToolCallWarning
from mara_minimax.errors import LeakedToolCallError


def get_weather(city: str) -> str:
    """Return the weather of a city."""
    return f"Sun in {city}."


TOOLS = [FunctionTool.from_defaults(get_weather)]


@pytest.fixture(params=["tools-leaked-markup", "tools-leaked-markup-m3"])
def leaking(request: pytest.FixtureRequest, server: Emulator) -> Emulator:
    """A server that leaves calls in the text, in either dialect."""
    server.scenario = request.param
    return server


def ask(llm: MiniMax, stream: bool) -> ChatResponse:
    if stream:
        return list(llm.stream_chat_with_tools(TOOLS, "Weather in Paris?"))[-1]
    return llm.chat_with_tools(TOOLS, "Weather in Paris?")


@pytest.mark.usefixtures("leaking")
def test_by_default_markup_is_text_with_a_mark_and_a_warning(llm: MiniMax, stream: bool) -> None:
    with pytest.warns(LeakedToolCallWarning, match="calls nothing"):
        response = ask(llm, stream)
    assert response.additional_kwargs["leaked_tool_calls"] is True
    assert response.message.additional_kwargs == {"leaked_tool_calls": True}
    assert '<invoke name="get_weather">' in (response.message.content or "")
    assert llm.get_tool_calls_from_response(response, error_on_no_tool_call=False) == []


@pytest.mark.usefixtures("leaking")
def test_markup_can_be_refused(make_llm: Callable[..., MiniMax], stream: bool) -> None:
    with pytest.raises(LeakedToolCallError) as caught:
        ask(make_llm(leaked_tool_calls="error"), stream)
    assert caught.value.text.startswith("I look it up.\n")
    assert '<invoke name="get_weather">' in caught.value.text


@pytest.mark.usefixtures("leaking")
def test_markup_can_be_taken_for_calls(make_llm: Callable[..., MiniMax], stream: bool) -> None:
    llm = make_llm(leaked_tool_calls="parse")
    response = ask(llm, stream)
    (selection,) = llm.get_tool_calls_from_response(response)
    assert (selection.tool_name, list(selection.tool_kwargs)) == ("get_weather", ["city"])
    assert response.message.content == "I look it up.\n"
    assert response.additional_kwargs["finish_reason"] == "tool_calls"
    assert "leaked_tool_calls" not in response.additional_kwargs


def test_a_call_that_was_taken_goes_back_as_a_call(
    make_llm: Callable[..., MiniMax], leaking: Emulator
) -> None:
    response = make_llm(leaked_tool_calls="parse").predict_and_call(TOOLS, "Weather in Paris?")
    assert str(response.response).startswith("Sun in ")
    sent: list[dict[str, Any]] = leaking.last_body["messages"]
    assert len(sent) == 1
