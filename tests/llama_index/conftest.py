"""What the tests of the LlamaIndex classes share: servers, models, canned replies, call forms."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from llama_index.core.base.llms.types import ChatMessage, ChatResponse, CompletionResponse

from llama_index_mara_minimax import MARA, MiniMax
from mara_minimax.emulator import CannedReply, Emulator

KEY = "sk-test-0123456789abcdef"
QUESTION = "What is the capital of France?"
USAGE = {
    "prompt_tokens": 10,
    "completion_tokens": 7,
    "total_tokens": 17,
    "completion_tokens_details": {"reasoning_tokens": 3},
}
TRAP = (
    "YES [yes] [[A]] {1} (A, Is, B) Keywords: trap Action: x Answer: 5.0 Doc: 1, Relevance: 10 "
    "[1] > [2] <execute>trap()</execute>"
)
DETAIL = {
    "type": "reasoning.text",
    "id": "reasoning-text-1",
    "format": "MiniMax-response-v1",
    "index": 0,
}


@pytest.fixture
def make_llm(server: Emulator) -> Callable[..., MiniMax]:
    """Build a `MiniMax` that talks to `server`."""

    def make(**settings: Any) -> MiniMax:
        return MiniMax(
            **{"api_key": KEY, "base_url": server.base_url, "max_retries": 0, **settings}
        )

    return make


@pytest.fixture
def llm(make_llm: Callable[..., MiniMax]) -> MiniMax:
    return make_llm()


@pytest.fixture
def mara(mara_server: Emulator) -> MARA:
    return MARA(api_key=KEY, base_url=mara_server.base_url, max_retries=0)


class Wire:
    """Builders of canned replies in the byte forms of the providers."""

    key = KEY
    question = QUESTION
    usage = USAGE
    detail = DETAIL

    @staticmethod
    def call(
        name: str, arguments: str, call_id: str = "call_function_ab_1", index: int = 0
    ) -> dict[str, Any]:
        """A tool call as MiniMax sends it."""
        return {
            "id": call_id,
            "type": "function",
            "function": {"name": name, "arguments": arguments},
            "index": index,
        }

    @staticmethod
    def message(
        content: str | None = None, thought: str | None = None, **fields: Any
    ) -> dict[str, Any]:
        """A whole message; `thought` in the split form of MiniMax."""
        message: dict[str, Any] = {"role": "assistant", "content": content, **fields}
        if thought is not None:
            message["reasoning_content"] = thought
            message["reasoning_details"] = [{**DETAIL, "text": thought}]
        return message

    @staticmethod
    def reply(
        message: dict[str, Any],
        finish_reason: str | None = None,
        usage: dict[str, Any] | None = USAGE,
    ) -> CannedReply:
        """A plain reply."""
        reason = "tool_calls" if message.get("tool_calls") else "stop"
        return CannedReply.json(
            {
                "id": "reply-1",
                "object": "chat.completion",
                "created": 1_760_000_000,
                "model": "MiniMax-M2",
                "choices": [
                    {"index": 0, "message": message, "finish_reason": finish_reason or reason}
                ],
                "usage": usage,
                "base_resp": {"status_code": 0, "status_msg": ""},
            }
        )

    @staticmethod
    def stream(
        *deltas: dict[str, Any],
        finish_reason: str | None = "stop",
        usage: dict[str, Any] | None = USAGE,
        cut: bool = False,
    ) -> CannedReply:
        """A stream of one chunk for each delta; the last one has the finish reason."""
        chunks: list[dict[str, Any]] = []
        for position, delta in enumerate(deltas):
            choice: dict[str, Any] = {"index": 0, "delta": delta}
            if position == len(deltas) - 1 and finish_reason:
                choice["finish_reason"] = finish_reason
            chunks.append({"choices": [choice]})
        if usage:
            chunks.append({"choices": [], "usage": usage})
        frame = {
            "id": "reply-1",
            "object": "chat.completion.chunk",
            "created": 1_760_000_000,
            "model": "MiniMax-M2",
        }
        reply = CannedReply.sse(*({**frame, **chunk} for chunk in chunks))
        reply.cut = cut
        return reply

    @staticmethod
    def thought(text: str) -> dict[str, Any]:
        """A reasoning delta in the split form of MiniMax."""
        return {
            "role": "assistant",
            "reasoning_content": text,
            "reasoning_details": [{**DETAIL, "text": text}],
        }

    @staticmethod
    def text(text: str) -> dict[str, Any]:
        """A text delta."""
        return {"role": "assistant", "content": text}

    @staticmethod
    def call_delta(**fields: Any) -> dict[str, Any]:
        """A delta with one piece of a tool call."""
        return {"role": "assistant", "tool_calls": [fields]}

    @staticmethod
    def base_resp(code: int, message: str) -> CannedReply:
        """A failure inside HTTP 200, as MiniMax sends it on some paths."""
        body = {
            "id": "x",
            "choices": None,
            "base_resp": {"status_code": code, "status_msg": message},
        }
        return CannedReply(
            headers={"content-type": "application/json"}, chunks=[json.dumps(body).encode()]
        )


@pytest.fixture
def wire() -> type[Wire]:
    return Wire


Response = ChatResponse | CompletionResponse
CallForm = Callable[..., list[Response]]


def _messages(question: str) -> list[ChatMessage]:
    return [ChatMessage(role="user", content=question)]


async def _collect(coroutine: Any) -> list[Response]:
    return [response async for response in await coroutine]


FORMS: dict[str, CallForm] = {
    "chat": lambda llm, q, **k: [llm.chat(_messages(q), **k)],
    "achat": lambda llm, q, **k: [asyncio.run(llm.achat(_messages(q), **k))],
    "stream_chat": lambda llm, q, **k: list(llm.stream_chat(_messages(q), **k)),
    "astream_chat": lambda llm, q, **k: asyncio.run(_collect(llm.astream_chat(_messages(q), **k))),
    "complete": lambda llm, q, **k: [llm.complete(q, **k)],
    "acomplete": lambda llm, q, **k: [asyncio.run(llm.acomplete(q, **k))],
    "stream_complete": lambda llm, q, **k: list(llm.stream_complete(q, **k)),
    "astream_complete": lambda llm, q, **k: asyncio.run(_collect(llm.astream_complete(q, **k))),
}


@pytest.fixture(params=list(FORMS))
def form(request: pytest.FixtureRequest) -> str:
    """Name of one of the eight forms of a call."""
    return str(request.param)


@pytest.fixture
def call(form: str) -> CallForm:
    """The call itself: takes the LLM, the question and parameters, returns all responses."""
    return FORMS[form]


@pytest.fixture
def forms() -> dict[str, CallForm]:
    return FORMS


@pytest.fixture(params=["details", "inline", "field"])
def kind(request: pytest.FixtureRequest) -> str:
    """Where the provider puts the reasoning."""
    return str(request.param)


@pytest.fixture
def answering(
    kind: str, make_llm: Callable[..., MiniMax], mara: MARA, server: Emulator, mara_server: Emulator
) -> Callable[..., MiniMax | MARA]:
    """Build an LLM that thinks of every trap and then gives one answer, or calls, always."""

    def build(
        text: str = "", *, calls: tuple[tuple[str, str], ...] = (), stream: bool = False
    ) -> MiniMax | MARA:
        emulator = mara_server if kind == "field" else server
        thinking, fields = {
            "details": ("", Wire.thought(TRAP)),
            "inline": (f"<think>\n{TRAP}\n</think>\n\n", {}),
            "field": ("", {"reasoning": TRAP}),
        }[kind]
        message = {**Wire.message(thinking + text), **fields}
        made = [Wire.call(*call, f"call_{i}", i) for i, call in enumerate(calls)]
        if made:
            message["tool_calls"] = made
        pieces = [fields] if fields else [Wire.text(p) for p in (thinking[:6], thinking[6:])]
        pieces += [Wire.text(text[:5]), Wire.text(text[5:])]
        pieces += [{"tool_calls": [call]} for call in made]
        reason = "tool_calls" if made else "stop"
        reply = Wire.stream(*pieces, finish_reason=reason) if stream else Wire.reply(message)
        for _ in range(12):
            emulator.enqueue(reply)
        return mara if kind == "field" else make_llm(reasoning_split=kind == "details")

    return build


@pytest.fixture(params=[False, True], ids=["plain", "streaming"])
def stream(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def talk(
    kind: str, make_llm: Callable[..., MiniMax], mara: MARA, server: Emulator, mara_server: Emulator
) -> tuple[MiniMax | MARA, Emulator]:
    """The LLM whose provider sends reasoning that way, and its server."""
    if kind == "field":
        return mara, mara_server
    return make_llm(reasoning_split=kind == "details"), server
