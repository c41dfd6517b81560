"""LangChain's middlewares around calls of tools: approval, limits, retries, choice, own tools."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from langchain.agents import create_agent
from langchain.agents.middleware import (
    FilesystemFileSearchMiddleware,
    HumanInTheLoopMiddleware,
    LLMToolEmulator,
    LLMToolSelectorMiddleware,
    ProviderToolSearchMiddleware,
    ShellToolMiddleware,
    TodoListMiddleware,
    ToolCallLimitMiddleware,
    ToolErrorMiddleware,
    ToolRetryMiddleware,
)
from langchain_core.tools import tool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command

from mara_minimax.emulator import ToolCall
from tests.ecosystem.langchain.weather import ANSWER, CALL, QUESTION, THREAD, get_weather

BERGEN = {"name": "get_weather", "args": {"city": "Bergen"}}
DECISIONS = {
    "approve": ({"type": "approve"}, "Rain in Oslo."),
    "edit": ({"type": "edit", "edited_action": BERGEN}, "Rain in Bergen."),
    "reject": ({"type": "reject", "message": "Not today."}, "Not today."),
    "respond": ({"type": "respond", "message": "Snow."}, "Snow."),
}


@tool
def get_time(city: str) -> str:
    """Tell the time in a city."""
    return f"Noon in {city}."


class Flaky:
    """A tool that fails the first two times."""

    def __init__(self) -> None:
        self.calls = 0

    def get_weather(self, city: str) -> str:
        """Tell the weather in a city."""
        self.calls += 1
        if self.calls < 3:
            raise ConnectionError("The thermometer is away.")
        return f"Rain in {city}."


def results(emulator: Any) -> list[str]:
    """Return what tools returned, as the newest request has it."""
    sent = emulator.last_body["messages"]
    return [str(message["content"]) for message in sent if message["role"] == "tool"]


@pytest.mark.parametrize("decision", DECISIONS)
def test_a_human_decides_on_a_call(
    chat: Any, says: Any, is_answer: Any, emulator: Any, decision: str
) -> None:
    says(CALL, ANSWER)
    answer, result = DECISIONS[decision]
    ask = HumanInTheLoopMiddleware({"get_weather": True})
    agent = create_agent(chat, [get_weather], middleware=[ask], checkpointer=InMemorySaver())
    (asked,) = agent.invoke(QUESTION, THREAD)["__interrupt__"]
    (request,) = asked.value["action_requests"]
    assert (request["name"], request["args"]) == ("get_weather", {"city": "Oslo"})
    final = agent.invoke(Command(resume={"decisions": [answer]}), THREAD)
    is_answer(final["messages"][-1], ANSWER)
    (sent,) = results(emulator)
    assert result in sent


def test_the_model_is_shown_its_own_call_and_told_of_the_edit(
    chat: Any, says: Any, emulator: Any, thoughts: Any, trap: str
) -> None:
    says(CALL, ANSWER)
    ask = HumanInTheLoopMiddleware({"get_weather": True})
    agent = create_agent(chat, [get_weather], middleware=[ask], checkpointer=InMemorySaver())
    agent.invoke(QUESTION, THREAD)
    agent.invoke(Command(resume={"decisions": [DECISIONS["edit"][0]]}), THREAD)
    _, called, result = emulator.last_body["messages"]
    (call,) = called["tool_calls"]
    assert json.loads(call["function"]["arguments"]) == {"city": "Oslo"}
    assert result["tool_call_id"] == call["id"]
    assert "reviewer" in result["content"]
    assert thoughts() == [trap]


def test_a_list_of_what_is_to_do_is_written(chat: Any, says: Any, is_answer: Any) -> None:
    todos = [{"content": "Look out of the window", "status": "in_progress"}]
    says(ToolCall("write_todos", {"todos": todos}), ANSWER)
    result = create_agent(chat, middleware=[TodoListMiddleware()]).invoke(QUESTION)
    is_answer(result["messages"][-1], ANSWER)
    assert result["todos"] == todos


def test_a_tool_that_fails_is_called_again(
    chat: Any, says: Any, is_answer: Any, emulator: Any
) -> None:
    says(CALL, ANSWER)
    flaky = Flaky()
    retry = ToolRetryMiddleware(max_retries=2, initial_delay=0, jitter=False)
    result = create_agent(chat, [flaky.get_weather], middleware=[retry]).invoke(QUESTION)
    is_answer(result["messages"][-1], ANSWER)
    assert results(emulator) == ["Rain in Oslo."]
    assert flaky.calls == 3


def test_the_model_is_told_of_a_tool_that_fails(
    chat: Any, says: Any, is_answer: Any, emulator: Any
) -> None:
    says(CALL, ANSWER)
    tell = ToolErrorMiddleware(lambda error, request: f"{type(error).__name__}, try later.")
    result = create_agent(chat, [Flaky().get_weather], middleware=[tell]).invoke(QUESTION)
    is_answer(result["messages"][-1], ANSWER)
    assert results(emulator) == ["ConnectionError, try later."]


def test_calls_beyond_a_limit_are_answered_and_not_made(
    chat: Any, says: Any, is_answer: Any, emulator: Any
) -> None:
    says(CALL, CALL, ANSWER)
    limit = ToolCallLimitMiddleware(tool_name="get_weather", run_limit=1)
    result = create_agent(chat, [get_weather], middleware=[limit]).invoke(QUESTION)
    is_answer(result["messages"][-1], ANSWER)
    first, second = results(emulator)
    assert first == "Rain in Oslo."
    assert "limit" in second


@pytest.mark.parametrize("form", ["call", "text", "fence"])
def test_the_model_chooses_its_tools_first(
    chat: Any, says: Any, is_answer: Any, emulator: Any, form: str
) -> None:
    chosen = {"tools": ["get_weather"]}
    text = json.dumps(chosen)
    fence = f"```json\n{text}\n```"
    choice = {"call": ToolCall("ToolSelectionResponse", chosen), "text": text, "fence": fence}[form]
    says(choice, CALL, choice, ANSWER)
    agent = create_agent(
        chat, [get_weather, get_time], middleware=[LLMToolSelectorMiddleware(max_tools=1)]
    )
    is_answer(agent.invoke(QUESTION)["messages"][-1], ANSWER)
    offered = [[each["function"]["name"] for each in request.body["tools"]]
               for request in emulator.requests]  # fmt: skip
    assert offered == [["ToolSelectionResponse"], ["get_weather"]] * 2


def test_the_model_plays_a_tool(chat: Any, says: Any, is_answer: Any, emulator: Any) -> None:
    says(CALL, "Snow in Oslo.", ANSWER)
    agent = create_agent(chat, [get_weather], middleware=[LLMToolEmulator(model=chat)])
    is_answer(agent.invoke(QUESTION)["messages"][-1], ANSWER)
    assert results(emulator) == ["Snow in Oslo."]


# The middleware leaves the pipes of its shell to the garbage collector.
@pytest.mark.filterwarnings("ignore:(?s)Exception ignored in.*_io.FileIO")
def test_the_model_runs_a_command(
    chat: Any, says: Any, is_answer: Any, emulator: Any, tmp_path: Path
) -> None:
    says(ToolCall("shell", {"command": "echo Rain in $CITY"}), ANSWER)
    shell = ShellToolMiddleware(tmp_path, env={"CITY": "Oslo"})
    is_answer(create_agent(chat, middleware=[shell]).invoke(QUESTION)["messages"][-1], ANSWER)
    assert results(emulator) == ["Rain in Oslo\n"]


def test_the_model_searches_files(
    chat: Any, says: Any, is_answer: Any, emulator: Any, tmp_path: Path
) -> None:
    (tmp_path / "weather.txt").write_text("Rain in Oslo.\n")
    search = {"pattern": "Rain", "output_mode": "content"}
    says([ToolCall("glob_search", {"pattern": "*.txt"}), ToolCall("grep_search", search)], ANSWER)
    files = FilesystemFileSearchMiddleware(root_path=str(tmp_path), use_ripgrep=False)
    is_answer(create_agent(chat, middleware=[files]).invoke(QUESTION)["messages"][-1], ANSWER)
    found, lines = results(emulator)
    assert found == "/weather.txt"
    assert lines.endswith("Rain in Oslo.")


def test_a_search_for_tools_that_the_provider_lacks_is_refused_before_a_request(
    chat: Any, says: Any, is_answer: Any
) -> None:
    search = ProviderToolSearchMiddleware(searchable_tools=["get_weather"])
    with pytest.raises(ValueError, match="tool search"):
        create_agent(chat, [get_weather], middleware=[search]).invoke(QUESTION)
    says(ANSWER)
    idle = ProviderToolSearchMiddleware()
    answer = create_agent(chat, [get_weather], middleware=[idle]).invoke(QUESTION)
    is_answer(answer["messages"][-1], ANSWER)
