"""Chat engines: they answer, and what they remember is the text, with the thought beside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from llama_index.core import SummaryIndex
from llama_index.core.base.llms.types import ChatMessage, ThinkingBlock
from llama_index.core.chat_engine import (
    CondensePlusContextChatEngine,
    CondenseQuestionChatEngine,
    ContextChatEngine,
    SimpleChatEngine,
)
from llama_index.core.schema import TextNode

from tests.ecosystem.llama_index.conftest import TRAP

INDEX = SummaryIndex([TextNode(text="Paris is the capital of France.")])
ANSWERS = ("It is Paris.", "It lies on the Seine.")
CONDENSED = "On which river does Paris lie?"
ENGINES: dict[str, Callable[[], Any]] = {
    "simple": SimpleChatEngine.from_defaults,
    "context": lambda: ContextChatEngine.from_defaults(INDEX.as_retriever()),
    "condense question": lambda: CondenseQuestionChatEngine.from_defaults(INDEX.as_query_engine()),
    "condense plus context": lambda: CondensePlusContextChatEngine.from_defaults(
        INDEX.as_retriever()
    ),
}
FORMS = ["chat", "achat", "stream_chat", "astream_chat"]


@pytest.fixture(params=list(ENGINES))
def engine(request: pytest.FixtureRequest, llm: Any) -> Any:
    """The engine, whose LLM is that of `Settings`."""
    return ENGINES[request.param]()


@pytest.fixture
def condenses(engine: Any) -> bool:
    """Whether the engine asks for a question of its own before each answer but the first."""
    return isinstance(engine, CondenseQuestionChatEngine | CondensePlusContextChatEngine)


async def chat(engine: Any, form: str, question: str) -> str:
    if form == "chat":
        return str(engine.chat(question))
    if form == "achat":
        return str(await engine.achat(question))
    if form == "stream_chat":
        return "".join(engine.stream_chat(question).response_gen)
    response = await engine.astream_chat(question)
    return "".join([token async for token in response.async_response_gen()])


@pytest.mark.parametrize("form", FORMS)
async def test_an_engine_answers_twice_and_remembers_text(
    form: str, engine: Any, condenses: bool, says: Any, prompts: Any
) -> None:
    says(ANSWERS[0], *([CONDENSED] if condenses else []), ANSWERS[1])
    answers = [
        await chat(engine, form, question) for question in ("Capital of France?", "And its river?")
    ]
    assert tuple(answers) == ANSWERS
    assert [message.content for message in engine.chat_history] == [
        "Capital of France?",
        ANSWERS[0],
        "And its river?",
        ANSWERS[1],
    ]
    if condenses:
        assert ANSWERS[0] in prompts()[1]


def test_a_thought_that_is_kept_stands_in_a_block_of_its_own(engine: Any, says: Any) -> None:
    says(ANSWERS[0])
    engine.chat("Capital of France?")
    kept = [
        block.content
        for message in engine.chat_history
        for block in message.blocks
        if isinstance(block, ThinkingBlock)
    ]
    # The others keep the text of the answer alone.
    assert kept == ([TRAP] if isinstance(engine, SimpleChatEngine) else [])


def test_a_new_conversation_begins_without_the_old_one(llm: Any, says: Any, emulator: Any) -> None:
    says(*ANSWERS)
    engine = SimpleChatEngine.from_defaults(
        chat_history=[ChatMessage(role="user", content="Call me Ada.")]
    )
    engine.chat("Capital of France?")
    engine.reset()
    engine.chat("And its river?")
    assert [len(request.body["messages"]) for request in emulator.requests] == [2, 1]
