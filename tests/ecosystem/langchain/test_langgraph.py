"""LangGraph: graphs of one's own and its agent, checkpoints, modes of streaming, interrupts."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from langchain.agents import create_agent
from langchain_core.messages import AIMessageChunk
from langchain_core.tools import tool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode, create_react_agent, tools_condition
from langgraph.types import Command, interrupt

from mara_minimax.emulator import ToolCall
from tests.ecosystem.langchain.weather import ANSWER, CALL, QUESTION, THREAD, get_weather


@tool
def ask_first(city: str) -> str:
    """Tell the weather in a city, once somebody has agreed."""
    return f"{interrupt(f'Look at {city}?')} Rain in {city}."


def graph_of(model: Any, **compiled: Any) -> Any:
    graph = StateGraph(MessagesState)
    bound = model.bind_tools([get_weather])
    graph.add_node("model", lambda state: {"messages": [bound.invoke(state["messages"])]})
    graph.add_node("tools", ToolNode([get_weather]))
    graph.add_edge(START, "model")
    graph.add_conditional_edges("model", tools_condition, {"tools": "tools", END: END})
    graph.add_edge("tools", "model")
    return graph.compile(**compiled)


BUILDERS = {
    "graph": graph_of,
    "agent": lambda model, **kwargs: create_agent(model, [get_weather], **kwargs),
    "react v1": lambda model, **kwargs: create_react_agent(
        model, [get_weather], version="v1", **kwargs
    ),
    "react v2": lambda model, **kwargs: create_react_agent(
        model, [get_weather], version="v2", **kwargs
    ),
}
pytestmark = pytest.mark.filterwarnings("ignore:create_react_agent has been moved")


@pytest.fixture(params=list(BUILDERS))
def build(request: pytest.FixtureRequest) -> Any:
    """Build an agent with one tool in one of the ways that LangGraph has."""
    return BUILDERS[request.param]


def test_an_agent_calls_its_tool_and_answers(
    chat: Any, says: Any, build: Any, is_answer: Any, emulator: Any
) -> None:
    says(CALL, ANSWER)
    messages = build(chat).invoke(QUESTION)["messages"]
    is_answer(messages[-1], ANSWER)
    assert [message.type for message in messages] == ["human", "ai", "tool", "ai"]
    assert emulator.last_body["messages"][-1]["content"] == "Rain in Oslo."


def test_an_asynchronous_agent_does_the_same(
    chat: Any, says: Any, is_answer: Any, emulator: Any
) -> None:
    says(CALL, ANSWER)
    result = asyncio.run(create_agent(chat, [get_weather]).ainvoke(QUESTION))
    is_answer(result["messages"][-1], ANSWER)
    assert emulator.last_body["messages"][-1]["content"] == "Rain in Oslo."


def test_each_mode_of_streaming_shows_the_answer_once(
    chat: Any, says: Any, build: Any, is_answer: Any, trap: str
) -> None:
    says(CALL, ANSWER)
    modes = ["values", "updates", "messages", "tasks", "checkpoints", "debug", "custom"]
    events = list(
        build(chat, checkpointer=InMemorySaver()).stream(QUESTION, THREAD, stream_mode=modes)
    )
    chunks = [event[0] for mode, event in events if mode == "messages"]
    pieces = [chunk for chunk in chunks if isinstance(chunk, AIMessageChunk)]
    assert "".join(piece.text for piece in pieces).strip() == ANSWER
    thoughts = [piece.additional_kwargs.get("reasoning_content", "") for piece in pieces]
    assert "".join(thoughts) == trap * 2
    assert len({piece.id for piece in pieces}) == 2
    values = [event for mode, event in events if mode == "values"]
    is_answer(values[-1]["messages"][-1], ANSWER)
    (updated,) = [event for mode, event in events if mode == "updates"][-1].values()
    is_answer(updated["messages"][-1], ANSWER)


def test_a_thread_goes_on_from_its_checkpoint_in_another_process(
    chat: Any,
    says: Any,
    build: Any,
    is_answer: Any,
    emulator: Any,
    thoughts: Any,
    trap: str,
    tmp_path: Path,
) -> None:
    says(CALL, ANSWER, "Nothing else.")
    for question in (QUESTION, {"messages": [("user", "And what else?")]}):
        # A connection and an agent of its own, as in another process.
        with SqliteSaver.from_conn_string(str(tmp_path / "memory.sqlite")) as memory:
            result = build(chat, checkpointer=memory).invoke(question, THREAD)
    is_answer(result["messages"][-1], "Nothing else.")
    sent = emulator.last_body["messages"]
    assert [message["role"] for message in sent] == [
        "user", "assistant", "tool", "assistant", "user"
    ]  # fmt: skip
    assert thoughts() == [trap, trap]


def test_an_interrupted_tool_goes_on_with_what_it_is_told(
    chat: Any, says: Any, is_answer: Any, emulator: Any
) -> None:
    says(ToolCall("ask_first", {"city": "Oslo"}), ANSWER)
    agent = create_agent(chat, [ask_first], checkpointer=InMemorySaver())
    (asked,) = agent.invoke(QUESTION, THREAD)["__interrupt__"]
    assert asked.value == "Look at Oslo?"
    is_answer(agent.invoke(Command(resume="Yes."), THREAD)["messages"][-1], ANSWER)
    assert emulator.last_body["messages"][-1]["content"] == "Yes. Rain in Oslo."


def test_a_thread_is_forked_from_its_history(
    chat: Any, says: Any, build: Any, is_answer: Any, emulator: Any
) -> None:
    says(CALL, ANSWER, "It may rain in Oslo.")
    agent = build(chat, checkpointer=InMemorySaver())
    agent.invoke(QUESTION, THREAD)
    (before,) = [state for state in agent.get_state_history(THREAD) if state.next == ("tools",)]
    first = emulator.last_body
    result = agent.invoke(None, before.config)
    is_answer(result["messages"][-1], "It may rain in Oslo.")
    assert emulator.last_body == first


def test_an_agent_in_a_graph_streams_from_the_subgraph(
    chat: Any, says: Any, is_answer: Any
) -> None:
    says(CALL, ANSWER)
    graph = StateGraph(MessagesState)
    graph.add_node("agent", create_agent(chat, [get_weather]))
    graph.add_edge(START, "agent")
    events = list(
        graph.compile().stream(QUESTION, stream_mode=["messages", "values"], subgraphs=True)
    )
    text = "".join(
        event[0].text
        for _, mode, event in events
        if mode == "messages" and isinstance(event[0], AIMessageChunk)
    )
    assert text.strip() == ANSWER
    is_answer(events[-1][2]["messages"][-1], ANSWER)


@pytest.mark.filterwarnings("ignore:The v3 streaming protocol")
def test_messages_of_a_run_are_streamed_and_go_on_from_their_blocks(
    chat: Any, says: Any, thoughts: Any, trap: str
) -> None:
    says(CALL, ANSWER, "Nothing else.")
    agent = create_agent(chat, [get_weather], checkpointer=InMemorySaver())
    run: Any = agent.stream_events(QUESTION, THREAD, version="v3")
    read = [(str(each.text).strip(), str(each.reasoning), each.output) for each in run.messages]
    assert [(text, thought) for text, thought, _ in read] == [("", trap), (ANSWER, trap)]
    words = [message.response_metadata["finish_reason"] for _, _, message in read]
    assert words == ["tool_calls", "stop"]
    agent.invoke({"messages": [("user", "And what else?")]}, THREAD)
    assert thoughts() == [trap, trap]
