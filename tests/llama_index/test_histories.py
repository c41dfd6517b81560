"""Histories that the framework itself produces are accepted by a provider that checks them.

The emulated MiniMax refuses what the real one refuses: several or late system messages,
unknown roles, results without their call, arguments that are no JSON, empty content.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from llama_index.core.agent.workflow import FunctionAgent
from llama_index.core.base.llms.types import ChatMessage, ToolCallBlock
from llama_index.core.memory import Memory, StaticMemoryBlock
from llama_index.core.tools import FunctionTool

from llama_index_mara_minimax import MARA, MiniMax
from mara_minimax.emulator import Emulator

USER = ChatMessage(role="user", content="Hi")


def call_block(number: int, arguments: Any = None) -> ToolCallBlock:
    return ToolCallBlock(
        tool_call_id=f"call_{number}",
        tool_name="echo",
        tool_kwargs={"text": "x"} if arguments is None else arguments,
    )


def result(number: int, text: str = "x") -> ChatMessage:
    kwargs = {"tool_call_id": f"call_{number}"}
    return ChatMessage(role="tool", content=text, additional_kwargs=kwargs)


def assistant(*blocks: Any, **kwargs: Any) -> ChatMessage:
    return ChatMessage(role="assistant", blocks=list(blocks), **kwargs)


HISTORIES: dict[str, list[ChatMessage]] = {
    "two system messages": [
        ChatMessage(role="system", content="One."),
        ChatMessage(role="system", content="Two."),
        USER,
    ],
    "a trailing system message": [USER, ChatMessage(role="system", content="Stop now.")],
    "a developer message": [ChatMessage(role="developer", content="One."), USER],
    "roles of other providers": [USER, ChatMessage(role="model", content="a"), USER],
    "a chatbot": [USER, ChatMessage(role="chatbot", content="a"), USER],
    "a function result": [
        USER,
        ChatMessage(role="function", content="x", additional_kwargs={"name": "echo"}),
        USER,
    ],
    "a dangling parallel call": [
        USER,
        assistant(call_block(1), call_block(2)),
        result(1),
        ChatMessage(role="assistant", content="x", additional_kwargs={"tool_call_id": "call_1"}),
        USER,
    ],
    "a result without its call": [result(7), USER],
    "truncated arguments": [USER, assistant(call_block(1, '{"text": "x')), result(1)],
    "an empty result": [USER, assistant(call_block(1)), result(1, "")],
    "an empty answer": [USER, assistant(), USER],
    "calls without ids": [
        USER,
        assistant(ToolCallBlock(tool_name="echo"), ToolCallBlock(tool_name="echo")),
        ChatMessage(role="tool", content="x"),
        USER,
    ],
    "keys of a memory": [
        ChatMessage(role="user", content="Hi", additional_kwargs={"session_id": 1})
    ],
}


@pytest.mark.parametrize("name", list(HISTORIES))
def test_a_history_is_accepted(name: str, llm: MiniMax, server: Emulator) -> None:
    assert llm.chat(HISTORIES[name]).message.content
    assert len(server.requests) == 1


@pytest.mark.parametrize("name", list(HISTORIES))
def test_a_history_is_accepted_by_mara(name: str, mara: MARA) -> None:
    assert mara.chat(HISTORIES[name]).message.content


def echo(text: str) -> str:
    """Say a text again."""
    return text


def two_calls(wire: Any) -> dict[str, Any]:
    calls = [wire.call("echo", '{"text": "a"}', f"call_{i}", i) for i in range(2)]
    return {"role": "assistant", "tool_calls": calls}


def test_a_direct_return_beside_another_call_does_not_break_the_next_question(
    llm: MiniMax, server: Emulator, wire: Any
) -> None:
    server.enqueue(wire.stream(two_calls(wire), finish_reason="tool_calls"))
    tool = FunctionTool.from_defaults(echo, return_direct=True)
    agent = FunctionAgent(llm=llm, tools=[tool])

    async def two_questions() -> str:
        memory = Memory.from_defaults(session_id="s")
        await agent.run("Say a.", memory=memory)
        server.enqueue(wire.stream(wire.text("Done.")))
        return str(await agent.run("And now?", memory=memory))

    assert asyncio.run(two_questions()) == "Done."
    sent = server.last_body["messages"]
    called = {call["id"] for message in sent for call in message.get("tool_calls", [])}
    answered = [message["tool_call_id"] for message in sent if message["role"] == "tool"]
    assert sorted(answered) == sorted(called)


def test_an_agent_that_is_stopped_early_is_still_answered(
    llm: MiniMax, server: Emulator, wire: Any
) -> None:
    for _ in range(2):
        server.enqueue(wire.stream(two_calls(wire), finish_reason="tool_calls"))
    agent = FunctionAgent(
        llm=llm,
        tools=[FunctionTool.from_defaults(echo)],
        system_prompt="Be brief.",
        early_stopping_method="generate",
    )

    async def ask() -> str:
        return str(await agent.run("Say a.", max_iterations=2))

    assert asyncio.run(ask())
    roles = [message["role"] for message in server.last_body["messages"]]
    assert roles[0] == "system"
    assert roles.count("system") == 1


def test_a_memory_with_blocks_is_accepted(llm: MiniMax, server: Emulator) -> None:
    block = StaticMemoryBlock(name="facts", static_content="The user likes tea.")
    agent = FunctionAgent(
        llm=llm, tools=[FunctionTool.from_defaults(echo)], system_prompt="Be brief."
    )

    async def ask() -> str:
        memory = Memory.from_defaults(session_id="s", memory_blocks=[block])
        return str(await agent.run("Hello there", memory=memory))

    assert asyncio.run(ask())
    system, *others = server.last_body["messages"]
    assert "The user likes tea." in system["content"]
    assert [message["role"] for message in others] == ["user"]
