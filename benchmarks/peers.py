"""The conformance suite for existing integrations, beside ours in the same environment.

Collected by `benchmarks/conformance_peers.py`, in an environment that has the peers.
"""

from __future__ import annotations

import os
from typing import Any

from llama_index.llms.deepseek import DeepSeek
from llama_index.llms.minimax import MiniMax as PeerMiniMax
from llama_index.llms.openai import OpenAI
from llama_index.llms.openai_like import OpenAILike
from llama_index.llms.sambanovasystems import SambaNovaCloud

from llama_index_mara_minimax.conformance import LLMConformance
from tests.llama_index.minimax_script import MiniMaxScript
from tests.llama_index.test_conformance import (  # noqa: F401 - pytest collects them
    StrictProvider,
    TestMARA,
    TestMiniMax,
    TestMiniMaxInline,
)


class TestPeerMiniMax(StrictProvider):
    """llama-index-llms-minimax, reasoning in `reasoning_content` and `reasoning_details`."""

    title = "llms-minimax"
    provider = "minimax"
    script = MiniMaxScript("reasoning_content")
    secret_header = LLMConformance.secret_header

    def make_llm(self, base_url: str, **settings: Any) -> PeerMiniMax:
        return PeerMiniMax(
            model="MiniMax-M2.5", api_key=self.api_key, api_base=base_url, **settings
        )


class TestPeerMiniMaxInline(TestPeerMiniMax):
    """The same with `<think>` in the text, which MiniMax sends unless told otherwise."""

    title = "llms-minimax, `<think>`"
    script = MiniMaxScript("inline")


class TestOpenAILike(LLMConformance):
    """llama-index-llms-openai-like, reasoning in the field `reasoning`."""

    title = "OpenAILike"
    reasoning_form = "reasoning"

    def make_llm(self, base_url: str, **settings: Any) -> OpenAILike:
        return OpenAILike(
            model="MiniMax-M2.5",
            api_key=self.api_key,
            api_base=base_url,
            is_chat_model=True,
            is_function_calling_model=True,
            context_window=204_800,
            **settings,
        )


class TestOpenAI(LLMConformance):
    """llama-index-llms-openai, whose API shows no reasoning in chat completions."""

    title = "OpenAI"
    has_forced_calls = False

    @property
    def known_failures(self) -> dict[str, str]:
        return {"R70": "the variables are those of its own provider"}

    def make_llm(self, base_url: str, **settings: Any) -> OpenAI:
        return OpenAI(model="gpt-4.1", api_key=self.api_key, api_base=base_url, **settings)


class TestDeepSeek(LLMConformance):
    """llama-index-llms-deepseek, reasoning in `reasoning_content`.

    https://api-docs.deepseek.com/guides/thinking_mode (2026-11) asks for it with tool calls.
    """

    title = "DeepSeek"
    reasoning_form = "reasoning_content"

    def make_llm(self, base_url: str, **settings: Any) -> DeepSeek:
        return DeepSeek(model="deepseek-chat", api_key=self.api_key, api_base=base_url, **settings)


class TestSambaNova(LLMConformance):
    """llama-index-llms-sambanovasystems, which has no retries.

    It takes its key for the URL where both are arguments, so that the URL comes by its variable.
    """

    title = "SambaNovaCloud"
    has_tools = False

    def make_llm(self, base_url: str, **settings: Any) -> SambaNovaCloud:
        del settings["max_retries"]
        os.environ["SAMBANOVA_URL"] = f"{base_url}/chat/completions"
        return SambaNovaCloud(
            model="DeepSeek-V3",
            sambanova_api_key=self.api_key,
            **settings,
        )
