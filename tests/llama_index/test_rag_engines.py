"""Engines over documents, chats and agents, for each form of reasoning: no thought in a text."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from llama_index.core import SummaryIndex, get_response_synthesizer
from llama_index.core.agent.workflow import CodeActAgent, FunctionAgent, ReActAgent
from llama_index.core.base.llms.types import ChatMessage
from llama_index.core.chat_engine import (
    CondensePlusContextChatEngine,
    CondenseQuestionChatEngine,
    ContextChatEngine,
    SimpleChatEngine,
)
from llama_index.core.indices.query.query_transform import HyDEQueryTransform
from llama_index.core.query_engine import SubQuestionQueryEngine, TransformQueryEngine
from llama_index.core.question_gen import LLMQuestionGenerator
from llama_index.core.schema import NodeWithScore, TextNode
from llama_index.core.tools import QueryEngineTool
from pydantic import BaseModel

from mara_minimax.emulator import Emulator

NODES = [TextNode(text="Paris is the capital of France."), TextNode(text="Oslo is in Norway.")]
SCORED = [NodeWithScore(node=node, score=1.0) for node in NODES]
ANSWER = "It is Paris."
HISTORY = [
    ChatMessage(role="user", content="Where is Paris?"),
    ChatMessage(role="assistant", content="In France."),
]
MODES = ["compact", "refine", "tree_summarize", "simple_summarize", "accumulate"]
CHAT_ENGINES: dict[str, Any] = {
    "simple": lambda llm: SimpleChatEngine.from_defaults(llm=llm, chat_history=HISTORY),
    "context": lambda llm: ContextChatEngine.from_defaults(
        SummaryIndex(NODES).as_retriever(), llm=llm, chat_history=HISTORY
    ),
    "condense question": lambda llm: CondenseQuestionChatEngine.from_defaults(
        SummaryIndex(NODES).as_query_engine(llm=llm), llm=llm, chat_history=HISTORY
    ),
    "condense plus context": lambda llm: CondensePlusContextChatEngine.from_defaults(
        SummaryIndex(NODES).as_retriever(), llm=llm, chat_history=HISTORY
    ),
}


class Capital(BaseModel):
    name: str


@pytest.fixture
def prompts(server: Emulator, mara_server: Emulator) -> Any:
    """All that was sent, as one text."""
    return lambda: str([request.body for request in [*server.requests, *mara_server.requests]])


@pytest.mark.parametrize("mode", MODES)
def test_an_async_synthesizer_answers_with_text(mode: str, answering: Any, prompts: Any) -> None:
    synthesizer = get_response_synthesizer(
        llm=answering(ANSWER), response_mode=mode, use_async=True
    )
    answer = str(asyncio.run(synthesizer.asynthesize("Capital?", nodes=SCORED)))
    assert ANSWER in answer
    assert "trap" not in answer + prompts()


@pytest.mark.parametrize("mode", ["compact", "refine", "tree_summarize", "simple_summarize"])
def test_a_streaming_synthesizer_streams_text(mode: str, answering: Any) -> None:
    llm = answering(ANSWER, stream=True)
    synthesizer = get_response_synthesizer(llm=llm, response_mode=mode, streaming=True)
    assert "".join(synthesizer.synthesize("Capital?", nodes=SCORED[:1]).response_gen) == ANSWER


@pytest.mark.parametrize("mode", ["compact", "refine", "tree_summarize"])
@pytest.mark.parametrize("way", ["call", "text"])
def test_an_output_class_of_a_query_engine_is_filled(mode: str, way: str, answering: Any) -> None:
    json = '{"name": "Paris"}'
    llm = answering(calls=(("Capital", json),)) if way == "call" else answering(json)
    engine = SummaryIndex(NODES[:1]).as_query_engine(
        llm=llm, output_cls=Capital, response_mode=mode
    )
    assert engine.query("Capital?").response == Capital(name="Paris")


def test_a_sub_question_engine_answers_its_sub_questions(answering: Any, prompts: Any) -> None:
    questions = '```json\n{"items": [{"sub_question": "Capital?", "tool_name": "a"}]}\n```'
    llm = answering(questions)
    tool = QueryEngineTool.from_defaults(
        SummaryIndex(NODES).as_query_engine(llm=llm), name="a", description="about France"
    )
    engine = SubQuestionQueryEngine.from_defaults(
        [tool],
        llm=llm,
        question_gen=LLMQuestionGenerator.from_defaults(llm=llm),
        verbose=False,
        use_async=False,
    )
    response = engine.query("What is the capital of France?")
    assert str(response) == questions
    assert response.source_nodes[0].node.get_content().startswith("Sub question: Capital?")
    assert "trap" not in prompts()


def test_a_hypothetical_document_holds_no_thought(answering: Any) -> None:
    llm = answering(ANSWER)
    transform = HyDEQueryTransform(llm=llm)
    assert transform.run("Capital?").embedding_strs == [ANSWER, "Capital?"]
    engine = TransformQueryEngine(SummaryIndex(NODES).as_query_engine(llm=llm), transform)
    assert str(engine.query("Capital?")) == ANSWER


@pytest.mark.parametrize("name", CHAT_ENGINES)
@pytest.mark.parametrize("form", ["chat", "achat"])
def test_a_chat_engine_answers_and_remembers_text(
    form: str, name: str, answering: Any, prompts: Any
) -> None:
    engine = CHAT_ENGINES[name](answering(ANSWER))
    response = engine.chat("Capital?") if form == "chat" else asyncio.run(engine.achat("Capital?"))
    assert str(response) == ANSWER
    assert engine.chat_history[-1].content == ANSWER
    assert "trap" not in prompts()


@pytest.mark.parametrize("name", ["simple", "context"])
@pytest.mark.parametrize("form", ["stream_chat", "astream_chat"])
def test_a_chat_engine_streams_and_remembers_text(form: str, name: str, answering: Any) -> None:
    engine = CHAT_ENGINES[name](answering(ANSWER, stream=True))

    async def stream() -> str:
        response = await engine.astream_chat("Capital?")
        return "".join([token async for token in response.async_response_gen()])

    if form == "stream_chat":
        text = "".join(engine.stream_chat("Capital?").response_gen)
    else:
        text = asyncio.run(stream())
    assert text == ANSWER
    assert engine.chat_history[-1].content == ANSWER


def run(agent: Any) -> str:
    async def ask() -> str:
        return str(await agent.run("How is the weather?"))

    return asyncio.run(ask())


def get_weather(city: str) -> str:
    """Say what the weather is in a city."""
    return f"Rain in {city}."


def execute(code: str) -> str:
    """Run code."""
    raise AssertionError(f"The model thought of code and wrote none: {code}")


@pytest.mark.parametrize("streaming", [False, True])
def test_a_function_agent_answers_with_text(streaming: bool, answering: Any) -> None:
    llm = answering(ANSWER, stream=streaming)
    assert run(FunctionAgent(llm=llm, tools=[get_weather], streaming=streaming)) == ANSWER


@pytest.mark.parametrize("streaming", [False, True])
def test_a_react_agent_reads_the_answer_alone(
    streaming: bool, answering: Any, prompts: Any
) -> None:
    llm = answering(f"Thought: I can answer.\nAnswer: {ANSWER}", stream=streaming)
    assert run(ReActAgent(llm=llm, tools=[get_weather], streaming=streaming)) == ANSWER
    assert "trap" not in prompts()


@pytest.mark.parametrize("streaming", [False, True])
def test_a_code_act_agent_runs_no_thought(streaming: bool, answering: Any) -> None:
    llm = answering(ANSWER, stream=streaming)
    assert run(CodeActAgent(code_execute_fn=execute, llm=llm, streaming=streaming)) == ANSWER
