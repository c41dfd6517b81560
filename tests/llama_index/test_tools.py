"""The `chat_with_tools` family and the calls in responses."""

from __future__ import annotations

import asyncio
import json
import warnings
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from llama_index.core.agent.workflow import FunctionAgent
from llama_index.core.base.llms.types import ChatMessage, ChatResponse, ToolCallBlock
from llama_index.core.tools import FunctionTool, ToolMetadata
from pydantic import RootModel

from llama_index_mara_minimax import MARA, MiniMax
from llama_index_mara_minimax.tools import to_wire_tools
from mara_minimax.emulator import Emulator
from mara_minimax.encoded_request import ParameterWarning
from mara_minimax.errors import InvalidReplyError, ParameterError


def add(a: int, b: int = 0) -> int:
    """Add two numbers."""
    return a + b


def lower(text: str) -> str:
    """Write a text in small letters."""
    return text.lower()


ADD = FunctionTool.from_defaults(add)
LOWER = FunctionTool.from_defaults(lower)


async def _acollect(coroutine: Any) -> list[ChatResponse]:
    return [response async for response in await coroutine]


ASK: dict[str, Callable[..., list[ChatResponse]]] = {
    "chat": lambda llm, **k: [llm.chat_with_tools([ADD, LOWER], **k)],
    "achat": lambda llm, **k: [asyncio.run(llm.achat_with_tools([ADD, LOWER], **k))],
    "stream_chat": lambda llm, **k: list(llm.stream_chat_with_tools([ADD, LOWER], **k)),
    "astream_chat": lambda llm, **k: asyncio.run(
        _acollect(llm.astream_chat_with_tools([ADD, LOWER], **k))
    ),
}


@pytest.fixture(params=list(ASK))
def ask(request: pytest.FixtureRequest) -> Any:
    """One of the four forms of a chat with the tools `add` and `lower`."""
    return ASK[request.param]


@pytest.fixture
def two_calls(request: pytest.FixtureRequest, ask: Any, wire: Any) -> Any:
    """A reply with two calls, in the form that `ask` needs."""
    first = wire.call("add", '{"a": 1, "b": 2}', "call_function_ab_1", 0)
    second = wire.call("lower", '{"text": "X"}', "call_function_ab_2", 1)
    if ask in (ASK["chat"], ASK["achat"]):
        return wire.reply(wire.message("\n", "hm", tool_calls=[first, second]))
    head = {**first, "function": {"name": "add", "arguments": '{"a": 1, '}}
    return wire.stream(
        wire.thought("hm"),
        wire.call_delta(**head),
        wire.call_delta(function={"arguments": '"b": 2}'}, index=0),
        {"role": "assistant", "tool_calls": [second]},
        finish_reason="tool_calls",
    )


def selections(llm: MiniMax, response: ChatResponse) -> list[tuple[str, str, dict[str, Any]]]:
    calls = llm.get_tool_calls_from_response(response, error_on_no_tool_call=False)
    return [(call.tool_id, call.tool_name, call.tool_kwargs) for call in calls]


def test_parallel_calls_are_all_there_when_allowed(
    ask: Any, two_calls: Any, llm: MiniMax, server: Emulator
) -> None:
    server.enqueue(two_calls)
    last = ask(llm, user_msg="Go", allow_parallel_tool_calls=True)[-1]
    assert selections(llm, last) == [
        ("call_function_ab_1", "add", {"a": 1, "b": 2}),
        ("call_function_ab_2", "lower", {"text": "X"}),
    ]


def test_one_call_is_left_when_parallel_ones_are_not_allowed(
    ask: Any, two_calls: Any, llm: MiniMax, server: Emulator
) -> None:
    server.enqueue(two_calls)
    for response in ask(llm, user_msg="Go"):
        mirror = response.message.additional_kwargs.get("tool_calls", [])
        assert len(selections(llm, response)) == len(mirror) <= 1
    assert selections(llm, response) == [("call_function_ab_1", "add", {"a": 1, "b": 2})]
    assert "parallel_tool_calls" not in server.last_body


