"""The second turn of an agent, to the letter, in every way of running it and form of reasoning."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from langchain.agents import create_agent
from langchain_core.messages import AIMessage
from langchain_core.tools import tool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver

from langchain_mara_minimax import ChatMARA, ChatMiniMax
from mara_minimax.emulator import Emulator

QUESTION = {"messages": [("user", "Weather and time in Paris?")]}
THREAD: Any = {"configurable": {"thread_id": "1"}}
THINK = {"content": "<think>\nI need the tools.\n</think>\n\nLet me check."}
DETAILS = [
    {
        "type": "reasoning.text",
        "id": "reasoning-text-1",
        "format": "MiniMax-response-v1",
        "index": 0,
        "text": "I need the tools.",
    }
]


@tool
def get_weather(city: str) -> str:
    """Tell the weather in a city."""
    return f"Sunny in {city}."


@tool
def get_time(zone: str) -> str:
    """Tell the time in a zone."""
    return f"Noon in {zone}."


TOOLS = [get_weather, get_time]


class Way:
    """One way to run an agent through its two turns."""

    streams = False

    def run(self, model: Any, path: Path) -> Any:
        return create_agent(model, TOOLS).invoke(QUESTION)


class Async(Way):
    def run(self, model: Any, path: Path) -> Any:
        return asyncio.run(create_agent(model, TOOLS).ainvoke(QUESTION))


class Stream(Way):
    streams = True

    def run(self, model: Any, path: Path) -> Any:
        agent = create_agent(model, TOOLS)
        return [state for _, state in agent.stream(QUESTION, stream_mode=["messages", "values"])][
            -1
        ]


class AsyncStream(Way):
    streams = True

    def run(self, model: Any, path: Path) -> Any:
        async def run() -> Any:
            agent = create_agent(model, TOOLS)
            modes: Any = ["messages", "values"]
            return [state async for _, state in agent.astream(QUESTION, stream_mode=modes)][-1]

        return asyncio.run(run())


class MemoryCheckpoint(Way):
    def run(self, model: Any, path: Path) -> Any:
        return self.stop_and_go_on(model, InMemorySaver())

    def stop_and_go_on(self, model: Any, memory: Any) -> Any:
        create_agent(model, TOOLS, checkpointer=memory, interrupt_before=["tools"]).invoke(
            QUESTION, THREAD
        )
        return create_agent(model.model_copy(), TOOLS, checkpointer=memory).invoke(None, THREAD)


class SQLiteCheckpoint(MemoryCheckpoint):
    """Each half has its own connection, agent and model, as in another process."""

    def run(self, model: Any, path: Path) -> Any:
        file = str(path / "memory.sqlite")
        with SqliteSaver.from_conn_string(file) as memory:
            agent = create_agent(model, TOOLS, checkpointer=memory, interrupt_before=["tools"])
            agent.invoke(QUESTION, THREAD)
        with SqliteSaver.from_conn_string(file) as memory:
            agent = create_agent(model.model_copy(), TOOLS, checkpointer=memory)
            return agent.invoke(None, THREAD)


WAYS = [Way(), Async(), Stream(), AsyncStream(), MemoryCheckpoint(), SQLiteCheckpoint()]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: type(way).__name__)
@pytest.mark.parametrize(
    ("kind", "settings", "form", "expected"),
    [
        pytest.param(
            ChatMiniMax,
            {"reasoning_split": True},
            "reasoning_details",
            {"content": "Let me check.", "reasoning_details": DETAILS},
            id="minimax split",
        ),
        pytest.param(ChatMiniMax, {"reasoning_split": False}, "inline", THINK, id="minimax think"),
        pytest.param(
            ChatMARA,
            {},
            "reasoning",
            {
                "content": "Let me check.",
                "reasoning": "I need the tools.",
                "channel": "analysis",
            },
            id="mara reasoning",
        ),
        pytest.param(ChatMARA, {}, "inline", THINK, id="mara think"),
    ],
)
def test_turn_two_sends_back_what_turn_one_gave(
    server: Emulator,
    mara_server: Emulator,
    turns: Any,
    calling: Any,
    thinking: Any,
    tmp_path: Path,
    way: Way,
    kind: Any,
    settings: dict[str, Any],
    form: str,
    expected: dict[str, Any],
) -> None:
    emulator = server if kind is ChatMiniMax else mara_server
    for given in (calling, thinking):
        turn = turns(**{**vars(given), "form": form})
        emulator.enqueue(turn.stream() if way.streams else turn.plain())
    model = kind(api_key="k", base_url=emulator.base_url, max_retries=0, **settings)
    answer = way.run(model, tmp_path)["messages"][-1]
    assert isinstance(answer, AIMessage)
    assert answer.text == "The answer is 42."
    first, second = (request.body for request in emulator.requests)
    assert {key: second[key] for key in second if key != "messages"} == {
        key: first[key] for key in first if key != "messages"
    }
    user, assistant, *results = second["messages"]
    assert [user] == first["messages"] == [{"role": "user", "content": QUESTION["messages"][0][1]}]
    calls = assistant.pop("tool_calls")
    assert assistant == {"role": "assistant", **expected}
    assert calls == [
        {
            "id": f"call_function_ab_{number}",
            "type": "function",
            "function": {"name": name, "arguments": arguments},
        }
        for number, name, arguments in (
            (1, "get_weather", '{"city": "Paris"}'),
            (2, "get_time", '{"zone": "CET"}'),
        )
    ]
    assert results == [
        {"role": "tool", "tool_call_id": "call_function_ab_1", "content": "Sunny in Paris."},
        {"role": "tool", "tool_call_id": "call_function_ab_2", "content": "Noon in CET."},
    ]
