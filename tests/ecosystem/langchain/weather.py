"""What the agents of these tests are asked, the tool that they have, and what they answer."""

from __future__ import annotations

from typing import Any

from langchain_core.tools import tool

from mara_minimax.emulator import ToolCall

QUESTION: Any = {"messages": [("user", "What is the weather in Oslo?")]}
ANSWER = "It rains in Oslo."
CALL = ToolCall("get_weather", {"city": "Oslo"})
THREAD: Any = {"configurable": {"thread_id": "1"}}


@tool
def get_weather(city: str) -> str:
    """Tell the weather in a city."""
    return f"Rain in {city}."
