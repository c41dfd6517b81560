"""Agents: reasoning and calls reach the next turn as they came."""

from __future__ import annotations

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
from llama_index.core.tools import FunctionTool

from llama_index_mara_minimax import MARA, MiniMax
from mara_minimax.emulator import Emulator
from tests.llama_index.turns import (
    CALL,
    THOUGHT,
    WEATHER,
    check_second_request,
    final_turn,
    run_agent,
    tool_result,
    tool_turn,
)


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
