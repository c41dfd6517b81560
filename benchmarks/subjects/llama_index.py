"""LlamaIndex's LLMs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from typing import Any

from benchmarks.histories import to_llama_index
from benchmarks.serving import Target
from benchmarks.subjects.subject import Calls, Subject, pause_of
from benchmarks.wire import MODEL


class LLMCalls:
    """An LLM, called as a user calls it."""

    def __init__(self, llm: Any) -> None:
        self._llm = llm
        self._arguments = 0

    def stream(self, messages: Any) -> Iterator[Any]:
        yield from self._llm.stream_chat(messages)

    async def astream(self, messages: Any) -> AsyncIterator[Any]:
        async for response in await self._llm.astream_chat(messages):
            yield response

    def ask(self, messages: Any) -> Any:
        return self._llm.chat(messages)

    def read(self, chunk: Any) -> tuple[str, str, str]:
        # Arguments have no delta of their own; a mirror in the provider's form holds them all.
        arguments = _mirrored_arguments(chunk.message.additional_kwargs.get("tool_calls") or ())
        added, self._arguments = arguments[self._arguments :], len(arguments)
        thought = chunk.additional_kwargs.get("thinking_delta") or ""
        return chunk.delta or "", thought, added

    def text(self, reply: Any) -> str:
        return str(reply.message.content)


def _mirrored_arguments(calls: Any) -> str:
    functions = (
        call["function"]["arguments"] if isinstance(call, dict) else call.function.arguments
        for call in calls
    )
    return "".join(part or "" for part in functions)


def _mini_max(target: Target) -> Any:
    from llama_index_mara_minimax import MiniMax

    return MiniMax(model=MODEL, api_key="none", base_url=target.url)


def _mara(target: Target) -> Any:
    from llama_index_mara_minimax import MARA

    return MARA(model=MODEL, api_key="none", base_url=target.url)


def _mini_max_fast(target: Target) -> Any:
    from llama_index_mara_minimax import MiniMax

    return MiniMax(model=MODEL, api_key="none", base_url=target.url, transport="aiohttp")


def _openai_like(target: Target) -> Any:
    from llama_index.llms.openai_like import OpenAILike

    return OpenAILike(
        model=MODEL,
        api_key="none",
        api_base=target.url,
        is_chat_model=True,
        is_function_calling_model=True,
    )


def _peer_minimax(target: Target) -> Any:
    from llama_index.llms.minimax import MiniMax

    return MiniMax(model=MODEL, api_key="none", api_base=target.url)


def _sambanova(target: Target) -> Any:
    from llama_index.llms.sambanovasystems import SambaNovaCloud

    # The class takes its URL from the argument that is meant for the key.
    url = f"{target.url}/chat/completions"
    return SambaNovaCloud(model=MODEL, sambanova_api_key=url)


def _floor(target: Target) -> Any:
    from benchmarks.subjects.floor_llama_index import ScriptedLLM

    return ScriptedLLM(pieces=tuple(target.script.pieces()), pause=pause_of(target))


def _subject(name: str, construct: Callable[[Target], Any], module: str, call: str) -> Subject:
    def open_(target: Target) -> Calls:
        return LLMCalls(construct(target))

    script = ""
    if call:
        script = (
            f"from {module} import {call.partition('(')[0]}\nprint({call}.complete('Hi').text)\n"
        )
    return Subject(name, open_, to_llama_index, construct=construct, module=module, script=script)


_COMMON = 'model="MiniMax-M2.5", api_key="none"'
MINIMAX = replace(
    _subject(
        "MiniMax", _mini_max, "llama_index_mara_minimax", f'MiniMax({_COMMON}, base_url="{{url}}")'
    ),
    kind="ours",
)
MARA = replace(
    _subject("MARA", _mara, "llama_index_mara_minimax", f'MARA({_COMMON}, base_url="{{url}}")'),
    kind="ours",
)
MINIMAX_FAST = replace(
    _subject("MiniMax, aiohttp", _mini_max_fast, "", ""), kind="ours", construct=None
)
OPENAI_LIKE = _subject(
    "OpenAILike",
    _openai_like,
    "llama_index.llms.openai_like",
    f'OpenAILike({_COMMON}, api_base="{{url}}", is_chat_model=True)',
)
PEER_MINIMAX = _subject(
    "llama-index-llms-minimax",
    _peer_minimax,
    "llama_index.llms.minimax",
    f'MiniMax({_COMMON}, api_base="{{url}}")',
)
SAMBANOVA = _subject(
    "SambaNovaCloud",
    _sambanova,
    "llama_index.llms.sambanovasystems",
    'SambaNovaCloud(model="MiniMax-M2.5", sambanova_api_key="{url}/chat/completions")',
)
LLAMA_INDEX_FLOOR = replace(
    _subject("llama-index-core floor", _floor, "", ""), kind="floor", construct=None
)
PEERS = (OPENAI_LIKE, PEER_MINIMAX, SAMBANOVA)
LLAMA_INDEX = (MINIMAX, MARA, *PEERS, LLAMA_INDEX_FLOOR)
