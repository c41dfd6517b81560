"""Tools: what is bound, what is sent, and which calls come out."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypedDict

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import AIMessage, AIMessageChunk, messages_from_dict
from langchain_core.messages import messages_to_dict as to_dicts
from langchain_core.messages.tool import tool_call_chunk
from langchain_core.tools import tool
from pydantic import BaseModel, Field

from langchain_mara_minimax import ChatMARA, ChatMiniMax
from langchain_mara_minimax.chunks import ChunkBuilder
from mara_minimax.emulator import Emulator
from mara_minimax.encoded_request import ParameterWarning
from mara_minimax.errors import ParameterError
from mara_minimax.types import Delta, Reply, ToolCall

Call = Callable[..., AIMessage]


class AddModel(BaseModel):
    """Add two numbers."""

    a: int = Field(description="First")
    b: int = Field(description="Second")


class AddDict(TypedDict):
    """Add two numbers."""

    a: int
    b: int


def add_function(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


@tool
def add_tool(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


ADD_SCHEMA = {
    "title": "AddSchema",
    "description": "Add two numbers.",
    "type": "object",
    "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}},
    "required": ["a", "b"],
}
ADD_OPENAI = {
    "type": "function",
    "function": {
        "name": "AddOpenAI",
        "description": "Add two numbers.",
        "parameters": {**ADD_SCHEMA, "title": "x"},
    },
}
ADD_ANTHROPIC = {
    "name": "AddAnthropic",
    "description": "Add two numbers.",
    "input_schema": {k: ADD_SCHEMA[k] for k in ("type", "properties", "required")},
}


def test_strict_is_left_out_with_a_warning(model: ChatMiniMax, server: Emulator) -> None:
    with pytest.warns(ParameterWarning, match="strict=True"):
        model.bind_tools([add_tool], strict=True).invoke("Hello")
    assert "strict" not in server.last_body["tools"][0]["function"]


@pytest.mark.parametrize(
    ("declared", "name"),
    [
        (AddModel, "AddModel"),
        (AddDict, "AddDict"),
        (add_function, "add_function"),
        (add_tool, "add_tool"),
        (ADD_SCHEMA, "AddSchema"),
        (ADD_OPENAI, "AddOpenAI"),
        (ADD_ANTHROPIC, "AddAnthropic"),
    ],
)
def test_a_tool_of_any_kind_is_sent_as_a_function(
    model: ChatMiniMax, server: Emulator, declared: Any, name: str
) -> None:
    model.bind_tools([declared]).invoke("Hello")
    (sent,) = server.last_body["tools"]
    assert sent["type"] == "function"
    assert sent["function"]["name"] == name
    assert sent["function"]["description"] == "Add two numbers."
    parameters = sent["function"]["parameters"]
    assert parameters["properties"]["a"]["type"] == "integer"
    assert sorted(parameters["required"]) == ["a", "b"]


NAMED = {"type": "function", "function": {"name": "add_tool"}}


@pytest.mark.parametrize(
    ("choice", "sent"),
    [
        (None, None),
        (False, None),
        ("auto", "auto"),
        ("none", "none"),
        ("any", "required"),
        ("required", "required"),
        (True, NAMED),
        ("add_tool", NAMED),
        (NAMED, NAMED),
        ({"type": "tool", "name": "add_tool"}, NAMED),
        ({"type": "any"}, "required"),
        ({"type": "auto"}, "auto"),
    ],
)
def test_tool_choice_is_understood_in_every_spelling(
    mara: ChatMARA, mara_server: Emulator, choice: Any, sent: Any
) -> None:
    mara.bind_tools([add_tool], tool_choice=choice).invoke("Hello")
    assert mara_server.last_body.get("tool_choice") == sent


def test_true_for_several_tools_means_any_of_them(mara: ChatMARA, mara_server: Emulator) -> None:
    mara.bind_tools([add_tool, add_function], tool_choice=True).invoke("Hello")
    assert mara_server.last_body["tool_choice"] == "required"


def test_a_choice_that_is_no_tool_is_refused(model: ChatMiniMax, server: Emulator) -> None:
    with pytest.raises(ParameterError, match="'subtract'"):
        model.bind_tools([add_tool], tool_choice="subtract")
    assert server.requests == []


def test_a_format_for_the_answer_can_be_bound_beside_tools(
    mara: ChatMARA, mara_server: Emulator
) -> None:
    mara.bind_tools([add_tool], response_format=AddModel, parallel_tool_calls=False).invoke("Hi")
    asked = mara_server.last_body["response_format"]
    assert asked["type"] == "json_schema"
    assert asked["json_schema"]["name"] == "AddModel"
    assert "a" in asked["json_schema"]["schema"]["properties"]


def test_a_finished_response_format_is_sent_as_it_is(mara: ChatMARA, mara_server: Emulator) -> None:
    asked = {"type": "json_object"}
    mara.bind_tools([add_tool], response_format=asked).invoke("Hi")
    assert mara_server.last_body["response_format"] == asked


@pytest.mark.filterwarnings("ignore:.*strict=True")
def test_a_format_for_the_answer_may_be_strict_and_undescribed(
    mara: ChatMARA, mara_server: Emulator
) -> None:
    schema = {"title": "Sum", "type": "object", "properties": {"n": {"type": "integer"}}}
    mara.bind_tools([add_tool], response_format=schema, strict=True).invoke("Hi")
    asked = mara_server.last_body["response_format"]["json_schema"]
    assert asked.keys() == {"name", "schema", "strict"}
    assert asked["strict"] is True


def test_parallel_calls_come_out_apart(
    model: ChatMiniMax, server: Emulator, call: Call, canned: Any, calling: Any
) -> None:
    server.enqueue(canned(calling))
    message = call(model, "Weather and time?")
    assert message.tool_calls == [
        {
            "name": "get_weather",
            "args": {"city": "Paris"},
            "id": "call_function_ab_1",
            "type": "tool_call",
        },
        {
            "name": "get_time",
            "args": {"zone": "CET"},
            "id": "call_function_ab_2",
            "type": "tool_call",
        },
    ]
    assert message.response_metadata["finish_reason"] == "tool_calls"


def test_a_call_without_arguments_has_none(
    model: ChatMiniMax, server: Emulator, call: Call, canned: Any, turns: Any
) -> None:
    server.enqueue(canned(turns(calls=(("now", ""),))))
    message = call(model, "Time?")
    assert [(call["name"], call["args"]) for call in message.tool_calls] == [("now", {})]


BAD_ARGUMENTS = [
    '{"path": "/tm',
    '{"path": "/tmp/a", "mode": ',
    '{"paths": ["/a", "/b',
    '{"paths": ["/a"',
    '{"path": "C:\\',
    '{"path": "a"}}',
    "{'path': 'a'}",
    "[1, 2]",
    '"text"',
    "null",
    "{",
]


@pytest.mark.parametrize("arguments", BAD_ARGUMENTS)
def test_arguments_that_are_no_json_object_make_an_invalid_call(
    model: ChatMiniMax, server: Emulator, call: Call, canned: Any, turns: Any, arguments: str
) -> None:
    calls = (("remove", arguments), ("keep", '{"path": "/"}'))
    server.enqueue(canned(turns(calls=calls)))
    message = call(model, "Clean up")
    assert [call["name"] for call in message.tool_calls] == ["keep"]
    (invalid,) = message.invalid_tool_calls
    assert invalid["name"] == "remove"
    assert invalid["id"] == "call_function_ab_1"
    assert invalid["args"] is not None
    assert invalid["args"].startswith(arguments)


@pytest.mark.parametrize("arguments", BAD_ARGUMENTS)
def test_events_of_v3_show_an_invalid_call_too(
    model: ChatMiniMax, server: Emulator, turns: Any, arguments: str
) -> None:
    server.enqueue(turns(calls=(("remove", arguments),)).stream())
    message = model.stream_events("Clean up", version="v3").output
    assert message.tool_calls == []
    assert [call["name"] for call in message.invalid_tool_calls] == ["remove"]


def test_a_call_that_was_cut_before_its_arguments_is_invalid(
    model: ChatMiniMax, server: Emulator, call: Call, canned: Any, turns: Any
) -> None:
    server.enqueue(canned(turns(calls=(("remove_all", ""),), finish_reason="length")))
    message = call(model, "Clean up")
    assert message.tool_calls == []
    assert [call["name"] for call in message.invalid_tool_calls] == ["remove_all"]


def test_the_last_call_of_a_cut_answer_is_invalid_even_if_its_json_is_closed(
    model: ChatMiniMax, server: Emulator, call: Call, canned: Any, turns: Any
) -> None:
    calls = (("keep", '{"path": "/"}'), ("remove", '{"path": "/tmp"}'))
    server.enqueue(canned(turns(calls=calls, finish_reason="length")))
    message = call(model, "Clean up")
    assert [call["name"] for call in message.tool_calls] == ["keep"]
    assert [call["name"] for call in message.invalid_tool_calls] == ["remove"]


ARGUMENTS = ('{"a":15,"b":  1.50}', '{"city": "Z\\u00fcrich"}', '{"b": 1, "a": 2}', "{}")


def test_arguments_go_back_byte_for_byte_and_in_order(
    model: ChatMiniMax, server: Emulator, call: Call, canned: Any, turns: Any
) -> None:
    texts = (*ARGUMENTS[:2], '{"cut": ', *ARGUMENTS[2:])
    calls = tuple((f"tool_{number}", text) for number, text in enumerate(texts))
    server.enqueue(canned(turns(calls=calls)))
    (message,) = messages_from_dict(json.loads(json.dumps(to_dicts([call(model, "Do it")]))))
    model.invoke(["Do it", message, "Go on"])
    sent = server.last_body["messages"][1]["tool_calls"]
    functions = [(call["function"]["name"], call["function"]["arguments"]) for call in sent]
    assert functions == [
        (f"tool_{number}", "{}" if "cut" in text else text) for number, text in enumerate(texts)
    ]


def test_arguments_that_were_edited_go_back_as_they_are(
    model: ChatMiniMax, server: Emulator, call: Call, canned: Any, turns: Any
) -> None:
    server.enqueue(canned(turns(calls=(("add", '{"a":1}'), ("add", '{"a":true}')))))
    message = call(model, "Add")
    message.tool_calls[0]["args"] = {"a": True}
    model.invoke(["Add", message, "Go on"])
    sent = server.last_body["messages"][1]["tool_calls"]
    assert [call["function"]["arguments"] for call in sent] == ['{"a": true}', '{"a":true}']


@pytest.mark.parametrize(
    "record",
    [
        5,
        [5],
        [{"id": 5, "arguments": "{}"}],
        [{"id": "c1", "arguments": 5}],
        [{"id": "c1", "arguments": '{"a": 2}'}],
        [{"id": "c1", "arguments": "{"}],
        [{"id": "other", "arguments": '{"a": 1}'}],
    ],
)
def test_a_record_that_says_something_else_changes_no_call(
    model: ChatMiniMax, server: Emulator, record: Any
) -> None:
    message = AIMessage(
        "",
        tool_calls=[{"name": "add", "args": {"a": 1}, "id": "c1"}],
        additional_kwargs={"tool_call_record": record},
    )
    model.invoke(["Add", message, "Go on"])
    (sent,) = server.last_body["messages"][1]["tool_calls"]
    assert (sent["id"], sent["function"]["arguments"]) == ("c1", '{"a": 1}')


def test_an_invalid_call_can_go_back_with_its_result(
    model: ChatMiniMax, server: Emulator, call: Call, canned: Any, turns: Any
) -> None:
    server.enqueue(canned(turns(calls=(("remove", '{"path": "/tm'),))))
    message = call(model, "Clean up")
    model.invoke(["Clean up", message, "Try again"])
    assistant, result = server.last_body["messages"][1:3]
    assert assistant["tool_calls"][0]["function"] == {"name": "remove", "arguments": "{}"}
    assert result["tool_call_id"] == assistant["tool_calls"][0]["id"]


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(st.text(alphabet='{}[]":,\\ a1\n') | _json.map(str) | st.text())
def test_no_stream_turns_bad_arguments_into_a_valid_call(arguments: str) -> None:
    """Whatever a model writes: a call is valid in a stream exactly when it is in a reply."""
    call = ToolCall(0, "c1", "f", arguments)
    reply = Reply("", None, (call,), "tool_calls", None)
    merged = AIMessageChunk(
        content="",
        tool_call_chunks=[tool_call_chunk(name="f", args=arguments, id="c1", index=0)],
    )
    for chunk in ChunkBuilder(provider="minimax", model="m").from_delta(Delta(reply=reply)):
        merged += chunk.message
    assert bool(merged.tool_calls) == (call.parsed_arguments() is not None)
