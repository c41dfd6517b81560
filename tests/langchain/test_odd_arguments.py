"""Arguments that readers of JSON disagree on make an invalid call, and go back as `{}`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage

from langchain_mara_minimax import ChatMiniMax
from mara_minimax.emulator import Emulator

ODD_ARGUMENTS = {
    "NaN": '{"a": NaN}',
    "infinity": '{"a": -Infinity}',
    "out of range": '{"a": 1e999}',
    "a key twice": '{"a": 1, "a": 2}',
    "a key twice inside": '{"a": {"b": 1, "b": 1}}',
    "nested too deeply": '{"a": ' + "[" * 300 + "]" * 300 + "}",
    "nested far too deeply": '{"a": ' + "[" * 5000 + "]" * 5000 + "}",
    "two objects": '{"a": 1}{"a": 2}',
    "a list": "[1]",
    "half an object": '{"a": "x',
}


@pytest.mark.parametrize("arguments", ODD_ARGUMENTS.values(), ids=ODD_ARGUMENTS)
def test_they_make_an_invalid_call_in_every_form_and_go_back_as_an_empty_object(
    model: ChatMiniMax,
    server: Emulator,
    call: Callable[..., AIMessage],
    canned: Any,
    turns: Any,
    arguments: str,
) -> None:
    server.enqueue(canned(turns(calls=(("add", arguments),))))
    message = call(model, "Hi")
    assert message.tool_calls == []
    (invalid,) = message.invalid_tool_calls
    assert (invalid["name"], invalid["id"]) == ("add", "call_function_ab_1")
    assert (invalid["args"] or "").startswith(arguments)
    result = ToolMessage("?", tool_call_id="call_function_ab_1")
    model.invoke([HumanMessage("Hi"), message, result])
    (sent,) = server.last_body["messages"][1]["tool_calls"]
    assert sent["function"] == {"name": "add", "arguments": "{}"}
