"""LangChain's chat models, ours and the peers."""

from __future__ import annotations

import importlib
from collections.abc import AsyncIterator, Iterator
from typing import Any, ClassVar

from langchain_core.messages import AIMessage, HumanMessage, ToolMessage

from benchmarks.comparison.caller import (
    PERSON_TEXT,
    QUESTION,
    WEATHER_QUESTION,
    Answer,
    Caller,
    Person,
    dumped,
    get_weather,
    without_none,
)
from benchmarks.comparison.verdict import NotOffered

MODEL = "MiniMax-M2.5"


class ChatModelCaller(Caller):
    """What all chat models share."""

    module: ClassVar[str]
    lacks: ClassVar[tuple[str, ...]] = ()
    """Settings that the class does not have."""

    def model_name(self) -> str:
        return MODEL

    def build(self, **settings: Any) -> Any:
        for name in set(settings) & set(self.lacks):
            raise NotOffered(f"no setting `{name}`")
        arguments = {"model": self.model_name(), "api_key": "emulator-key"}
        arguments[self.url_name] = self.emulator.base_url
        cls = getattr(importlib.import_module(self.module), self.class_name())
        return cls(**without_none({**arguments, **settings}))

    def class_name(self) -> str:
        return self.name

    def question(self, text: str) -> Any:
        return HumanMessage(text)

    def picture_of_a_tool(self, picture: str) -> list[Any]:
        image = {"type": "image", "base64": picture, "mime_type": "image/png"}
        return [
            HumanMessage("Show me the page."),
            AIMessage("", tool_calls=[{"name": "look", "args": {}, "id": "call_1"}]),
            ToolMessage([{"type": "text", "text": "Here it is."}, image], tool_call_id="call_1"),
        ]

    def call_of_another_class(self) -> list[Any]:
        call = {"type": "tool_use", "id": "toolu_1", "name": "get_weather"}
        content = [{"type": "text", "text": "Let me see."}, {**call, "input": {"city": "Paris"}}]
        parsed = {"name": "get_weather", "args": {"city": "Paris"}, "id": "toolu_1"}
        return [
            HumanMessage(WEATHER_QUESTION),
            AIMessage(content, tool_calls=[parsed]),
            ToolMessage("Sunny.", tool_call_id="toolu_1"),
        ]

    def plain(self, model: Any, messages: list[Any]) -> Answer:
        return _answer(model.invoke(messages))

    def stream(self, model: Any, messages: list[Any]) -> Iterator[Answer]:
        yield from map(_answer, model.stream(messages))

    async def astream(self, model: Any, messages: list[Any]) -> AsyncIterator[Answer]:
        async for chunk in model.astream(messages):
            yield _answer(chunk)

    def whole(self, chunks: list[Answer]) -> Answer:
        message = chunks[0].message
        for chunk in chunks[1:]:
            message = message + chunk.message
        return _answer(message)

    def call_tool(self, model: Any, *, forced: bool) -> Answer:
        if forced:
            bound = model.bind_tools([get_weather], tool_choice="get_weather")
            return _answer(bound.invoke(QUESTION))
        return _answer(model.bind_tools([get_weather]).invoke(WEATHER_QUESTION))

    def stream_tool(self, model: Any) -> Iterator[Answer]:
        yield from map(_answer, model.bind_tools([get_weather]).stream(WEATHER_QUESTION))

    def fill(self, model: Any) -> Any:
        return model.with_structured_output(Person).invoke(PERSON_TEXT)


def _answer(message: Any) -> Answer:
    reasoning = [b for b in message.content_blocks if b["type"] == "reasoning"]
    return Answer(
        text=str(message.text),
        metadata=dumped([message.additional_kwargs, message.response_metadata, reasoning]),
        usage=bool(message.usage_metadata and message.usage_metadata["output_tokens"]),
        calls=[(call["name"], call["args"]) for call in message.tool_calls],
        arguments="".join(
            call["args"] or "" for call in getattr(message, "tool_call_chunks", None) or ()
        ),
        message=message,
    )


class OurChatModel(ChatModelCaller):
    name, package, module = "ours, LangChain", "mara-minimax", "langchain_mara_minimax"

    def class_name(self) -> str:
        return {"mara": "ChatMARA"}.get(self.emulator.provider, "ChatMiniMax")


class ChatOpenAI(ChatModelCaller):
    name, package, module = "ChatOpenAI", "langchain-openai", "langchain_openai"


class ChatDeepSeek(ChatModelCaller):
    name, package, module = "ChatDeepSeek", "langchain-deepseek", "langchain_deepseek"
    url_name = "api_base"


class ChatLiteLLM(ChatModelCaller):
    """With litellm's own provider for MiniMax, and its OpenAI one for MARA."""

    name, package, module = "ChatLiteLLM", "langchain-litellm", "langchain_litellm"
    url_name = "api_base"
    lacks = ("http_client",)

    def model_name(self) -> str:
        return f"{'openai' if self.emulator.provider == 'mara' else 'minimax'}/{MODEL}"


class ChatSambaNova(ChatModelCaller):
    name, package, module = "ChatSambaNova", "langchain-sambanova", "langchain_sambanova"
    home = "mara"


CALLERS: tuple[type[ChatModelCaller], ...] = (
    OurChatModel,
    ChatOpenAI,
    ChatDeepSeek,
    ChatLiteLLM,
    ChatSambaNova,
)
