"""`predict_and_call`: the model calls tools and the framework runs them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from llama_index.core.tools import FunctionTool

from llama_index_mara_minimax import MiniMax
from mara_minimax.emulator import Emulator


def add(a: int, b: int = 0) -> int:
    """Add two numbers."""
    return a + b


ADD = FunctionTool.from_defaults(add)
RUN: dict[str, Any] = {
    "predict_and_call": lambda llm, **k: llm.predict_and_call([ADD], user_msg="Go", **k),
    "apredict_and_call": lambda llm, **k: asyncio.run(
        llm.apredict_and_call([ADD], user_msg="Go", **k)
    ),
}


@pytest.fixture(params=list(RUN))
def run(request: pytest.FixtureRequest) -> Any:
    """The sync or the async form."""
    return RUN[request.param]


def test_predict_and_call_runs_one_tool(
    run: Any, llm: MiniMax, server: Emulator, wire: Any
) -> None:
    calls = [
        wire.call("add", '{"a": 1, "b": 2}'),
        wire.call("add", '{"a": 5}', "call_function_ab_2", 1),
    ]
    server.enqueue(wire.reply(wire.message(tool_calls=calls)))
    assert str(run(llm)) == "3"


def test_predict_and_call_runs_parallel_calls_when_allowed(
    run: Any, llm: MiniMax, server: Emulator, wire: Any
) -> None:
    calls = [
        wire.call("add", '{"a": 1, "b": 2}'),
        wire.call("add", '{"a": 5}', "call_function_ab_2", 1),
    ]
    server.enqueue(wire.reply(wire.message(tool_calls=calls)))
    response = run(llm, allow_parallel_tool_calls=True)
    assert str(response) == "3\n\n5"


def test_the_tools_of_the_caller_are_not_changed(llm: MiniMax, server: Emulator, wire: Any) -> None:
    tool = FunctionTool.from_defaults(lambda city: f"Rain in {city}.", name="the weather")
    server.enqueue(wire.reply(wire.message(tool_calls=[wire.call("the_weather", '{"city": "x"}')])))
    assert llm.predict_and_call([tool], user_msg="Weather?").response == "Rain in x."
    assert tool.metadata.name == "the weather"
