"""One question to a model, through LangChain or through LlamaIndex, with the same result."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Answer:
    """What the output keeps of a reply, a column each."""

    answer: str
    reasoning: str | None
    finish_reason: str | None
    input_tokens: int | None
    output_tokens: int | None


Ask = Callable[[list[dict[str, Any]]], Awaitable[Answer]]


def make_ask(framework: str, provider: str, **given: Any) -> Ask:
    """Return the function that asks; the model's key and URL come from the environment.

    The model retries nothing, because an answer that broke off is asked again too. It streams,
    so that its timeout limits silence and not the length of an answer.
    """
    settings = {"max_retries": 0} | {name: each for name, each in given.items() if each is not None}
    makers = {"langchain": _langchain, "llama-index": _llama_index}
    return makers[framework](provider, settings)


def _langchain(provider: str, settings: dict[str, Any]) -> Ask:
    from langchain_mara_minimax import ChatMARA, ChatMiniMax

    chat_class = {"minimax": ChatMiniMax, "mara": ChatMARA}[provider]
    chat = chat_class(streaming=True, **settings)

    async def ask(messages: list[dict[str, Any]]) -> Answer:
        message = await chat.ainvoke(messages)
        usage = message.usage_metadata or {}
        return Answer(
            answer=message.text,
            reasoning=message.additional_kwargs.get("reasoning_content"),
            finish_reason=message.response_metadata.get("finish_reason"),
            input_tokens=usage.get("input_tokens"),
            output_tokens=usage.get("output_tokens"),
        )

    return ask


def _llama_index(provider: str, settings: dict[str, Any]) -> Ask:
    from llama_index.core.base.llms.types import ThinkingBlock
    from llama_index.core.llms import ChatMessage

    from llama_index_mara_minimax import MARA, MiniMax

    llm_class = {"minimax": MiniMax, "mara": MARA}[provider]
    llm = llm_class(**settings)

    async def ask(messages: list[dict[str, Any]]) -> Answer:
        chat = [ChatMessage(role=each["role"], content=each["content"]) for each in messages]
        async for response in await llm.astream_chat(chat):
            last = response
        thinking = [b.content for b in last.message.blocks if isinstance(b, ThinkingBlock)]
        usage = last.raw.get("usage") or {}
        return Answer(
            answer=last.message.content or "",
            reasoning="".join(text or "" for text in thinking) or None,
            finish_reason=last.raw.get("finish_reason"),
            input_tokens=usage.get("prompt_tokens"),
            output_tokens=usage.get("completion_tokens"),
        )

    return ask
