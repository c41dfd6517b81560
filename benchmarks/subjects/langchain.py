"""LangChain's chat models."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from typing import Any

from benchmarks.histories import to_langchain
from benchmarks.serving import Target
from benchmarks.subjects.subject import Calls, Subject, pause_of
from benchmarks.wire import MODEL


class ChatModelCalls:
    """A chat model, called as a user calls it."""

    def __init__(self, model: Any) -> None:
        self._model = model

    def stream(self, messages: Any) -> Iterator[Any]:
        return self._model.stream(messages)  # type: ignore[no-any-return]

    def astream(self, messages: Any) -> AsyncIterator[Any]:
        return self._model.astream(messages)  # type: ignore[no-any-return]

    def ask(self, messages: Any) -> Any:
        return self._model.invoke(messages)

    def read(self, chunk: Any) -> tuple[str, str, str]:
        arguments = "".join(call["args"] or "" for call in chunk.tool_call_chunks)
        reasoning = chunk.additional_kwargs.get("reasoning_content", "")
        return chunk.text, reasoning, arguments

    def text(self, reply: Any) -> str:
        return str(reply.text)


def _mini_max(target: Target) -> Any:
    from langchain_mara_minimax import ChatMiniMax

    return ChatMiniMax(model=MODEL, api_key="none", base_url=target.url)


def _mara(target: Target) -> Any:
    from langchain_mara_minimax import ChatMARA

    return ChatMARA(model=MODEL, api_key="none", base_url=target.url)


def _openai(target: Target) -> Any:
    from langchain_openai import ChatOpenAI

    return ChatOpenAI(model=MODEL, api_key="none", base_url=target.url)


def _mini_max_fast(target: Target) -> Any:
    from langchain_mara_minimax import ChatMiniMax

    return ChatMiniMax(model=MODEL, api_key="none", base_url=target.url, transport="aiohttp")


def _mini_max_sdk(target: Target) -> Any:
    from openai import DefaultAioHttpClient

    from langchain_mara_minimax import ChatMiniMax

    client = DefaultAioHttpClient()
    return ChatMiniMax(model=MODEL, api_key="none", base_url=target.url, http_async_client=client)


def _openai_fast(target: Target) -> Any:
    from langchain_openai import ChatOpenAI
    from openai import DefaultAioHttpClient

    client = DefaultAioHttpClient()
    return ChatOpenAI(model=MODEL, api_key="none", base_url=target.url, http_async_client=client)


def _deepseek(target: Target) -> Any:
    from langchain_deepseek import ChatDeepSeek

    return ChatDeepSeek(model=MODEL, api_key="none", api_base=target.url)


def _litellm(target: Target) -> Any:
    from langchain_litellm import ChatLiteLLM

    return ChatLiteLLM(model=f"openai/{MODEL}", api_key="none", api_base=target.url)


def _sambanova(target: Target) -> Any:
    from langchain_sambanova import ChatSambaNova

    return ChatSambaNova(model=MODEL, api_key="none", base_url=target.url)


def _floor(target: Target) -> Any:
    from benchmarks.subjects.floor_langchain import ScriptedChatModel

    return ScriptedChatModel(pieces=tuple(target.script.pieces()), pause=pause_of(target))


def _subject(name: str, construct: Callable[[Target], Any], module: str, call: str) -> Subject:
    def open_(target: Target) -> Calls:
        return ChatModelCalls(construct(target))

    script = ""
    if call:
        script = f"from {module} import {call.partition('(')[0]}\nprint({call}.invoke('Hi').text)\n"
    return Subject(name, open_, to_langchain, construct=construct, module=module, script=script)


_COMMON = 'model="MiniMax-M2.5", api_key="none"'
CHAT_MINIMAX = replace(
    _subject(
        "ChatMiniMax",
        _mini_max,
        "langchain_mara_minimax",
        f'ChatMiniMax({_COMMON}, base_url="{{url}}")',
    ),
    kind="ours",
)
CHAT_MARA = replace(
    _subject(
        "ChatMARA", _mara, "langchain_mara_minimax", f'ChatMARA({_COMMON}, base_url="{{url}}")'
    ),
    kind="ours",
)
CHAT_OPENAI = _subject(
    "ChatOpenAI", _openai, "langchain_openai", f'ChatOpenAI({_COMMON}, base_url="{{url}}")'
)
CHAT_DEEPSEEK = _subject(
    "ChatDeepSeek", _deepseek, "langchain_deepseek", f'ChatDeepSeek({_COMMON}, api_base="{{url}}")'
)
CHAT_LITELLM = _subject(
    "ChatLiteLLM",
    _litellm,
    "langchain_litellm",
    'ChatLiteLLM(model="openai/MiniMax-M2.5", api_key="none", api_base="{url}")',
)
CHAT_SAMBANOVA = _subject(
    "ChatSambaNova",
    _sambanova,
    "langchain_sambanova",
    f'ChatSambaNova({_COMMON}, base_url="{{url}}")',
)
CHAT_MINIMAX_FAST = replace(
    _subject("ChatMiniMax, aiohttp", _mini_max_fast, "", ""), kind="ours", construct=None
)
CHAT_MINIMAX_SDK = replace(
    _subject("ChatMiniMax, SDK's aiohttp", _mini_max_sdk, "", ""), kind="ours", construct=None
)
"""With the client that `ChatOpenAI` has as "aiohttp"."""
CHAT_OPENAI_FAST = replace(_subject("ChatOpenAI, aiohttp", _openai_fast, "", ""), construct=None)
"""With the SDK's own aiohttp client."""
LANGCHAIN_FLOOR = replace(
    _subject("langchain-core floor", _floor, "", ""), kind="floor", construct=None
)
PEERS = (CHAT_OPENAI, CHAT_DEEPSEEK, CHAT_LITELLM, CHAT_SAMBANOVA)
LANGCHAIN = (CHAT_MINIMAX, CHAT_MARA, *PEERS, LANGCHAIN_FLOOR)