def test_tools_and_messages_are_sent(ask: Any, llm: MiniMax, server: Emulator) -> None:
    history = [ChatMessage(role="system", content="Be brief.")]
    ask(llm, user_msg="Tell me about rivers.", chat_history=history)
    body = server.last_body
    assert body["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Tell me about rivers."},
    ]
    assert [tool["function"]["name"] for tool in body["tools"]] == ["add", "lower"]
    assert body["tools"][0]["function"]["parameters"]["required"] == ["a"]
    assert "tool_choice" not in body


def test_the_callers_history_is_not_changed(ask: Any, llm: MiniMax) -> None:
    history = [ChatMessage(role="system", content="Be brief.")]
    ask(llm, user_msg="Now", chat_history=history, tool_required=True)
    assert history == [ChatMessage(role="system", content="Be brief.")]


def test_a_message_object_is_taken_as_the_users(ask: Any, llm: MiniMax, server: Emulator) -> None:
    ask(llm, user_msg=ChatMessage(role="user", content="Now"))
    assert server.last_body["messages"] == [{"role": "user", "content": "Now"}]


def test_a_required_call_is_asked_for_in_words_where_it_is_not_enforced(
    ask: Any, llm: MiniMax, server: Emulator
) -> None:
    ask(llm, user_msg="Go", tool_required=True, tool_choice=None)
    system, user = server.last_body["messages"]
    assert "`add` or `lower`" in system["content"]
    assert user == {"role": "user", "content": "Go"}
    assert "tool_choice" not in server.last_body


def test_a_required_call_is_required_where_that_is_enforced(
    ask: Any, mara: MARA, mara_server: Emulator
) -> None:
    ask(mara, user_msg="Go", tool_required=True, tool_choice=None)
    assert mara_server.last_body["tool_choice"] == "required"
    assert mara_server.last_body["messages"] == [{"role": "user", "content": "Go"}]


def test_a_tool_can_be_chosen_by_its_name(ask: Any, mara: MARA, mara_server: Emulator) -> None:
    ask(mara, user_msg="Go", tool_choice="lower")
    assert mara_server.last_body["tool_choice"] == {
        "type": "function",
        "function": {"name": "lower"},
    }


def test_a_chosen_tool_is_the_only_one_where_choices_are_not_enforced(
    ask: Any, llm: MiniMax, server: Emulator
) -> None:
    ask(llm, user_msg="Go", tool_choice="lower")
    assert [tool["function"]["name"] for tool in server.last_body["tools"]] == ["lower"]
    assert "`lower`" in server.last_body["messages"][0]["content"]


@pytest.mark.parametrize("choice", ["auto", "none"])
def test_free_choices_are_sent_as_given(
    choice: str, ask: Any, llm: MiniMax, server: Emulator
) -> None:
    ask(llm, user_msg="Tell me about rivers.", tool_choice=choice)
    assert server.last_body["tool_choice"] == choice


def test_a_choice_of_no_tool_is_refused(ask: Any, llm: MiniMax, server: Emulator) -> None:
    with pytest.raises(ParameterError, match="multiply"):
        ask(llm, user_msg="Go", tool_choice="multiply")
    assert server.requests == []


def test_with_policy_pass_choices_are_sent_as_given(
    make_llm: Callable[..., MiniMax], server: Emulator
) -> None:
    llm = make_llm(parameter_policy="pass")
    llm.chat_with_tools([ADD], user_msg="Go", tool_required=True)
    assert server.last_body["tool_choice"] == "required"
    assert server.last_body["parallel_tool_calls"] is False


def test_choices_for_every_call_hold_for_every_call(
    make_llm: Callable[..., MiniMax], server: Emulator, wire: Any
) -> None:
    calls = [wire.call("add", '{"a": 1}'), wire.call("add", '{"a": 2}', "call_function_ab_2", 1)]
    server.enqueue(wire.reply(wire.message(tool_calls=calls)))
    llm = make_llm(additional_kwargs={"parallel_tool_calls": False, "tool_choice": "any"})
    response = llm.chat([ChatMessage(role="user", content="Go")], tools=to_wire_tools([ADD]))
    assert selections(llm, response) == [("call_function_ab_1", "add", {"a": 1})]
    assert "`add`" in server.last_body["messages"][0]["content"]


