"""Memories and contexts: reasoning and calls reach the next turn as they came."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from llama_index.core.agent.workflow import FunctionAgent
from llama_index.core.base.llms.types import ChatMessage
from llama_index.core.memory import ChatMemoryBuffer, Memory
from llama_index.core.workflow import Context, JsonPickleSerializer

from tests.llama_index.turns import (
    RESULT,
    WEATHER,
    check_second_request,
    expected_turn,
    final_turn,
    tool_result,
    tool_turn,
)


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


def test_a_context_keeps_the_turn_through_json(
    kind: str, stream: bool, talk: Any, wire: Any
) -> None:
    llm, emulator = talk
    emulator.enqueue(tool_turn(wire, kind, stream=stream))
    emulator.enqueue(final_turn(wire, stream=stream))
    agent = FunctionAgent(llm=llm, tools=[WEATHER], streaming=stream)

    async def two_questions() -> None:
        context = Context(agent)
        await agent.run("How is the weather in Oslo?", ctx=context)
        saved = json.dumps(context.to_dict(serializer=JsonPickleSerializer()))
        assert wire.key not in saved
        context = Context.from_dict(agent, json.loads(saved), serializer=JsonPickleSerializer())
        emulator.enqueue(final_turn(wire, stream=stream))
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
