"""Refusals in HTTP 200, cut streams and errors in streams, in every engine and agent: raised."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from llama_index.core import SummaryIndex
from llama_index.core.agent.workflow import AgentWorkflow, CodeActAgent, FunctionAgent, ReActAgent
from llama_index.core.chat_engine import (
    CondensePlusContextChatEngine,
    ContextChatEngine,
    SimpleChatEngine,
)
from llama_index.core.evaluation import CorrectnessEvaluator, FaithfulnessEvaluator
from llama_index.core.extractors import SummaryExtractor, TitleExtractor
from llama_index.core.indices.property_graph import SimpleLLMPathExtractor
from llama_index.core.schema import TextNode
from llama_index.core.selectors import LLMSingleSelector, PydanticSingleSelector
from llama_index.core.tools import ToolMetadata

from llama_index_mara_minimax import MiniMax
from mara_minimax import errors
from mara_minimax.emulator import CannedReply, Emulator

NODES = [TextNode(text="Paris is the capital of France.")]
CHOICES = [ToolMetadata("about France", name="a"), ToolMetadata("about Norway", name="b")]

CHAT_ENGINES: dict[str, Any] = {
    "simple": lambda llm: SimpleChatEngine.from_defaults(llm=llm),
    "context": lambda llm: ContextChatEngine.from_defaults(
        SummaryIndex(NODES).as_retriever(), llm=llm
    ),
    "condense plus context": lambda llm: CondensePlusContextChatEngine.from_defaults(
        SummaryIndex(NODES).as_retriever(), llm=llm
    ),
}
FAILURES: dict[str, type[Exception]] = {
    "refused": errors.AuthenticationError,
    "no finish reason": errors.IncompleteStreamError,
    "connection cut": errors.ProviderError,
    "error in the stream": errors.ServerError,
}


def fail(failure: str, server: Emulator, wire: Any) -> type[Exception]:
    """Let the next reply be that failure; returns the error it must become."""
    chunk = {"choices": [{"index": 0, "delta": {"content": "Hal"}}]}
    refused = {"choices": None, "base_resp": {"status_code": 1000, "status_msg": "unknown"}}
    half = {"finish_reason": None, "usage": None}
    reply = {
        "refused": wire.base_resp(1004, "login fail"),
        "no finish reason": wire.stream(wire.text("Hal"), wire.text("f"), **half),
        "connection cut": wire.stream(wire.text("Half"), **half, cut=True),
        "error in the stream": CannedReply.sse(chunk, refused),
    }[failure]
    server.enqueue(reply)
    return FAILURES[failure]


async def tokens_of(stream: Any) -> str:
    return "".join([token async for token in stream])


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("name", CHAT_ENGINES)
@pytest.mark.parametrize("form", ["stream_chat", "astream_chat"])
def test_a_streaming_chat_engine_raises(
    form: str, name: str, failure: str, llm: MiniMax, server: Emulator, wire: Any
) -> None:
    expected = fail(failure, server, wire)
    engine = CHAT_ENGINES[name](llm)

    async def ask() -> str:
        return await tokens_of((await engine.astream_chat("Capital?")).async_response_gen())

    def ask_plainly() -> str:
        return "".join(engine.stream_chat("Capital?").response_gen)

    with pytest.raises(expected):
        ask_plainly() if form == "stream_chat" else asyncio.run(asyncio.wait_for(ask(), 10))


@pytest.mark.parametrize("name", CHAT_ENGINES)
@pytest.mark.parametrize("form", ["chat", "achat"])
def test_a_chat_engine_raises(
    form: str, name: str, llm: MiniMax, server: Emulator, wire: Any
) -> None:
    expected = fail("refused", server, wire)
    engine = CHAT_ENGINES[name](llm)
    with pytest.raises(expected):
        asyncio.run(engine.achat("Hi")) if form == "achat" else engine.chat("Hi")


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("mode", ["compact", "refine", "tree_summarize", "simple_summarize"])
@pytest.mark.parametrize("form", ["query", "aquery"])
def test_a_streaming_query_engine_raises(
    form: str, mode: str, failure: str, llm: MiniMax, server: Emulator, wire: Any
) -> None:
    expected = fail(failure, server, wire)
    engine = SummaryIndex(NODES).as_query_engine(
        llm=llm, response_mode=mode, streaming=True, use_async=form == "aquery"
    )

    async def ask() -> str:
        return await tokens_of((await engine.aquery("Capital?")).response_gen)

    with pytest.raises(expected):
        asyncio.run(ask()) if form == "aquery" else "".join(engine.query("Capital?").response_gen)


def echo(text: str) -> str:
    """Say it again."""
    return text


AGENTS: dict[str, Any] = {
    "function": lambda llm: FunctionAgent(llm=llm, tools=[echo]),
    "react": lambda llm: ReActAgent(llm=llm, tools=[echo]),
    "code act": lambda llm: CodeActAgent(code_execute_fn=echo, llm=llm),
    "workflow": lambda llm: AgentWorkflow.from_tools_or_functions([echo], llm=llm),
}


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("name", AGENTS)
def test_a_streaming_agent_raises(
    name: str, failure: str, llm: MiniMax, server: Emulator, wire: Any
) -> None:
    expected = fail(failure, server, wire)
    agent = AGENTS[name](llm)

    async def ask() -> str:
        return str(await agent.run("Hi"))

    with pytest.raises(expected):
        asyncio.run(ask())
    assert len(server.requests) == 1


READERS: dict[str, Any] = {
    "faithfulness": lambda llm: FaithfulnessEvaluator(llm=llm).evaluate(
        response="x", contexts=["y"]
    ),
    "correctness": lambda llm: CorrectnessEvaluator(llm=llm).evaluate(query="x", response="y"),
    "title": lambda llm: asyncio.run(TitleExtractor(llm=llm).aextract(NODES)),
    "summary": lambda llm: asyncio.run(SummaryExtractor(llm=llm).aextract(NODES)),
    "paths": lambda llm: SimpleLLMPathExtractor(llm=llm, num_workers=1)(
        [NODES[0].model_copy(deep=True)], show_progress=False
    ),
    "selector": lambda llm: LLMSingleSelector.from_defaults(llm=llm).select(CHOICES, "x"),
    "pydantic selector": lambda llm: PydanticSingleSelector.from_defaults(llm=llm).select(
        CHOICES, "x"
    ),
}


@pytest.mark.parametrize("name", READERS)
def test_a_reader_raises_instead_of_storing_nothing(
    name: str, llm: MiniMax, server: Emulator, wire: Any
) -> None:
    for _ in range(3):
        expected = fail("refused", server, wire)
    with pytest.raises(expected):
        READERS[name](llm)
