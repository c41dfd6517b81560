"""Tools of an MCP server: an agent finds them, and calls them with nested arguments."""

from __future__ import annotations

import socket
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn
from llama_index.core.agent.workflow import FunctionAgent
from llama_index.tools.mcp import BasicMCPClient, McpToolSpec

from mara_minimax.emulator import ToolCall
from tests.ecosystem.llama_index import mcp_server

ANSWER = "It is 12 degrees in Oslo."


@pytest.fixture(params=["stdio", "http"])
def client(request: pytest.FixtureRequest) -> Iterator[BasicMCPClient]:
    """A client of the server, which runs as a program or in a thread of this one."""
    if request.param == "stdio":
        yield BasicMCPClient(sys.executable, [mcp_server.__file__])
        return
    with socket.create_server(("127.0.0.1", 0)) as listening:
        app = mcp_server.make_server().streamable_http_app()
        running = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listening]})
        thread.start()
        while not running.started:
            assert thread.is_alive()
            time.sleep(0.01)
        yield BasicMCPClient(f"http://127.0.0.1:{listening.getsockname()[1]}/mcp")
        running.should_exit = True
        thread.join()


async def test_an_agent_calls_a_tool_of_the_server(
    client: Any, llm: Any, says: Any, prompts: Any, emulator: Any
) -> None:
    says(ToolCall("get_weather", {"place": {"city": "Oslo", "unit": "kelvin"}}), ANSWER)
    tools = await McpToolSpec(client=client).to_tool_list_async()
    output: Any = await FunctionAgent(llm=llm, tools=tools).run("How warm is it in Oslo?")
    assert output.response.content == ANSWER
    assert "12 kelvin in Oslo." in prompts()[1]
    (sent,) = emulator.last_body["tools"]
    assert sent["function"]["name"] == "get_weather"
    assert "place" in sent["function"]["parameters"]["properties"]