def test_strict_is_left_out_with_a_warning(ask: Any, llm: MiniMax, server: Emulator) -> None:
    with pytest.warns(ParameterWarning, match="strict=True"):
        ask(llm, user_msg="Go", strict=True)
    assert "strict" not in server.last_body["tools"][0]["function"]


def test_parameters_beside_the_tools_are_sent(ask: Any, llm: MiniMax, server: Emulator) -> None:
    ask(llm, user_msg="Go", temperature=0.3)
    assert server.last_body["temperature"] == 0.3


@pytest.mark.parametrize("parallel", [False, True])
def test_what_the_framework_chooses_by_itself_warns_of_nothing(
    parallel: bool, ask: Any, llm: MiniMax, mara: MARA
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", ParameterWarning)
        ask(llm, user_msg="Go", allow_parallel_tool_calls=parallel, tool_required=True)
        ask(mara, user_msg="Go", allow_parallel_tool_calls=parallel, tool_required=True)


def test_the_validator_keeps_the_first_call(llm: MiniMax) -> None:
    blocks = [ToolCallBlock(tool_call_id=f"c{i}", tool_name="add") for i in range(3)]
    response = ChatResponse(message=ChatMessage(role="assistant", blocks=blocks))
    validated = llm._validate_chat_with_tools_response(response, [ADD])
    assert selections(llm, validated) == [("c0", "add", {})]
    assert len(response.message.blocks) == 3


def test_a_long_description_is_no_error(llm: MiniMax, server: Emulator) -> None:
    tool = FunctionTool.from_defaults(add, description="x" * 2000)
    llm.chat_with_tools([tool], user_msg="Go")
    assert len(server.last_body["tools"][0]["function"]["description"]) >= 2000


def test_no_tools_are_no_tools(llm: MiniMax, server: Emulator) -> None:
    llm.chat_with_tools([], user_msg="Go", tool_required=True)
    assert not {"tools", "tool_choice", "parallel_tool_calls"} & server.last_body.keys()


def test_selections_are_safe_on_every_partial_response(
    llm: MiniMax, server: Emulator, wire: Any
) -> None:
    arguments = json.dumps({"text": 'a "quoted" ü\n word', "list": [1, {"x": None}]})
    pieces = [wire.call_delta(function={"arguments": letter}, index=0) for letter in arguments]
    head = wire.call_delta(id="c1", type="function", index=0, function={"name": "lower"})
    server.enqueue(wire.stream(head, *pieces, finish_reason="tool_calls"))
    for response in llm.stream_chat_with_tools([LOWER], user_msg="Go"):
        for tool_id, name, kwargs in selections(llm, response):
            assert tool_id
            assert name == "lower"
            assert isinstance(kwargs, dict)
    assert kwargs == json.loads(arguments)


def test_a_call_without_arguments_selects_none(llm: MiniMax, server: Emulator, wire: Any) -> None:
    server.enqueue(wire.reply(wire.message(tool_calls=[wire.call("add", "")])))
    response = llm.chat_with_tools([ADD], user_msg="Go")
    assert selections(llm, response) == [("call_function_ab_1", "add", {})]


BROKEN = " (its arguments are not one complete JSON object)"


def test_arguments_that_were_cut_select_no_tool_that_exists(
    llm: MiniMax, server: Emulator, wire: Any
) -> None:
    call = wire.call("lower", '{"text": "/tm')
    server.enqueue(wire.reply(wire.message(tool_calls=[call]), "length"))
    response = llm.chat_with_tools([LOWER], user_msg="Go")
    selected = llm.get_tool_calls_from_response(response, error_on_no_tool_call=False)
    assert [(s.tool_name, s.tool_kwargs) for s in selected] == [("lower" + BROKEN, {})]
    with pytest.raises(InvalidReplyError, match=r"'lower'.*max_tokens"):
        llm.get_tool_calls_from_response(response)


def test_a_tool_with_defaults_is_not_run_with_them_for_cut_arguments(
    llm: MiniMax, server: Emulator, wire: Any
) -> None:
    ran = []

    def wipe(path: str = "/everything") -> str:
        """Wipe a folder."""
        ran.append(path)
        return "done"

    call = wire.call("wipe", '{"path": "/tm')
    server.enqueue(wire.reply(wire.message(tool_calls=[call]), "length"))
    with pytest.raises(InvalidReplyError):
        llm.predict_and_call([FunctionTool.from_defaults(wipe)], user_msg="Go")
    server.enqueue(wire.reply(wire.message(tool_calls=[call]), "length"))
    server.enqueue(wire.reply(wire.message(content="I see.")))
    agent = FunctionAgent(tools=[FunctionTool.from_defaults(wipe)], llm=llm, streaming=False)

    async def run() -> str:
        return str(await agent.run("Go"))

    assert asyncio.run(run()) == "I see."
    assert ran == []
    assert "not found" in server.last_body["messages"][-1]["content"]


def test_a_stream_selects_a_call_once_its_arguments_are_whole(
    llm: MiniMax, server: Emulator, wire: Any
) -> None:
    head = wire.call_delta(id="c1", type="function", index=0, function={"name": "lower"})
    half = wire.call_delta(index=0, function={"arguments": '{"text": "a'})
    rest = wire.call_delta(index=0, function={"arguments": '"}'})
    server.enqueue(wire.stream(head, half, rest, finish_reason="tool_calls"))
    _, cut, whole, *_ = llm.stream_chat_with_tools([LOWER], user_msg="Go")
    with pytest.raises(InvalidReplyError, match="'lower'.*has not ended"):
        llm.get_tool_calls_from_response(cut)
    (selected,) = llm.get_tool_calls_from_response(whole)
    assert selected.tool_kwargs == {"text": "a"}


def test_a_tool_whose_schema_has_no_properties_is_sent_with_none(
    llm: MiniMax, server: Emulator
) -> None:
    class Anything(RootModel[dict[str, int]]):
        """Any numbers."""

    tool = FunctionTool.from_defaults(
        lambda **numbers: sum(numbers.values()),
        name="total",
        description="Add up.",
        fn_schema=Anything,
    )
    llm.chat_with_tools([tool], user_msg="Go")
    parameters = server.last_body["tools"][0]["function"]["parameters"]
    assert parameters["properties"] == {}


def test_a_tool_without_a_name_is_not_sent(llm: MiniMax, server: Emulator) -> None:
    nameless = FunctionTool(lambda text: text, metadata=ToolMetadata("Repeat."))
    with pytest.raises(ParameterError, match="Invalid tool name None"):
        llm.chat_with_tools([nameless], user_msg="Go")
    assert server.requests == []


@pytest.mark.parametrize("stream", [True, False])
def test_a_required_call_that_was_cut_is_an_error(
    stream: bool, llm: MiniMax, server: Emulator, wire: Any
) -> None:
    if stream:
        delta = wire.call_delta(
            id="c1", index=0, function={"name": "lower", "arguments": '{"text": "/tm'}
        )
        server.enqueue(wire.stream(delta, finish_reason="length"))
        responses = llm.stream_chat_with_tools([LOWER], user_msg="Go", tool_required=True)
        with pytest.raises(InvalidReplyError):
            list(responses)
    else:
        call = wire.call("lower", '{"text": "/tm')
        server.enqueue(wire.reply(wire.message(tool_calls=[call]), "length"))
        with pytest.raises(InvalidReplyError):
            llm.chat_with_tools([LOWER], user_msg="Go", tool_required=True)


def test_missing_and_repeated_ids_become_unique(llm: MiniMax, server: Emulator, wire: Any) -> None:
    calls = [
        wire.call("add", '{"a": 1}', ""),
        wire.call("add", '{"a": 2}', "same", 1),
        wire.call("add", '{"a": 3}', "same", 2),
    ]
    server.enqueue(wire.reply(wire.message(tool_calls=calls)))
    response = llm.chat_with_tools([ADD], user_msg="Go", allow_parallel_tool_calls=True)
    ids = [tool_id for tool_id, _, _ in selections(llm, response)]
    assert len(set(ids)) == 3
    assert all(ids)


def test_no_call_is_an_error_only_when_asked_for(llm: MiniMax) -> None:
    response = llm.chat([ChatMessage(role="user", content="Hi")])
    assert llm.get_tool_calls_from_response(response, error_on_no_tool_call=False) == []
    with pytest.raises(ValueError, match="at least one tool call"):
        llm.get_tool_calls_from_response(response)


@pytest.mark.parametrize(
    "call",
    [
        {"id": "c1", "function": {"name": "add", "arguments": '{"a": 1}'}},
        SimpleNamespace(id="c1", function=SimpleNamespace(name="add", arguments='{"a": 1}')),
        {"id": "c1", "function": {"name": "add", "arguments": {"a": 1}}},
    ],
)
def test_calls_of_other_integrations_are_read(call: Any, llm: MiniMax) -> None:
    message = ChatMessage(role="assistant", additional_kwargs={"tool_calls": [call]})
    assert selections(llm, ChatResponse(message=message)) == [("c1", "add", {"a": 1})]


def test_a_block_without_an_id_gets_one(llm: MiniMax) -> None:
    block = ToolCallBlock(tool_name="add", tool_kwargs='{"a": 1}')
    response = ChatResponse(message=ChatMessage(role="assistant", blocks=[block]))
    assert selections(llm, response) == [("call_1", "add", {"a": 1})]


def test_a_tool_that_changes_its_arguments_changes_no_history(
    llm: MiniMax, server: Emulator, wire: Any
) -> None:
    call = wire.call("lower", '{"options": {"tags": ["a"]}}')
    server.enqueue(wire.reply(wire.message(tool_calls=[call])))
    response = llm.chat_with_tools([LOWER], user_msg="Go")
    (selection,) = llm.get_tool_calls_from_response(response)
    selection.tool_kwargs["options"]["tags"].append("changed")
    server.clear()
    llm.chat([ChatMessage("Go"), response.message, ChatMessage("done", role="tool")])
    assert "changed" not in json.dumps(server.requests[0].body)


def test_the_call_of_an_answer_that_was_cut_is_not_run_even_if_its_json_is_closed(
    llm: MiniMax, server: Emulator, wire: Any
) -> None:
    message = wire.message("", tool_calls=[wire.call("add", '{"a": 1}')])
    server.enqueue(wire.reply(message, finish_reason="length"))
    response = llm.chat([ChatMessage(role="user", content="Add")])
    (selection,) = llm.get_tool_calls_from_response(response, error_on_no_tool_call=False)
    assert selection.tool_name != "add"
    assert selection.tool_kwargs == {}
    with pytest.raises(InvalidReplyError, match="length"):
        llm.get_tool_calls_from_response(response)


def test_a_choice_may_be_limited_to_some_tools(llm: MiniMax, server: Emulator, wire: Any) -> None:
    tools = [FunctionTool.from_defaults(lambda: 1, name=name, description="x") for name in "ab"]
    allowed = {"mode": "required", "tools": [{"type": "function", "function": {"name": "b"}}]}
    choice = {"type": "allowed_tools", "allowed_tools": allowed}
    server.enqueue(wire.reply(wire.message("", tool_calls=[wire.call("b", "{}")])))
    response = llm.chat_with_tools(tools, "Go", tool_choice=choice)
    (selection,) = llm.get_tool_calls_from_response(response)
    assert selection.tool_name == "b"
    assert [tool["function"]["name"] for tool in server.last_body["tools"]] == ["b"]
