"""A tool that was run is not run again because the request after it failed."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from langchain.agents import create_agent
from langgraph.checkpoint.memory import InMemorySaver
from llama_index.core.agent.workflow import FunctionAgent
from llama_index.core.tools import FunctionTool

from mara_minimax import errors
from mara_minimax.emulator.faults import FAULTS, FaultServer
from tests.faults.answers import GOOD_TEXT, good, in_turn, tool_call
from tests.faults.forms import make_model

RETRIED = [
    "minimax-http-1000",
    "minimax-http-1002",
    "minimax-200-1002",
    "closed",
    "reset",
    "empty-200",
    "event-before-token",
    "cut-before-token",
    "gateway-page",
]


@pytest.fixture
def cities() -> list[str]:
    """The city of each execution of the tool."""
    return []


@pytest.fixture
def get_weather(cities: list[str]) -> Any:
    def get_weather(city: str) -> str:
        """Tell the weather."""
        cities.append(city)
        return "sunny"

    return get_weather


def _agent(fault_server: FaultServer, tool: Any, **settings: Any) -> Any:
    model = make_model("invoke", "minimax", fault_server.base_url, streaming=False)
    return create_agent(model, tools=[tool], **settings)


def _failing(fault: str) -> Any:
    def script(body: Any) -> Any:
        return FAULTS[fault].answer(streams=body.get("stream") is True)

    return script


def _check(fault_server: FaultServer, cities: list[str], requests: int) -> None:
    assert cities == ["Paris"]
    assert len(fault_server.bodies) == requests
    first, *later = fault_server.bodies
    assert [message["role"] for message in first["messages"]][-1] == "user"
    assert all(body == later[0] for body in later)
    assert later[0]["messages"][-1]["role"] == "tool"


@pytest.mark.parametrize("fault", RETRIED)
@pytest.mark.parametrize("ask", ["invoke", "ainvoke"])
def test_an_agent_of_langchain_runs_a_tool_once(
    ask: str,
    fault: str,
    fault_server: FaultServer,
    get_weather: Any,
    cities: list[str],
    waits: list[float],
    runner: asyncio.Runner,
) -> None:
    fault_server.play(in_turn(tool_call, _failing(fault), _failing(fault), good))
    agent = _agent(fault_server, get_weather)
    question: Any = {"messages": ["Weather in Paris?"]}
    result = agent.invoke(question) if ask == "invoke" else runner.run(agent.ainvoke(question))
    assert result["messages"][-1].text == GOOD_TEXT
    _check(fault_server, cities, 4)


@pytest.mark.parametrize("fault", RETRIED)
def test_a_streaming_agent_of_langchain_runs_a_tool_once(
    fault: str,
    fault_server: FaultServer,
    get_weather: Any,
    cities: list[str],
    waits: list[float],
) -> None:
    fault_server.play(in_turn(tool_call, _failing(fault), good))
    model = make_model("invoke", "minimax", fault_server.base_url, streaming=True)
    agent = create_agent(model, tools=[get_weather])
    pieces = list(agent.stream({"messages": ["Weather in Paris?"]}, stream_mode="messages"))
    texts = [piece.text for piece, _ in pieces if piece.type == "AIMessageChunk"]
    assert "".join(texts) == GOOD_TEXT
    _check(fault_server, cities, 3)


@pytest.mark.parametrize("fault", RETRIED)
@pytest.mark.parametrize("streaming", [False, True])
def test_an_agent_of_llama_index_runs_a_tool_once(
    streaming: bool,
    fault: str,
    fault_server: FaultServer,
    get_weather: Any,
    cities: list[str],
    waits: list[float],
) -> None:
    fault_server.play(in_turn(tool_call, _failing(fault), _failing(fault), good))
    assert str(asyncio.run(_run_agent(fault_server, get_weather, streaming))) == GOOD_TEXT
    _check(fault_server, cities, 4)


async def _run_agent(fault_server: FaultServer, tool: Any, streaming: bool) -> Any:
    llm = make_model("chat", "minimax", fault_server.base_url)
    tools = [FunctionTool.from_defaults(tool)]
    return await FunctionAgent(llm=llm, tools=tools, streaming=streaming).run("Weather?")


def test_an_agent_of_langchain_goes_on_after_the_tool_when_it_is_resumed(
    fault_server: FaultServer, get_weather: Any, cities: list[str]
) -> None:
    fault_server.play(in_turn(tool_call, FAULTS["minimax-http-1008"].plain, good))
    agent = _agent(fault_server, get_weather, checkpointer=InMemorySaver())
    config: Any = {"configurable": {"thread_id": "1"}}
    with pytest.raises(errors.InsufficientBalanceError):
        agent.invoke({"messages": ["Weather in Paris?"]}, config)
    result = agent.invoke(None, config)
    assert result["messages"][-1].text == GOOD_TEXT
    _check(fault_server, cities, 3)


@pytest.mark.parametrize("fault", ["cut-text", "reset-reasoning", "cut-call", "cut-calls"])
def test_an_answer_that_breaks_runs_nothing_and_is_not_asked_for_again(
    fault: str,
    fault_server: FaultServer,
    get_weather: Any,
    cities: list[str],
    waits: list[float],
) -> None:
    broken = in_turn(tool_call, FAULTS[fault].stream)
    kind = getattr(errors, FAULTS[fault].stream_ending.error)
    fault_server.play(broken)
    model = make_model("invoke", "minimax", fault_server.base_url, streaming=True)
    with pytest.raises(kind):
        create_agent(model, tools=[get_weather]).invoke({"messages": ["Weather in Paris?"]})
    _check(fault_server, cities, 2)
    cities.clear()
    fault_server.play(in_turn(tool_call, FAULTS[fault].stream))
    with pytest.raises(kind):
        asyncio.run(_run_agent(fault_server, get_weather, True))
    _check(fault_server, cities, 2)
