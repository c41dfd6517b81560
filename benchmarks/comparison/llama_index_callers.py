"""LlamaIndex's LLMs, ours and the peers."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from typing import Any

from llama_index.core.base.llms.types import (
    ChatMessage,
    ChatResponse,
    ImageBlock,
    TextBlock,
    ToolCallBlock,
)
from llama_index.core.prompts import PromptTemplate
from llama_index.core.tools import FunctionTool

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


class LLMCaller(Caller):
    """What all LLMs share."""

    def question(self, text: str) -> Any:
        return ChatMessage(role="user", content=text)

    def picture_of_a_tool(self, picture: str) -> list[Any]:
        image = ImageBlock(image=picture.encode(), image_mimetype="image/png")
        call = ToolCallBlock(tool_call_id="call_1", tool_name="look", tool_kwargs={})
        return [
            ChatMessage(role="user", content="Show me the page."),
            ChatMessage(role="assistant", blocks=[call]),
            _result("call_1", TextBlock(text="Here it is."), image),
        ]

    def call_of_another_class(self) -> list[Any]:
        call = {"type": "tool_use", "id": "toolu_1", "name": "get_weather"}
        kwargs = {"tool_calls": [{**call, "input": {"city": "Paris"}}]}
        return [
            ChatMessage(role="user", content=WEATHER_QUESTION),
            ChatMessage(role="assistant", content="Let me see.", additional_kwargs=kwargs),
            _result("toolu_1", TextBlock(text="Sunny.")),
        ]

    def plain(self, model: Any, messages: list[Any]) -> Answer:
        return _answer(model, model.chat(messages))

    def stream(self, model: Any, messages: list[Any]) -> Iterator[Answer]:
        for response in model.stream_chat(messages):
            yield _answer(model, response, streamed=True)

    async def astream(self, model: Any, messages: list[Any]) -> AsyncIterator[Answer]:
        async for response in await model.astream_chat(messages):
            yield _answer(model, response, streamed=True)

    def whole(self, chunks: list[Answer]) -> Answer:
        # Each response of a stream holds the message so far.
        message = chunks[-1].message
        return Answer(str(message.content or ""), _metadata(message), message=message)

    def call_tool(self, model: Any, *, forced: bool) -> Answer:
        tool = self._tool(model)
        question = QUESTION if forced else WEATHER_QUESTION
        response = model.chat_with_tools([tool], user_msg=question, tool_required=forced)
        return _answer(model, response)

    def stream_tool(self, model: Any) -> Iterator[Answer]:
        tool = self._tool(model)
        for response in model.stream_chat_with_tools([tool], user_msg=WEATHER_QUESTION):
            yield _answer(model, response, streamed=True)

    def fill(self, model: Any) -> Any:
        return model.structured_predict(Person, PromptTemplate("{text}"), text=PERSON_TEXT)

    @staticmethod
    def _tool(model: Any) -> FunctionTool:
        if not hasattr(model, "chat_with_tools"):
            raise NotOffered("an `LLM` without tools")
        return FunctionTool.from_defaults(get_weather)


def _result(call_id: str, *blocks: Any) -> ChatMessage:
    kwargs = {"tool_call_id": call_id}
    return ChatMessage(role="tool", blocks=list(blocks), additional_kwargs=kwargs)


def _metadata(message: ChatMessage) -> str:
    blocks = [b.model_dump() for b in message.blocks if b.block_type not in ("text", "tool_call")]
    return dumped([blocks, message.additional_kwargs])


def _answer(model: Any, response: ChatResponse, *, streamed: bool = False) -> Answer:
    message = response.message
    raw = response.raw.model_dump() if hasattr(response.raw, "model_dump") else response.raw
    blocks = [block for block in message.blocks if isinstance(block, ToolCallBlock)]
    usage = (raw or {}).get("usage") or {}
    calls = []
    if blocks and not streamed:
        selected = model.get_tool_calls_from_response(response, error_on_no_tool_call=False)
        calls = [(call.tool_name, call.tool_kwargs) for call in selected]
    return Answer(
        text=str((response.delta if streamed else message.content) or ""),
        metadata=f"{_metadata(message)}{dumped(response.additional_kwargs)}",
        raw=dumped(raw),
        usage=bool(usage.get("completion_tokens") or usage.get("total_tokens")),
        calls=calls,
        arguments=dumped([block.tool_kwargs for block in blocks]) if blocks else "",
        message=message,
    )


class OurLLM(LLMCaller):
    name, package = "ours, LlamaIndex", "mara-minimax"

    def build(self, **settings: Any) -> Any:
        from llama_index_mara_minimax import MARA, MiniMax

        cls = MARA if self.emulator.provider == "mara" else MiniMax
        return cls(**_common(self, settings))


class PeerMiniMax(LLMCaller):
    name, package = "llama-index-llms-minimax", "llama-index-llms-minimax"
    url_name = "api_base"

    def build(self, **settings: Any) -> Any:
        from llama_index.llms.minimax import MiniMax

        return MiniMax(**_common(self, settings))


class PeerOpenAILike(LLMCaller):
    name, package = "OpenAILike", "llama-index-llms-openai-like"
    url_name = "api_base"

    def build(self, **settings: Any) -> Any:
        from llama_index.llms.openai_like import OpenAILike

        told = {"is_chat_model": True, "is_function_calling_model": True}
        return OpenAILike(**told, **_common(self, settings))


class SambaNovaCloud(LLMCaller):
    """Key and URL come from the environment; as an argument, one is taken for the other."""

    name, package = "SambaNovaCloud", "llama-index-llms-sambanovasystems"
    home = "mara"

    def build(self, **settings: Any) -> Any:
        from llama_index.llms.sambanovasystems import SambaNovaCloud as Cloud

        for name in ("max_retries", "http_client", "base_url", "include_response_headers"):
            if name in settings:
                raise NotOffered(f"no setting `{name}`")
        if callable(settings.get("api_key")):
            raise NotOffered("the key is text")
        os.environ["SAMBANOVA_URL"] = f"{self.emulator.base_url}/chat/completions"
        os.environ["SAMBANOVA_API_KEY"] = settings.pop("api_key", "emulator-key") or ""
        return Cloud(model=MODEL, **settings)


def _common(caller: Caller, settings: dict[str, Any]) -> dict[str, Any]:
    fixed = {"model": MODEL, "api_key": "emulator-key", caller.url_name: caller.emulator.base_url}
    return without_none({**fixed, **settings})


CALLERS: tuple[type[LLMCaller], ...] = (OurLLM, PeerMiniMax, PeerOpenAILike, SambaNovaCloud)
