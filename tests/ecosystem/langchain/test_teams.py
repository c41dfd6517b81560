"""Several agents: under a supervisor, and in a swarm."""

from __future__ import annotations

from typing import Any

import pytest
from langchain.agents import create_agent
from langgraph.checkpoint.memory import InMemorySaver
from langgraph_supervisor import create_supervisor
from langgraph_swarm import create_handoff_tool, create_swarm

from mara_minimax.emulator import ToolCall
from tests.ecosystem.langchain.weather import ANSWER, CALL, QUESTION, THREAD, get_weather

pytestmark = [
    pytest.mark.filterwarnings("ignore:create_react_agent has been moved"),
    # The supervisor asks for one call at a time, which MiniMax does not do.
    pytest.mark.filterwarnings("ignore:.*parallel_tool_calls=False"),
]


@pytest.mark.parametrize("output", ["full_history", "last_message"])
@pytest.mark.parametrize("names", [None, "inline"])
def test_a_supervisor_hands_over_and_answers(
    chat: Any, says: Any, is_answer: Any, emulator: Any, output: Any, names: Any
) -> None:
    says(ToolCall("transfer_to_watcher"), CALL, "Rain, says the watcher.", ANSWER)
    watcher = create_agent(chat, [get_weather], name="watcher")
    team = create_supervisor(
        [watcher], model=chat, output_mode=output, include_agent_name=names
    ).compile()
    is_answer(team.invoke(QUESTION)["messages"][-1], ANSWER)
    sent = emulator.last_body["messages"]
    assert "Rain, says the watcher." in str(sent)
    assert ("Rain in Oslo." in str(sent)) == (output == "full_history")
    called = [call["id"] for message in sent for call in message.get("tool_calls", [])]
    answered = [message["tool_call_id"] for message in sent if message["role"] == "tool"]
    assert answered == called


def test_a_swarm_goes_on_with_the_agent_that_has_the_turn(
    chat: Any, says: Any, is_answer: Any, emulator: Any
) -> None:
    says(ToolCall("transfer_to_watcher"), CALL, ANSWER, "Yes, I am the watcher.")
    hand_over = create_handoff_tool(agent_name="watcher")
    host = create_agent(chat, [hand_over], system_prompt="You are the host.", name="host")
    watcher = create_agent(chat, [get_weather], system_prompt="You watch.", name="watcher")
    swarm = create_swarm([host, watcher], default_active_agent="host").compile(
        checkpointer=InMemorySaver()
    )
    is_answer(swarm.invoke(QUESTION, THREAD)["messages"][-1], ANSWER)
    result = swarm.invoke({"messages": [("user", "Is it you?")]}, THREAD)
    is_answer(result["messages"][-1], "Yes, I am the watcher.")
    assert emulator.last_body["messages"][0]["content"] == "You watch."
