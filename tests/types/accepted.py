"""Code as users write it, which type checkers have to accept: see tests/project/test_types.py."""

from __future__ import annotations

from functools import partial
from typing import Any

from llama_index.core.llms import ChatMessage
from pydantic import SecretStr

from langchain_mara_minimax import ChatMARA, ChatMiniMax
from llama_index_mara_minimax import MARA, MiniMax
from llama_index_mara_minimax.conformance import LLMConformance
from mara_minimax.emulator import Emulator


def give_key(account: str = "") -> str:
    return f"sk-{account}"


async def agive_key() -> SecretStr:
    return SecretStr("sk-1")


def langchain_models(emulator: Emulator, kwargs: dict[str, Any]) -> list[ChatMiniMax | ChatMARA]:
    return [
        ChatMiniMax(),
        ChatMiniMax("MiniMax-M2", api_key="sk-1"),
        ChatMiniMax(model="MiniMax-M2", api_key=SecretStr("sk-1"), temperature=0),
        ChatMiniMax(model_name="MiniMax-M2", api_base=emulator.base_url, api_key=emulator.api_key),
        ChatMiniMax(request_timeout=60, stop_sequences=["x"], default_headers={"X-A": "b"}),
        ChatMiniMax(api_key=give_key, endpoint="china", thinking=True, tags=["a"], cache=False),
        ChatMiniMax(api_key=partial(give_key, "a"), extra_body={"a": 1}, profile={"a": 1}),
        ChatMiniMax("M", endpoint="self-hosted", base_url="http://127.0.0.1:8000/v1", top_k=20),
        ChatMARA("MiniMax-M2.5", api_key=agive_key, top_k=40, do_sample=True, streaming=True),
        ChatMARA(api_key=None, stop="x", reasoning_effort="low", stream_usage=False),
        ChatMiniMax(seed=7, user="u", logprobs=True, top_logprobs=2, model_kwargs={"top_a": 1}),
        ChatMARA(n=1, presence_penalty=0.5, logit_bias={"1": 5}, service_tier="standard"),
        ChatMARA(**kwargs),
    ]


def llama_index_models(emulator: Emulator, kwargs: dict[str, Any]) -> list[MiniMax | MARA]:
    return [
        MiniMax(),
        MiniMax("MiniMax-M2", api_key="sk-1"),
        MiniMax(model="MiniMax-M2", api_key=SecretStr("sk-1"), context_window=1000),
        MiniMax(model_name="MiniMax-M2", api_base=emulator.base_url, api_key=emulator.api_key),
        MiniMax(api_key=give_key, system_prompt="Be brief.", additional_kwargs={"top_p": 0.5}),
        MARA("MiniMax-M2.5", api_key=agive_key, top_k=40, timeout=60.0, max_retries=0),
        MARA(**kwargs),
    ]


def answers(model: ChatMiniMax, llm: MiniMax) -> list[str]:
    chunks = [chunk.text for chunk in model.stream("Hi")]
    return [model.invoke("Hi").text, *chunks, llm.complete("Hi").text, str(llm.api_base)]


def llama_index_text(llm: MiniMax) -> str:
    for chunk in llm.stream_chat([ChatMessage("Hi")]):
        return chunk.message.role
    return llm.complete("Hi").text


async def allama_index_text(llm: MARA) -> str:
    async for chunk in await llm.astream_complete("Hi"):
        return chunk.text
    return (await llm.acomplete("Hi")).text


class TestMyLLM(LLMConformance):
    has_async = False
    reasoning_form = "reasoning"

    @property
    def known_failures(self) -> dict[str, str]:
        return {"R70": "it is so"}

    def make_llm(self, base_url: str, **settings: Any) -> MARA:
        return MARA(api_key=self.api_key, api_base=base_url, **settings)
