"""CodeActAgent, which writes code in its answer: it runs that code and none that was thought of.

The agent itself rebuilds its turns from their text, so that no reasoning can go back.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from llama_index.core.agent.workflow import CodeActAgent

from tests.llama_index.turns import final_turn

CODE = "Let me see.\n<execute>\nprint(6 * 7)\n</execute>"
THOUGHT = "I could write <execute>trap()</execute>."


@pytest.fixture
def first_turn(kind: str, stream: bool, wire: Any) -> Any:
    """A turn that thinks of one piece of code and writes another."""
    inline = f"<think>\n{THOUGHT}\n</think>\n\n"
    if not stream:
        return wire.reply(
            {
                "details": wire.message(CODE, THOUGHT),
                "inline": wire.message(inline + CODE),
                "field": wire.message(CODE, reasoning=THOUGHT),
            }[kind]
        )
    thinking = {
        "details": wire.thought(THOUGHT),
        "inline": wire.text(inline),
        "field": {"reasoning": THOUGHT},
    }[kind]
    return wire.stream(thinking, wire.text(CODE[:20]), wire.text(CODE[20:]))


def test_the_code_of_the_answer_is_run_and_its_output_sent(
    kind: str, stream: bool, talk: Any, wire: Any, first_turn: Any
) -> None:
    llm, emulator = talk
    emulator.enqueue(first_turn)
    emulator.enqueue(final_turn(wire, stream=stream))
    executed: list[str] = []

    def execute(code: str) -> str:
        """Run code."""
        executed.append(code.strip())
        return "forty-two"

    agent = CodeActAgent(code_execute_fn=execute, llm=llm, streaming=stream)

    async def ask() -> str:
        return str(await agent.run("What is 6 times 7?"))

    assert asyncio.run(ask()) == "It rains."
    assert executed == ["print(6 * 7)"]
    messages = emulator.last_body["messages"]
    assert "forty-two" in str(messages[-1]["content"])
    assert THOUGHT not in str(messages)
    (turn,) = [message for message in messages if message["role"] == "assistant"]
    assert "print(6 * 7)" in str(turn["content"])
