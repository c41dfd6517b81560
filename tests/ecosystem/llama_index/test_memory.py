"""Memories: what they store as text and hand on is what was said, with the thought beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from llama_index.core.agent.workflow import FunctionAgent
from llama_index.core.base.llms.types import ChatMessage, TextBlock, ThinkingBlock
from llama_index.core.memory import (
    ChatSummaryMemoryBuffer,
    FactExtractionMemoryBlock,
    Memory,
    StaticMemoryBlock,
)

from mara_minimax.emulator import ToolCall
from tests.ecosystem.conftest import HEADER, KEY
from tests.ecosystem.llama_index.conftest import TRAP

FACTS = "<facts><fact>The user's name is Ada.</fact></facts>"


def get_weather(city: str) -> str:
    """Say what the weather is in a city."""
    return f"Rain in {city}."


def texts(messages: list[ChatMessage]) -> list[str]:
    return [message.content or "" for message in messages]


def thoughts(messages: list[ChatMessage]) -> list[str]:
    blocks = [block for message in messages for block in message.blocks]
    return [block.content for block in blocks if isinstance(block, ThinkingBlock)]


async def test_an_agent_remembers_its_turns_in_a_database(
    llm: Any, says: Any, emulator: Any
) -> None:
    says(ToolCall("get_weather", {"city": "Oslo"}), "It rains.", "I said that it rains.")
    memory = Memory.from_defaults(session_id="s", token_limit=40_000)
    agent = FunctionAgent(llm=llm, tools=[get_weather])
    await agent.run("Weather in Oslo?", memory=memory)
    output: Any = await agent.run("What did you say?", memory=memory)
    assert output.response.content == "I said that it rains."
    kept = await memory.aget()
    assert [text.strip() for text in texts(kept)] == [
        "Weather in Oslo?",
        "",
        "Rain in Oslo.",
        "It rains.",
        "What did you say?",
        "I said that it rains.",
    ]
    assert thoughts(kept) == [TRAP] * 3
    assert [message["role"] for message in emulator.last_body["messages"]] == [
        "user",
        "assistant",
        "tool",
        "assistant",
        "user",
    ]


async def test_a_memory_with_blocks_keeps_the_facts_that_are_said(
    llm: Any, says: Any, prompts: Any
) -> None:
    says("Hello, Ada.", FACTS)
    facts = FactExtractionMemoryBlock(name="facts", llm=llm)
    place = StaticMemoryBlock(name="place", static_content=[TextBlock(text="You are in Oslo.")])
    memory = Memory.from_defaults(
        session_id="s",
        token_limit=60,
        chat_history_token_ratio=0.02,
        token_flush_size=1,
        memory_blocks=[place, facts],
    )
    question = ChatMessage(role="user", content="I am Ada.")
    last = ChatMessage(role="user", content="Hi.")
    await memory.aput_messages([question, (await llm.achat([question])).message, last])
    assert facts.facts == ["The user's name is Ada."]
    system, rest = await memory.aget()
    assert "You are in Oslo." in system.content
    assert "<fact>The user's name is Ada.</fact>" in system.content
    assert rest.content == "Hi."


def test_a_summary_takes_the_place_of_old_turns(llm: Any, says: Any, prompts: Any) -> None:
    says("Hello, Ada.", "Ada and the assistant said hello.")
    question = ChatMessage(role="user", content="I am Ada, hello there to you.")
    answer = llm.chat([question]).message
    last = ChatMessage(role="user", content="Hi.")
    memory = ChatSummaryMemoryBuffer.from_defaults(
        chat_history=[question, answer, last], llm=llm, token_limit=4
    )
    assert texts(memory.get()) == ["Ada and the assistant said hello.", "Hi."]
    assert prompts()[1].count("Hello, Ada.") == 1
    assert thoughts(memory.get_all()) == []


async def test_a_memory_in_a_file_is_taken_up_again(
    llm: Any, says: Any, tmp_path: Path, emulator: Any
) -> None:
    says("Hello, Ada.", "Ada.")
    file = tmp_path / "memory.db"
    place = {"session_id": "s", "async_database_uri": f"sqlite+aiosqlite:///{file}"}
    await FunctionAgent(llm=llm).run("I am Ada.", memory=Memory.from_defaults(**place))
    memory = Memory.from_defaults(**place)
    output: Any = await FunctionAgent(llm=llm).run("Who am I?", memory=memory)
    assert output.response.content == "Ada."
    assert [message["role"] for message in emulator.last_body["messages"]] == [
        "user",
        "assistant",
        "user",
    ]
    kept = await memory.aget_all()
    assert texts(kept) == ["I am Ada.", "Hello, Ada.", "Who am I?", "Ada."]
    assert thoughts(kept) == [TRAP] * 2
    assert KEY.encode() not in file.read_bytes()
    assert HEADER.encode() not in file.read_bytes()
