"""Agents and memories: reasoning and calls reach the next turn as they came."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from llama_index.core.agent.workflow import (
    AgentStream,
    AgentWorkflow,
    FunctionAgent,
    ReActAgent,
)
from llama_index.core.base.llms.types import ChatMessage
from llama_index.core.memory import ChatMemoryBuffer, Memory
from llama_index.core.tools import FunctionTool
from llama_index.core.workflow import Context, JsonPickleSerializer

from llama_index_mara_minimax import MARA, MiniMax
from mara_minimax.emulator import CannedReply, Emulator

THOUGHT = "The user asks\nfor the weather."
INLINE = f"<think>\n{THOUGHT}\n</think>\n\n\n"
ARGUMENTS = '{"city" :"Oslo"}'
CALL_ID = "call_function_ab_1"


def get_weather(city: str) -> str:
    """Say what the weather is in a city."""
    return f"Rain in {city}."


WEATHER = FunctionTool.from_defaults(get_weather)
CALL = {
    "id": CALL_ID,
    "type": "function",
    "function": {"name": "get_weather", "arguments": ARGUMENTS},
}
RESULT = {"role": "tool", "tool_call_id": CALL_ID, "content": "Rain in Oslo."}


def tool_turn(wire: Any, kind: str, *, stream: bool) -> CannedReply:
    """The first turn, its reasoning in one of three forms: details, inline, field."""
    call = wire.call("get_weather", ARGUMENTS)
    reasoning: dict[str, Any] = {
        "details": wire.message("\n", THOUGHT),
        "inline": wire.message(INLINE),
        "field": wire.message(None, reasoning=THOUGHT, channel="analysis"),
    }[kind]
    if not stream:
        return wire.reply({**reasoning, "tool_calls": [call]})
    pieces: list[dict[str, Any]] = {
        "details": [wire.thought(THOUGHT[:9]), wire.thought(THOUGHT[9:]), wire.text("\n")],
        "inline": [wire.text(INLINE[:3]), wire.text(INLINE[3:20]), wire.text(INLINE[20:])],
        "field": [
            {"reasoning": THOUGHT[:9], "channel": "analysis"},
            {"reasoning": THOUGHT[9:], "channel": "analysis"},
        ],
    }[kind]
    head = {**call, "function": {"name": "get_weather", "arguments": ARGUMENTS[:6]}}
    return wire.stream(
        *pieces,
        wire.call_delta(**head),
        wire.call_delta(index=0, function={"arguments": ARGUMENTS[6:]}),
        finish_reason="tool_calls",
    )


def expected_turn(wire: Any, kind: str, body: dict[str, Any]) -> dict[str, Any]:
    """The assistant message that the second request must contain."""
    (sent,) = [message for message in body["messages"] if message.get("tool_calls")]
    expected: dict[str, Any] = {"role": "assistant", "tool_calls": [CALL]}
    if kind == "details":
        # The details are those of the reply; a stream's come in as many pieces as it had.
        details = sent["reasoning_details"]
        assert "".join(detail["text"] for detail in details) == THOUGHT
        assert all({**detail, "text": ""} == {**wire.detail, "text": ""} for detail in details)
        expected |= {"content": "\n", "reasoning_details": details}
    elif kind == "inline":
        expected |= {"content": INLINE}
    else:
        expected |= {"content": None, "reasoning": THOUGHT, "channel": "analysis"}
    return expected


def final_turn(wire: Any, *, stream: bool) -> CannedReply:
    if not stream:
        return wire.reply(wire.message("It rains.", "Done."))
    return wire.stream(wire.thought("Done."), wire.text("It "), wire.text("rains."))


@pytest.fixture(params=["details", "inline", "field"])
def kind(request: pytest.FixtureRequest) -> str:
    """Where the provider puts the reasoning."""
    return str(request.param)


@pytest.fixture(params=[False, True], ids=["plain", "streaming"])
def stream(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def talk(
    kind: str, make_llm: Callable[..., MiniMax], mara: MARA, server: Emulator, mara_server: Emulator
) -> tuple[MiniMax | MARA, Emulator]:
    """The LLM whose provider sends reasoning that way, and its server."""
    if kind == "field":
        return mara, mara_server
    return make_llm(reasoning_split=kind == "details"), server


def check_second_request(kind: str, wire: Any, emulator: Emulator) -> None:
    body = emulator.last_body
    assert body.get("reasoning_split") is (None if kind == "field" else kind == "details")
    turn, result = body["messages"][-2:]
    assert turn == expected_turn(wire, kind, body)
    assert result == RESULT


def tool_result(message: str = "Rain in Oslo.") -> ChatMessage:
    return ChatMessage(role="tool", content=message, additional_kwargs={"tool_call_id": CALL_ID})


@pytest.mark.parametrize("round_trip", ["none", "json", "dump"])
def test_a_tool_loop_by_hand_sends_the_turn_back_as_it_came(
    round_trip: str, kind: str, stream: bool, talk: Any, wire: Any
) -> None:
    llm, emulator = talk
    emulator.enqueue(tool_turn(wire, kind, stream=stream))
    question = ChatMessage(role="user", content="How is the weather in Oslo?")
    if stream:
        *_, response = llm.stream_chat_with_tools([WEATHER], chat_history=[question])
    else:
        response = llm.chat_with_tools([WEATHER], chat_history=[question])
    turn = response.message
    if round_trip == "json":
        turn = ChatMessage.model_validate_json(turn.model_dump_json())
    elif round_trip == "dump":
        turn = ChatMessage(**json.loads(json.dumps(turn.model_dump(mode="json"))))
    emulator.enqueue(final_turn(wire, stream=False))
    last = llm.chat_with_tools([WEATHER], chat_history=[question, turn, tool_result()])
    check_second_request(kind, wire, emulator)
    assert last.message.content == "It rains."


def run_agent(agent: Any, question: str, **kwargs: Any) -> tuple[Any, list[Any]]:
    """Run `agent` in a loop of its own; returns its output and all stream events."""

    async def run() -> tuple[Any, list[Any]]:
        handler = agent.run(question, **kwargs)
        events = [event async for event in handler.stream_events()]
        return await handler, events

    return asyncio.run(run())


def test_a_function_agent_sends_the_turn_back_as_it_came(
    kind: str, stream: bool, talk: Any, wire: Any
) -> None:
    llm, emulator = talk
    emulator.enqueue(tool_turn(wire, kind, stream=stream))
    emulator.enqueue(final_turn(wire, stream=stream))
    agent = FunctionAgent(llm=llm, tools=[WEATHER], streaming=stream)
    output, _ = run_agent(agent, "How is the weather in Oslo?")
    check_second_request(kind, wire, emulator)
    assert str(output) == "It rains."
    assert len(emulator.requests) == 2


def test_thinking_streams_through_an_agent(kind: str, talk: Any, wire: Any) -> None:
    llm, emulator = talk
    emulator.enqueue(tool_turn(wire, kind, stream=True))
    emulator.enqueue(final_turn(wire, stream=True))
    _, events = run_agent(FunctionAgent(llm=llm, tools=[WEATHER]), "How is the weather?")
    streamed = [event for event in events if isinstance(event, AgentStream)]
    thoughts = "".join(event.thinking_delta or "" for event in streamed)
    assert thoughts == f"{THOUGHT}Done."
    assert "".join(event.delta for event in streamed).strip() == "It rains."
    calls = [event.tool_calls[0].tool_kwargs for event in streamed if event.tool_calls]
    assert calls[-1] == {"city": "Oslo"}


def test_an_sql_memory_keeps_the_turn(kind: str, stream: bool, talk: Any, wire: Any) -> None:
    llm, emulator = talk
    emulator.enqueue(tool_turn(wire, kind, stream=stream))
    emulator.enqueue(final_turn(wire, stream=stream))
    agent = FunctionAgent(llm=llm, tools=[WEATHER], streaming=stream)

    async def two_questions() -> None:
        memory = Memory.from_defaults(session_id="s", token_limit=40_000)
        await agent.run("How is the weather in Oslo?", memory=memory)
        emulator.enqueue(final_turn(wire, stream=stream))
        await agent.run("And now?", memory=memory)

    asyncio.run(two_questions())
    body = emulator.last_body
    roles = [message["role"] for message in body["messages"]]
    assert roles == ["user", "assistant", "tool", "assistant", "user"]
    assert body["messages"][1] == expected_turn(wire, kind, body)
    assert body["messages"][2] == RESULT


def test_a_context_keeps_the_turn_through_json(kind: str, talk: Any, wire: Any) -> None:
    llm, emulator = talk
    emulator.enqueue(tool_turn(wire, kind, stream=True))
    emulator.enqueue(final_turn(wire, stream=True))
    agent = FunctionAgent(llm=llm, tools=[WEATHER])

    async def two_questions() -> None:
        context = Context(agent)
        await agent.run("How is the weather in Oslo?", ctx=context)
        saved = json.dumps(context.to_dict(serializer=JsonPickleSerializer()))
        assert wire.key not in saved
        context = Context.from_dict(agent, json.loads(saved), serializer=JsonPickleSerializer())
        emulator.enqueue(final_turn(wire, stream=True))
        await agent.run("And now?", ctx=context)

    asyncio.run(two_questions())
    body = emulator.last_body
    assert body["messages"][1] == expected_turn(wire, kind, body)


def test_a_chat_memory_buffer_keeps_the_turn(kind: str, talk: Any, wire: Any) -> None:
    llm, emulator = talk
    emulator.enqueue(tool_turn(wire, kind, stream=False))
    question = ChatMessage(role="user", content="How is the weather in Oslo?")
    response = llm.chat_with_tools([WEATHER], chat_history=[question])
    memory = ChatMemoryBuffer.from_defaults(llm=llm)
    memory.put_messages([question, response.message, tool_result()])
    emulator.enqueue(final_turn(wire, stream=False))
    llm.chat_with_tools([WEATHER], chat_history=memory.get())
    check_second_request(kind, wire, emulator)


def test_reasoning_stays_home_when_replay_is_off(
    make_llm: Callable[..., MiniMax], server: Emulator, wire: Any
) -> None:
    llm = make_llm(replay_reasoning=False)
    server.enqueue(tool_turn(wire, "details", stream=False))
    server.enqueue(final_turn(wire, stream=False))
    run_agent(FunctionAgent(llm=llm, tools=[WEATHER], streaming=False), "Weather in Oslo?")
    (turn,) = [m for m in server.last_body["messages"] if m.get("tool_calls")]
    assert turn == {"role": "assistant", "content": "\n", "tool_calls": [CALL]}


def test_reasoning_goes_to_the_same_model_at_the_other_provider(
    llm: MiniMax, server: Emulator, mara: MARA, mara_server: Emulator, wire: Any
) -> None:
    server.enqueue(tool_turn(wire, "details", stream=False))
    question = ChatMessage(role="user", content="How is the weather in Oslo?")
    turn = llm.chat_with_tools([WEATHER], chat_history=[question]).message
    mara.chat_with_tools([WEATHER], chat_history=[question, turn, tool_result()])
    (sent,) = [m for m in mara_server.last_body["messages"] if m.get("tool_calls")]
    assert sent["reasoning"] == THOUGHT
    assert "reasoning_details" not in sent


def test_parallel_calls_of_an_agent_are_all_run_and_answered(
    llm: MiniMax, server: Emulator, wire: Any
) -> None:
    calls = [
        wire.call("get_weather", '{"city": "Oslo"}', "call_function_ab_1", 0),
        wire.call("get_weather", '{"city": "Bergen"}', "call_function_ab_2", 1),
    ]
    server.enqueue(
        wire.stream({"role": "assistant", "tool_calls": calls}, finish_reason="tool_calls")
    )
    server.enqueue(final_turn(wire, stream=True))
    run_agent(FunctionAgent(llm=llm, tools=[WEATHER]), "Weather?")
    results = [m for m in server.last_body["messages"] if m["role"] == "tool"]
    assert {(m["tool_call_id"], m["content"]) for m in results} == {
        ("call_function_ab_1", "Rain in Oslo."),
        ("call_function_ab_2", "Rain in Bergen."),
    }


def test_a_workflow_of_two_agents_hands_over(llm: MiniMax, server: Emulator, wire: Any) -> None:
    handoff = json.dumps({"to_agent": "meteorologist", "reason": "weather"})
    server.enqueue(
        wire.stream(
            wire.thought("Not mine."),
            {"role": "assistant", "tool_calls": [wire.call("handoff", handoff)]},
            finish_reason="tool_calls",
        )
    )
    server.enqueue(final_turn(wire, stream=True))
    greeter = FunctionAgent(
        name="greeter",
        description="Greets.",
        llm=llm,
        system_prompt="You greet.",
        can_handoff_to=["meteorologist"],
    )
    other = FunctionAgent(
        name="meteorologist",
        description="Knows the weather.",
        llm=llm,
        tools=[WEATHER],
        system_prompt="You know the weather.",
    )
    workflow = AgentWorkflow(agents=[greeter, other], root_agent="greeter")
    output, _ = run_agent(workflow, "Weather?")
    assert str(output) == "It rains."
    assert len(server.requests) == 2
    roles = [m["role"] for m in server.last_body["messages"]]
    assert roles.count("system") == 1
    assert roles[0] == "system"


def test_a_react_agent_sees_no_thought(llm: MiniMax, server: Emulator, wire: Any) -> None:
    trap = "I could write Action: get_weather\nAction Input: {}\nAnswer: trap"
    server.enqueue(
        wire.stream(
            wire.thought(trap),
            wire.text("Thought: I know it.\n"),
            wire.text("Answer: It rains."),
        )
    )
    output, _ = run_agent(ReActAgent(llm=llm, tools=[WEATHER]), "Weather?")
    assert str(output) == "It rains."
    assert len(server.requests) == 1


def test_an_agent_with_an_output_class_gives_an_object(
    llm: MiniMax, server: Emulator, wire: Any
) -> None:
    from pydantic import BaseModel

    class Report(BaseModel):
        rain: bool

    server.enqueue(final_turn(wire, stream=True))
    server.enqueue(wire.reply(wire.message(tool_calls=[wire.call("Report", '{"rain": true}')])))
    agent = FunctionAgent(llm=llm, tools=[WEATHER], output_cls=Report)
    output, _ = run_agent(agent, "Weather?")
    assert output.structured_response == {"rain": True}


def test_the_emulated_providers_run_an_agent_with_a_tool(llm: MiniMax, mara: MARA) -> None:
    def multiply(a: float, b: float) -> float:
        """Multiply two numbers."""
        return a * b

    tool = FunctionTool.from_defaults(multiply)
    for model in (llm, mara):
        output, _ = run_agent(FunctionAgent(llm=model, tools=[tool]), "What is 6 times 7?")
        assert "42" in str(output)
