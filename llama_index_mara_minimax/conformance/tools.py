"""Rules about tools."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from llama_index.core.base.llms.types import ChatMessage, ToolCallBlock
from llama_index.core.tools import FunctionTool

from llama_index_mara_minimax.conformance.base import Conformance
from llama_index_mara_minimax.conformance.forms import (
    TIME,
    WEATHER,
    ask_with_tools,
    every_tool_form,
)
from llama_index_mara_minimax.conformance.rules import rule
from llama_index_mara_minimax.conformance.script import Call, Turn
from mara_minimax.emulator import Emulator

TOOLS = [WEATHER, TIME]
ONE = Turn(text="Let me see.", calls=[Call("get_weather", '{"city": "Oslo"}')])
TWO = Turn(calls=[*ONE.calls, Call("get_time", '{"city": "Rome", "zone": "CET"}', "call_2")])


def selections(llm: Any, response: Any) -> list[tuple[str, dict[str, Any]]]:
    """The name and arguments of all calls in a response."""
    calls = llm.get_tool_calls_from_response(response, error_on_no_tool_call=False)
    return [(call.tool_name, call.tool_kwargs) for call in calls]


class ToolRules(Conformance):
    """What calls with tools must send and give."""

    @rule(26, "llms.function_calling:_supports_tool_required", needs=("tools",))
    def test_tool_required_is_a_parameter_that_the_framework_finds(self, llm: Any) -> None:
        """The signature is inspected before a call is forced."""
        assert "tool_required" in inspect.signature(llm._prepare_chat_with_tools).parameters

    @rule(
        27,
        "llms.function_calling:FunctionCallingLLM.chat_with_tools",
        "llms.function_calling:FunctionCallingLLM.get_tool_calls_from_response",
        needs=("tools",),
    )
    @every_tool_form
    def test_tools_are_sent_and_the_call_is_read(
        self, form: str, llm: Any, server: Emulator
    ) -> None:
        """Agents and programs do nothing but that."""
        self.say(server, ONE, stream="stream" in form)
        last = ask_with_tools(llm, form, TOOLS)[-1]
        assert selections(llm, last) == [("get_weather", {"city": "Oslo"})]
        names = [tool["function"]["name"] for tool in server.last_body["tools"]]
        assert names == ["get_weather", "get_time"]

    @rule(
        28,
        "base.llms.types:ToolCallBlock",
        "program.utils:process_streaming_objects",
        needs=("tools",),
    )
    @every_tool_form
    def test_calls_stand_in_blocks_and_in_additional_kwargs(
        self, form: str, llm: Any, server: Emulator
    ) -> None:
        """Memories keep the blocks; streamed objects are read from `additional_kwargs`."""
        self.say(server, ONE, stream="stream" in form)
        message = ask_with_tools(llm, form, TOOLS)[-1].message
        (block,) = [block for block in message.blocks if isinstance(block, ToolCallBlock)]
        assert (block.tool_call_id, block.tool_name) == ("call_1", "get_weather")
        assert len(message.additional_kwargs["tool_calls"]) == 1
        # Memories and contexts store messages as JSON.
        assert ChatMessage.model_validate_json(message.model_dump_json()).blocks == message.blocks

    @rule(29, "agent.workflow.function_agent:FunctionAgent", needs=("tools",))
    @every_tool_form
    def test_parallel_calls_are_all_read(self, form: str, llm: Any, server: Emulator) -> None:
        """FunctionAgent allows them by default and runs each."""
        self.say(server, TWO, stream="stream" in form)
        last = ask_with_tools(llm, form, TOOLS, allow_parallel_tool_calls=True)[-1]
        assert [name for name, _ in selections(llm, last)] == ["get_weather", "get_time"]

    @rule(
        30,
        "llms.function_calling:FunctionCallingLLM._validate_chat_with_tools_response",
        "llms.function_calling:FunctionCallingLLM.predict_and_call",
        needs=("tools",),
    )
    @every_tool_form
    def test_one_call_is_left_where_parallel_ones_are_not_allowed(
        self, form: str, llm: Any, server: Emulator
    ) -> None:
        """More than one output is "Invalid" where one was asked for."""
        self.say(server, TWO, stream="stream" in form)
        last = ask_with_tools(llm, form, TOOLS, allow_parallel_tool_calls=False)[-1]
        assert [name for name, _ in selections(llm, last)] == ["get_weather"]

    @rule(31, "llms.function_calling:FunctionCallingLLM._prepare_chat_with_tools", needs=("tools",))
    @every_tool_form
    def test_the_history_of_the_caller_is_not_changed(
        self, form: str, llm: Any, server: Emulator
    ) -> None:
        """Agents hand over the list of their memory."""
        history = [ChatMessage(role="user", content="Hello")]
        self.say(server, ONE, stream="stream" in form)
        ask_with_tools(llm, form, TOOLS, chat_history=history)
        assert [message.content for message in history] == ["Hello"]
        assert [m["content"] for m in server.last_body["messages"]][-1] == "Hi"

    @rule(32, "program.function_program:FunctionCallingProgram.__call__", needs=("tools",))
    @every_tool_form
    def test_a_tool_choice_of_none_is_accepted(self, form: str, llm: Any, server: Emulator) -> None:
        """Programs pass `tool_choice=None` beside `tool_required=True`."""
        self.say(server, ONE, stream="stream" in form)
        last = ask_with_tools(llm, form, TOOLS, tool_choice=None, tool_required=True)[-1]
        assert selections(llm, last)

    @rule(33, "tools.types:ToolMetadata.to_openai_tool", needs=("tools",))
    @every_tool_form
    def test_a_long_description_is_no_error(self, form: str, llm: Any, server: Emulator) -> None:
        """The framework makes descriptions of docstrings; only its own converter has a limit."""
        tool = FunctionTool.from_defaults(
            lambda city: city, name="get_weather", description="x" * 2000
        )
        self.say(server, ONE, stream="stream" in form)
        ask_with_tools(llm, form, [tool])
        assert server.last_body["tools"][0]["function"]["description"] == "x" * 2000

    @rule(
        34,
        "agent.workflow.function_agent:FunctionAgent",
        "llms.llm:ToolSelection",
        needs=("tools", "streaming"),
    )
    def test_selections_are_safe_on_every_chunk(self, llm: Any, server: Emulator) -> None:
        """Agents ask for them on each chunk, with arguments that are not complete."""
        self.say(server, TWO, stream=True)
        for chunk in llm.stream_chat_with_tools(
            TOOLS, user_msg="Hi", allow_parallel_tool_calls=True
        ):
            for call in llm.get_tool_calls_from_response(chunk, error_on_no_tool_call=False):
                assert isinstance(call.tool_kwargs, dict)
                assert call.tool_id, f"the id of a call is {call.tool_id!r}"

    @rule(
        35,
        "llms.function_calling:FunctionCallingLLM.stream_chat_with_tools",
        needs=("tools", "streaming"),
    )
    @pytest.mark.parametrize(
        "shape", ["two in one chunk", "repeated id and name", "without index", "null arguments"]
    )
    def test_calls_are_read_from_every_shape_of_stream(
        self, shape: str, llm: Any, server: Emulator
    ) -> None:
        """Servers that speak OpenAI's wire differ in how they cut calls."""
        server.enqueue(self.script.deltas(SHAPES[shape], "tool_calls"))
        *_, last = llm.stream_chat_with_tools(TOOLS, user_msg="Hi", allow_parallel_tool_calls=True)
        assert selections(llm, last) == EXPECTED[shape]

    @rule(
        36,
        "llms.llm:ToolSelection",
        "agent.workflow.function_agent:FunctionAgent.handle_tool_call_results",
        needs=("tools",),
    )
    @every_tool_form
    def test_ids_are_never_empty_and_unique(self, form: str, llm: Any, server: Emulator) -> None:
        """Results are matched to calls by id."""
        calls = [Call("get_weather", '{"city": "Oslo"}', ""), Call("get_time", "{}", "")]
        self.say(server, Turn(calls=calls), stream="stream" in form)
        last = ask_with_tools(llm, form, TOOLS, allow_parallel_tool_calls=True)[-1]
        ids = [call.tool_id for call in llm.get_tool_calls_from_response(last)]
        assert all(ids), f"ids: {', '.join(map(repr, ids))}"
        assert len(set(ids)) == 2, f"ids: {', '.join(map(repr, ids))}"

    @rule(
        37,
        "llms.function_calling:FunctionCallingLLM.get_tool_calls_from_response",
        needs=("tools",),
    )
    def test_no_call_is_a_value_error_only_when_asked_for(self, llm: Any, server: Emulator) -> None:
        """Programs retry on it; agents pass `error_on_no_tool_call=False`."""
        self.say(server, Turn(text="No."), stream=False)
        response = llm.chat_with_tools(TOOLS, user_msg="Hi")
        assert llm.get_tool_calls_from_response(response, error_on_no_tool_call=False) == []
        with pytest.raises(ValueError, match="tool call"):
            llm.get_tool_calls_from_response(response, error_on_no_tool_call=True)

    @rule(38, "llms.function_calling:FunctionCallingLLM.predict_and_call", needs=("tools",))
    def test_predict_and_call_runs_the_tool(self, llm: Any, server: Emulator) -> None:
        """Routers and query engines call tools by it."""
        self.say(server, TWO, stream=False)
        assert llm.predict_and_call(TOOLS, user_msg="Hi").response == "Rain in Oslo."


def _delta(*calls: dict[str, Any]) -> dict[str, Any]:
    return {"tool_calls": list(calls)}


def _without_index(call: Call) -> dict[str, Any]:
    return {name: value for name, value in call.wire(0).items() if name != "index"}


_HEAD = {"id": "call_1", "type": "function", "index": 0}
SHAPES: dict[str, list[dict[str, Any]]] = {
    "two in one chunk": [_delta(*(call.wire(i) for i, call in enumerate(TWO.calls)))],
    "repeated id and name": [
        _delta({**_HEAD, "function": {"name": "get_weather", "arguments": piece}})
        for piece in ('{"city"', ': "Oslo"}')
    ],
    "without index": [_delta(_without_index(call)) for call in TWO.calls],
    "null arguments": [
        _delta({**_HEAD, "function": {"name": "get_weather", "arguments": None}}),
        _delta({"index": 0, "function": {"arguments": '{"city": "Oslo"}'}}),
    ],
}
_BOTH = [("get_weather", {"city": "Oslo"}), ("get_time", {"city": "Rome", "zone": "CET"})]
EXPECTED = {
    "two in one chunk": _BOTH,
    "repeated id and name": _BOTH[:1],
    "without index": _BOTH,
    "null arguments": _BOTH[:1],
}
