"""Tools of an MCP server, which the test starts and stops, through langchain-mcp-adapters."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest
from langchain.agents import create_agent
from langchain_mcp_adapters.client import MultiServerMCPClient
from langchain_mcp_adapters.tools import load_mcp_tools
from langgraph.checkpoint.memory import InMemorySaver
from mcp.shared.memory import create_connected_server_and_client_session

from mara_minimax.emulator import ToolCall
from tests.ecosystem.langchain.tool_server import server
from tests.ecosystem.langchain.weather import ANSWER, CALL, QUESTION, THREAD

SERVER: Any = {
    "weather": {
        "transport": "stdio",
        "command": sys.executable,
        "args": [str(Path(__file__).with_name("tool_server.py"))],
    }
}


def talk(chat: Any, opened: Any, *questions: Any) -> Any:
    """Ask an agent with a server's tools one question after the other, in one thread."""

    async def run() -> Any:
        async with opened() as session:
            tools = await load_mcp_tools(session)
            agent = create_agent(chat, tools, checkpointer=InMemorySaver())
            for question in questions:
                result = await agent.ainvoke(question, THREAD)
            return result["messages"]

    return asyncio.run(run())


def in_a_process_of_its_own() -> Any:
    return MultiServerMCPClient(SERVER).session("weather")


def in_this_process() -> Any:
    return create_connected_server_and_client_session(server._mcp_server)


def test_an_agent_calls_a_tool_of_the_server(
    chat: Any, says: Any, is_answer: Any, emulator: Any
) -> None:
    says(CALL, ANSWER)
    is_answer(talk(chat, in_a_process_of_its_own, QUESTION)[-1], ANSWER)
    assert emulator.last_body["messages"][-1]["content"] == "Rain in Oslo."
    offered = [each["function"]["name"] for each in emulator.last_body["tools"]]
    assert offered == ["get_weather", "take_photograph", "find_report"]


@pytest.mark.parametrize(
    ("name", "said"), [("take_photograph", "image"), ("find_report", "report.pdf")]
)
def test_what_a_tool_shows_and_a_model_cannot_see_leaves_the_thread_usable(
    chat: Any, says: Any, is_answer: Any, emulator: Any, name: str, said: str
) -> None:
    says(ToolCall(name), ANSWER, "Never mind.")
    with pytest.warns(UserWarning, match="Tool result with"):
        messages = talk(chat, in_this_process, QUESTION, {"messages": [("user", "Never mind.")]})
    is_answer(messages[-1], "Never mind.")
    (result,) = [each for each in emulator.last_body["messages"] if each["role"] == "tool"]
    assert said in result["content"]
