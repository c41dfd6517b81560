"""Calls that have to be made: which tools run code, and replies that make no call."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from langchain.agents import create_agent
from langchain_core.exceptions import ModelAPIError
from langchain_core.messages import AIMessage, HumanMessage
from langchain_core.tools import BaseTool, StructuredTool, tool
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.errors import GraphRecursionError
from pydantic import BaseModel

from langchain_mara_minimax import ChatMARA, ChatMiniMax
from langchain_mara_minimax.messages import to_wire_messages
from langchain_mara_minimax.tools import names_without_code
from mara_minimax import errors
from mara_minimax.emulator import Emulator
from mara_minimax.providers.endpoints import MINIMAX

Call = Callable[..., AIMessage]


class Report(BaseModel):
    """A weather report."""

    summary: str


@tool
def get_weather(city: str) -> str:
    """Tell the weather in a city."""
    return f"Sunny in {city}."


async def _coroutine(city: str) -> str:
    return city


class Remote(StructuredTool):
    """A tool that runs code of its class."""

    def _run(self, *args: Any, **kwargs: Any) -> str:
        return "ran"


DESCRIBED = {"description": "x", "args_schema": Report.model_json_schema()}
NO_CODE = StructuredTool(name="Report", **DESCRIBED)


@pytest.mark.parametrize(
    ("given", "names"),
    [
        (NO_CODE, ["Report"]),
        (StructuredTool.from_function(coroutine=_coroutine, name="a", description="x"), []),
        (Remote(name="Report", **DESCRIBED), []),
        (get_weather, []),
        (Report, []),
        (cast("Any", get_weather).func, []),
        ({"type": "function", "function": {"name": "Report", "parameters": {}}}, []),
        ({"type": "web_search"}, []),
    ],
)
def test_only_a_structured_tool_without_functions_runs_no_code(
    given: BaseTool, names: list[str]
) -> None:
    assert names_without_code([given]) == names


def test_which_tools_run_no_code_is_bound_and_not_sent(
    model: ChatMiniMax, server: Emulator
) -> None:
    bound: Any = model.bind_tools([get_weather, NO_CODE], tool_choice="any")
    assert bound.kwargs["tools_without_code"] == ["Report"]
    assert "tools_without_code" not in model.bind_tools([get_weather]).kwargs  # type: ignore[attr-defined]
    bound.invoke("Weather in Paris?")
    assert "without_code" not in json.dumps(server.last_body)


def test_more_tools_beside_a_schema_run_code(mara: ChatMARA) -> None:
    structured: Any = mara.with_structured_output(Report, tools=[get_weather])
    assert structured.first.kwargs["tools_without_code"] == ["Report"]
    assert [tool["function"]["name"] for tool in structured.first.kwargs["tools"]] == [
        "Report",
        "get_weather",
    ]


def test_a_reply_that_had_to_be_a_call_says_that_it_is_none(
    model: ChatMiniMax, server: Emulator, call: Call, canned: Any, turns: Any
) -> None:
    server.enqueue(canned(turns(text=("I will ", "not."))))
    message = call(model.bind_tools([get_weather], tool_choice="any"), "Weather in Paris?")
    assert message.additional_kwargs == {"ignored_tool_choice": True}
    (wire,) = to_wire_messages([message], MINIMAX)
    assert wire["ignored_tool_choice"] is True


@pytest.mark.parametrize("choice", ["any", None])
def test_other_replies_do_not(
    choice: str | None, model: ChatMiniMax, server: Emulator, call: Call, canned: Any, turns: Any
) -> None:
    calls = (("get_weather", '{"city": "Paris"}'),) if choice else ()
    server.enqueue(canned(turns(text=("Well.",), calls=calls)))
    message = call(model.bind_tools([get_weather], tool_choice=choice), "Weather in Paris?")
    assert "ignored_tool_choice" not in message.additional_kwargs


def test_only_the_own_mark_counts() -> None:
    message = AIMessage("No.", additional_kwargs={"ignored_tool_choice": "yes"})
    (wire,) = to_wire_messages([message], MINIMAX)
    assert "ignored_tool_choice" not in wire


def test_a_choice_that_three_replies_ignored_is_an_error_of_langchain_too(
    model: ChatMiniMax, server: Emulator, call: Call, canned: Any, turns: Any
) -> None:
    bound = model.bind_tools([get_weather, NO_CODE], tool_choice="any")
    history: list[Any] = [HumanMessage("Weather in Paris?")]
    for _ in range(3):
        server.enqueue(canned(turns(text=("I will not.",))))
        history.append(call(bound, history))
    with pytest.raises(ModelAPIError, match="'get_weather' or 'Report'") as caught:
        call(bound, history)
    assert isinstance(caught.value, errors.IgnoredToolChoiceError)
    assert caught.value.text == "I will not."
    assert caught.value.tools == ("get_weather", "Report")
    assert not caught.value.is_retryable
    assert len(server.requests) == 3
    assert "ignored" not in json.dumps([request.body for request in server.requests])
    server.enqueue(canned(turns(text=("I will not.",))))
    assert call(bound, [*history, HumanMessage("Please!")]).text == "I will not."


def test_replies_are_counted_over_checkpoints(
    model: ChatMiniMax, server: Emulator, turns: Any, tmp_path: Path
) -> None:
    def run(given: Any, limit: int) -> None:
        # A new connection and agent, as in another process.
        with SqliteSaver.from_conn_string(str(tmp_path / "memory.sqlite")) as memory:
            agent = create_agent(model, [], response_format=Report, checkpointer=memory)
            config: Any = {"configurable": {"thread_id": "1"}, "recursion_limit": limit}
            agent.invoke(given, config)

    for _ in range(4):
        server.enqueue(turns(text=("I will not.",)).plain())
    with pytest.raises(GraphRecursionError):
        run({"messages": [("user", "Report!")]}, 2)
    before = len(server.requests)
    with pytest.raises(errors.IgnoredToolChoiceError):
        run(None, 100)
    assert 0 < before < len(server.requests) == 3
    server.clear()
