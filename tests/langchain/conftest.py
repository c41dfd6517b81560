"""What the tests of the LangChain classes share: servers, models, canned turns, call forms."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.messages.utils import message_chunk_to_message

from langchain_mara_minimax import ChatMARA, ChatMiniMax
from mara_minimax.emulator import CannedReply, Emulator

KEY = "sk-test-0123456789abcdef"
USAGE = {
    "prompt_tokens": 44,
    "completion_tokens": 20,
    "total_tokens": 64,
    "prompt_tokens_details": {"cached_tokens": 12},
    "completion_tokens_details": {"reasoning_tokens": 8},
}
DETAIL = {
    "type": "reasoning.text",
    "id": "reasoning-text-1",
    "format": "MiniMax-response-v1",
    "index": 0,
}
FLAGS = {"input_sensitive": False, "output_sensitive": False, "output_sensitive_type": 0}


@dataclass(frozen=True)
class Turn:
    """One answer of a model, as a plain reply or as a stream, in a provider's byte form."""

    reasoning: tuple[str, ...] = ()
    text: tuple[str, ...] = ()
    calls: tuple[tuple[str, str], ...] = ()
    """Name and arguments of each tool call."""
    form: str = "reasoning_details"
    finish_reason: str = ""
    usage: dict[str, Any] | None = None

    def plain(self) -> CannedReply:
        message = self._reasoning_fields("".join(self.reasoning))
        content = "".join(self._content())
        if content or not self.calls:
            message["content"] = content
        if self.calls:
            message["tool_calls"] = [self._call(i, *call) for i, call in enumerate(self.calls)]
        choice = {"index": 0, "message": message, "finish_reason": self._finish_reason()}
        return CannedReply.json(self._envelope([choice], usage=self.usage or USAGE))

    def stream(self, *, end: bool = True) -> CannedReply:
        deltas = [self._reasoning_fields(piece) for piece in self.reasoning]
        if self.form == "inline":
            deltas = []
        deltas += [{"content": piece} for piece in self._content()]
        for index, (name, arguments) in enumerate(self.calls):
            half = len(arguments) // 2
            deltas.append({"tool_calls": [self._call(index, name, arguments[:half])]})
            rest = {"function": {"arguments": arguments[half:]}, "index": index}
            deltas.append({"tool_calls": [rest]})
        chunks = [self._envelope([{"index": 0, "delta": delta}]) for delta in deltas]
        if end:
            choice = {"index": 0, "delta": {}, "finish_reason": self._finish_reason()}
            chunks.append(self._envelope([choice]))
            chunks.append(self._envelope([], usage=self.usage or USAGE))
        return CannedReply.sse(*chunks)

    def _content(self) -> tuple[str, ...]:
        if self.form != "inline" or not self.reasoning:
            return self.text
        first, *rest = self.reasoning
        return (f"<think>\n{first}", *rest, "\n</think>\n\n", *self.text)

    def _reasoning_fields(self, piece: str) -> dict[str, Any]:
        fields: dict[str, Any] = {"role": "assistant"}
        if not piece or self.form == "inline":
            return fields
        if self.form == "reasoning":
            return {**fields, "reasoning": piece, "channel": "analysis"}
        details = [{**DETAIL, "text": piece}]
        return {**fields, "reasoning_content": piece, "reasoning_details": details}

    @staticmethod
    def _call(index: int, name: str, arguments: str) -> dict[str, Any]:
        return {
            "id": f"call_function_ab_{index + 1}",
            "type": "function",
            "function": {"name": name, "arguments": arguments},
            "index": index,
        }

    def _finish_reason(self) -> str:
        return self.finish_reason or ("tool_calls" if self.calls else "stop")

    @staticmethod
    def _envelope(
        choices: list[dict[str, Any]], usage: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        return {
            "id": "reply-1",
            "choices": choices,
            "created": 1_760_000_000,
            "model": "MiniMax-M2",
            "usage": usage,
            **FLAGS,
        }


THINKING = Turn(reasoning=("The user ", "wants 6*7."), text=("The answer ", "is 42."))
CALLING = Turn(
    reasoning=("I need ", "the tools."),
    text=("Let me check.",),
    calls=(("get_weather", '{"city": "Paris"}'), ("get_time", '{"zone": "CET"}')),
)


def _invoke(model: Any, given: Any, /, **kwargs: Any) -> AIMessage:
    message: AIMessage = model.invoke(given, **kwargs)
    return message


def _ainvoke(model: Any, given: Any, /, **kwargs: Any) -> AIMessage:
    async def run() -> AIMessage:
        message: AIMessage = await model.ainvoke(given, **kwargs)
        return message

    return asyncio.run(run())


def _merge(chunks: list[AIMessageChunk]) -> AIMessage:
    merged = chunks[0]
    for chunk in chunks[1:]:
        merged += chunk
    message = message_chunk_to_message(merged)
    assert isinstance(message, AIMessage)
    return message


def _stream(model: Any, given: Any, /, **kwargs: Any) -> AIMessage:
    return _merge(list(model.stream(given, **kwargs)))


def _astream(model: Any, given: Any, /, **kwargs: Any) -> AIMessage:
    async def run() -> list[AIMessageChunk]:
        return [chunk async for chunk in model.astream(given, **kwargs)]

    return _merge(asyncio.run(run()))


def _streaming_invoke(model: Any, given: Any, /, **kwargs: Any) -> AIMessage:
    """`invoke` of a model that streams inside, as it does for streaming callback handlers."""
    return _invoke(model, given, stream=True, **kwargs)


CALL_FORMS: dict[str, Callable[..., AIMessage]] = {
    "invoke": _invoke,
    "ainvoke": _ainvoke,
    "stream": _stream,
    "astream": _astream,
    "streaming invoke": _streaming_invoke,
}


@pytest.fixture(params=sorted(CALL_FORMS))
def call_form(request: pytest.FixtureRequest) -> str:
    """Each way to call a model, by name."""
    name: str = request.param
    return name


@pytest.fixture
def call(call_form: str) -> Callable[..., AIMessage]:
    """Call a model in one of the ways; streams give the merged message."""
    return CALL_FORMS[call_form]


@pytest.fixture(params=sorted(name for name in CALL_FORMS if "stream" in name))
def call_stream(request: pytest.FixtureRequest) -> Callable[..., AIMessage]:
    """Call a model in one of the ways that stream."""
    return CALL_FORMS[request.param]


@pytest.fixture
def canned(call_form: str) -> Callable[[Turn], CannedReply]:
    """The reply to a `Turn` that fits the way in which the model is called."""
    return lambda turn: turn.stream() if "stream" in call_form else turn.plain()


@pytest.fixture
def turns() -> type[Turn]:
    """Builder of canned answers."""
    return Turn


@pytest.fixture
def thinking() -> Turn:
    """An answer with reasoning."""
    return THINKING


@pytest.fixture
def calling() -> Turn:
    """An answer with reasoning, text and two tool calls."""
    return CALLING


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LC_OUTPUT_VERSION", raising=False)
    monkeypatch.setenv("LANGSMITH_TRACING", "false")


@pytest.fixture
def make_model(server: Emulator) -> Callable[..., ChatMiniMax]:
    """Build a `ChatMiniMax` that talks to `server`."""

    def make(**settings: Any) -> ChatMiniMax:
        return ChatMiniMax(
            **{"api_key": KEY, "base_url": server.base_url, "max_retries": 0, **settings}
        )

    return make


@pytest.fixture
def model(make_model: Callable[..., ChatMiniMax]) -> ChatMiniMax:
    return make_model()


@pytest.fixture
def mara(mara_server: Emulator) -> ChatMARA:
    return ChatMARA(api_key=KEY, base_url=mara_server.base_url, max_retries=0)


@pytest.fixture
def same() -> Callable[[BaseChatModel, AIMessage], dict[str, Any]]:
    """What must be equal in every way of calling: all of a message but its run's id."""
    return lambda message: json.loads(json.dumps(message.model_dump(exclude={"id"})))
