"""Calls that have to be made: which tools run code, and replies that make no call."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any, Generic, TypeVar

import pytest
from llama_index.core.base.llms.types import ChatMessage, ChatResponse
from llama_index.core.program.function_program import get_function_tool
from llama_index.core.tools import FunctionTool
from pydantic import BaseModel

from llama_index_mara_minimax import MiniMax, tools
from llama_index_mara_minimax.messages import to_wire_messages
from llama_index_mara_minimax.tools import callable_tools, names_without_code
from mara_minimax.emulator import Emulator

T = TypeVar("T")


class Report(BaseModel):
    """A weather report."""

    summary: str


class Result(BaseModel, Generic[T]):
    """A result."""

    value: T


def get_weather(city: str) -> str:
    """Tell the weather in a city."""
    return f"Sunny in {city}."


class Mine(FunctionTool):
    """A tool of a class of its own."""


WEATHER = FunctionTool.from_defaults(get_weather)
BUILDER = get_function_tool(Report)
WITH_CALLBACK = FunctionTool.from_defaults(
    BUILDER.fn, fn_schema=Report, name="Report", callback=lambda built: None
)


@pytest.mark.parametrize(
    ("tool", "names"),
    [
        (BUILDER, ["Report"]),
        (get_function_tool(Result[int]), ["Result_int_"]),
        (WEATHER, []),
        (FunctionTool.from_defaults(Report, name="Report", description="x"), []),
        (FunctionTool.from_defaults(len, name="len", description="x", fn_schema=Report), []),
        (WITH_CALLBACK, []),
        (Mine(fn=BUILDER.fn, metadata=BUILDER.metadata), []),
    ],
)
def test_only_what_the_framework_makes_of_a_class_runs_no_code(
    tool: FunctionTool, names: list[str]
) -> None:
    assert names_without_code([tool]) == names_without_code(callable_tools([tool])) == names


def test_a_builder_that_something_has_replaced_counts_as_code(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Wrapper:
        def __call__(self, *args: Any) -> Any:
            return get_function_tool(*args)

    monkeypatch.setattr(tools, "get_function_tool", Wrapper())
    assert names_without_code([BUILDER]) == []


def test_which_tools_run_no_code_is_known_and_not_sent(llm: MiniMax, server: Emulator) -> None:
    prepared = llm._prepare_chat_with_tools([WEATHER, BUILDER], "Weather?", tool_required=True)
    assert prepared["tools_without_code"] == ["Report"]
    assert "tools_without_code" not in llm._prepare_chat_with_tools([WEATHER], "Weather?")
    llm.chat_with_tools([WEATHER, BUILDER], "Weather?", tool_required=True)
    assert "without_code" not in json.dumps(server.last_body)


async def _acollect(coroutine: Any) -> list[ChatResponse]:
    return [response async for response in await coroutine]


FORMS: dict[str, Callable[..., list[ChatResponse]]] = {
    "chat": lambda llm, **k: [llm.chat_with_tools([WEATHER], **k)],
    "achat": lambda llm, **k: [asyncio.run(llm.achat_with_tools([WEATHER], **k))],
    "stream_chat": lambda llm, **k: list(llm.stream_chat_with_tools([WEATHER], **k)),
    "astream_chat": lambda llm, **k: asyncio.run(
        _acollect(llm.astream_chat_with_tools([WEATHER], **k))
    ),
}


@pytest.mark.parametrize("form", list(FORMS))
@pytest.mark.parametrize("required", [True, False])
def test_a_reply_that_had_to_be_a_call_says_that_it_is_none(
    form: str, required: bool, llm: MiniMax, server: Emulator, wire: Any
) -> None:
    text = "I will not."
    streamed = wire.stream(wire.text(text[:4]), wire.text(text[4:]))
    server.enqueue(streamed if "stream" in form else wire.reply(wire.message(text)))
    *before, last = FORMS[form](llm, user_msg="Weather?", tool_required=required)
    mark = {"ignored_tool_choice": True} if required else {}
    assert last.message.additional_kwargs == mark
    assert not any(response.message.additional_kwargs for response in before)
    kept = ChatMessage.model_validate_json(last.message.model_dump_json())
    assert to_wire_messages([kept]) == [{"role": "assistant", "content": text, **mark}]


def test_only_the_own_mark_counts() -> None:
    given = {"ignored_tool_choice": "yes"}
    message = ChatMessage(role="assistant", content="No.", additional_kwargs=given)
    assert to_wire_messages([message]) == [{"role": "assistant", "content": "No."}]


def test_a_call_with_code_is_not_shown_while_its_text_streams(
    llm: MiniMax, server: Emulator, wire: Any
) -> None:
    text = json.dumps({"name": "get_weather", "arguments": {"city": "Paris"}})
    pieces = [wire.text(text[start : start + 8]) for start in range(0, len(text), 8)]
    server.enqueue(wire.stream(*pieces))
    *before, last = llm.stream_chat_with_tools([WEATHER], "Weather?", tool_required=True)
    assert not any(response.message.additional_kwargs for response in before)
    (call,) = llm.get_tool_calls_from_response(last)
    assert (call.tool_name, call.tool_kwargs) == ("get_weather", {"city": "Paris"})
