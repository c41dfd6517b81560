"""Whatever a provider answers, every form raises a typed error that no part swallows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import openai
import pytest
from llama_index.core import Document, SummaryIndex
from llama_index.core.agent.workflow import FunctionAgent
from llama_index.core.base.llms.types import ChatMessage, DocumentBlock, ImageBlock, VideoBlock
from llama_index.core.chat_engine import SimpleChatEngine
from llama_index.core.tools import FunctionTool

from llama_index_mara_minimax import MiniMax
from mara_minimax import errors
from mara_minimax.emulator import CannedReply, Emulator


def http_error(status: int, message: str) -> CannedReply:
    body = {
        "type": "error",
        "error": {"type": "x", "message": message, "http_code": str(status)},
        "request_id": "req-1",
    }
    return CannedReply.json(body, status=status)


def failures(wire: Any, *, stream: bool) -> dict[str, tuple[CannedReply, type[Exception]]]:
    plain = {
        "base_resp": (wire.base_resp(1004, "login fail"), errors.AuthenticationError),
        "balance": (wire.base_resp(1008, "insufficient balance"), errors.InsufficientBalanceError),
        "401": (http_error(401, "invalid api key (2049)"), errors.AuthenticationError),
        "400": (http_error(400, "invalid params (2013)"), errors.BadRequestError),
        "429": (http_error(429, "rate limit (1002)"), errors.RateLimitError),
        "500": (http_error(500, "unknown error (1000)"), errors.ServerError),
        "not json": (
            CannedReply(headers={"content-type": "application/json"}, chunks=[b"<html>"]),
            errors.InvalidReplyError,
        ),
    }
    if not stream:
        return plain
    frame = {"id": "x", "choices": None, "base_resp": {"status_code": 1000, "status_msg": "oops"}}
    event = CannedReply.sse({"choices": [{"index": 0, "delta": {"content": "Hal"}}]}, frame)
    return plain | {
        "no finish reason": (
            wire.stream(wire.text("Hal"), wire.text("f"), finish_reason=None, usage=None),
            errors.IncompleteStreamError,
        ),
        "connection cut": (
            wire.stream(wire.text("Half"), finish_reason=None, usage=None, cut=True),
            errors.ProviderError,
        ),
        "error in the stream": (event, errors.ServerError),
    }


PLAIN = ["base_resp", "balance", "401", "400", "429", "500", "not json"]
STREAMED = ["no finish reason", "connection cut", "error in the stream"]


@pytest.mark.parametrize("failure", PLAIN)
def test_every_form_raises_what_the_provider_said(
    failure: str, form: str, call: Any, llm: MiniMax, server: Emulator, wire: Any
) -> None:
    reply, expected = failures(wire, stream="stream" in form)[failure]
    server.enqueue(reply)
    with pytest.raises(expected) as caught:
        call(llm, "Hi")
    assert isinstance(caught.value, openai.OpenAIError)
    assert not isinstance(caught.value, ValueError | TypeError | RuntimeError | AttributeError)
    assert wire.key not in str(caught.value)


@pytest.mark.parametrize(
    "form",
    ["stream_chat", "astream_chat", "stream_complete", "astream_complete"],
    indirect=True,
)
@pytest.mark.parametrize("failure", STREAMED)
def test_every_stream_raises_when_it_breaks(
    failure: str, call: Any, llm: MiniMax, server: Emulator, wire: Any
) -> None:
    reply, expected = failures(wire, stream=True)[failure]
    server.enqueue(reply)
    with pytest.raises(expected):
        call(llm, "Hi")


def test_what_came_before_a_break_is_delivered(llm: MiniMax, server: Emulator, wire: Any) -> None:
    server.enqueue(wire.stream(wire.text("Half"), finish_reason=None, usage=None))
    stream = llm.stream_chat([ChatMessage(role="user", content="Hi")])
    assert next(stream).delta == "Half"
    with pytest.raises(errors.IncompleteStreamError) as caught:
        next(stream)
    assert caught.value.partial.text == "Half"


def test_retries_have_one_owner(make_llm: Callable[..., MiniMax], server: Emulator) -> None:
    for _ in range(10):
        server.enqueue(
            CannedReply.json(
                {"error": {"message": "unknown error (1000)"}},
                status=500,
                headers={"retry-after": "0"},
            )
        )
    with pytest.raises(errors.ServerError):
        make_llm(max_retries=3).complete("Hi")
    assert len(server.requests) == 4


@pytest.mark.parametrize("streaming", [False, True])
@pytest.mark.parametrize("mode", ["compact", "refine", "tree_summarize", "simple_summarize"])
def test_a_query_engine_raises_instead_of_answering_emptily(
    mode: str, streaming: bool, llm: MiniMax, server: Emulator, wire: Any
) -> None:
    server.enqueue(wire.base_resp(1004, "login fail"))
    index = SummaryIndex.from_documents([Document(text="Paris is the capital of France.")])
    engine = index.as_query_engine(llm=llm, response_mode=mode, streaming=streaming)
    with pytest.raises(errors.AuthenticationError):
        str(engine.query("What is the capital?"))


@pytest.mark.parametrize("mode", ["compact", "refine"])
def test_an_async_query_raises_too(mode: str, llm: MiniMax, server: Emulator, wire: Any) -> None:
    server.enqueue(wire.base_resp(1004, "login fail"))
    index = SummaryIndex.from_documents([Document(text="Paris is the capital of France.")])
    engine = index.as_query_engine(llm=llm, response_mode=mode)
    with pytest.raises(errors.AuthenticationError):
        asyncio.run(engine.aquery("What is the capital?"))


def test_a_stream_that_is_cut_fails_a_query(llm: MiniMax, server: Emulator, wire: Any) -> None:
    server.enqueue(wire.stream(wire.text("Half"), finish_reason=None, usage=None))
    index = SummaryIndex.from_documents([Document(text="Paris is the capital of France.")])
    with pytest.raises(errors.IncompleteStreamError):
        str(index.as_query_engine(llm=llm, streaming=True).query("What is the capital?"))


def test_a_chat_engine_raises(llm: MiniMax, server: Emulator, wire: Any) -> None:
    server.enqueue(wire.base_resp(1004, "login fail"))
    with pytest.raises(errors.AuthenticationError):
        SimpleChatEngine.from_defaults(llm=llm).chat("Hi")


@pytest.mark.parametrize("streaming", [False, True])
def test_an_agent_raises(streaming: bool, llm: MiniMax, server: Emulator, wire: Any) -> None:
    server.enqueue(wire.base_resp(1004, "login fail"))
    tool = FunctionTool.from_defaults(lambda a: a, name="echo", description="x")
    agent = FunctionAgent(llm=llm, tools=[tool], streaming=streaming)

    async def ask() -> Any:
        return await agent.run("Hi")

    with pytest.raises(errors.AuthenticationError):
        asyncio.run(ask())


@pytest.mark.parametrize(
    "block", [ImageBlock(url="https://example.com/a.png"), DocumentBlock(data=b"%PDF-1.4")]
)
@pytest.mark.parametrize("name", ["chat", "achat", "stream_chat", "astream_chat"])
def test_content_that_the_model_cannot_take_is_refused_before_any_request(
    block: Any, name: str, llm: MiniMax, server: Emulator
) -> None:
    message = ChatMessage(role="user", blocks=[block])

    async def ask() -> Any:
        return await getattr(llm, name)([message])

    with pytest.raises(errors.UnsupportedInputError):
        asyncio.run(ask()) if name.startswith("a") else getattr(llm, name)([message])
    assert server.requests == []


def test_an_image_goes_to_a_model_that_takes_it(
    make_llm: Callable[..., MiniMax], server: Emulator
) -> None:
    message = ChatMessage(role="user", blocks=[ImageBlock(url="https://example.com/a.png")])
    make_llm(model="MiniMax-M3").chat([message])
    assert server.last_body["messages"][0]["content"] == [
        {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
    ]


@pytest.mark.parametrize("name", ["chat", "achat", "stream_chat", "astream_chat"])
def test_a_video_goes_to_a_model_that_takes_it_and_to_no_other(
    name: str, make_llm: Callable[..., MiniMax], server: Emulator
) -> None:
    message = ChatMessage(role="user", blocks=[VideoBlock(url="https://example.com/a.mp4")])

    async def ask(llm: MiniMax) -> Any:
        result = await getattr(llm, name)([message])
        return [chunk async for chunk in result] if "stream" in name else result

    def call(llm: MiniMax) -> Any:
        return asyncio.run(ask(llm)) if name.startswith("a") else _drained(llm, name, message)

    with pytest.raises(errors.UnsupportedInputError):
        call(make_llm(model="MiniMax-M2"))
    assert server.requests == []
    call(make_llm(model="MiniMax-M3"))
    assert server.last_body["messages"][0]["content"] == [
        {"type": "video_url", "video_url": {"url": "https://example.com/a.mp4"}}
    ]


def _drained(llm: MiniMax, name: str, message: ChatMessage) -> Any:
    result = getattr(llm, name)([message])
    return list(result) if "stream" in name else result
