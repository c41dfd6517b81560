"""The conformance suite for existing integrations, beside ours in the same environment.

Collected by `benchmarks/conformance_peers.py`, in an environment that has the peers.
"""

from __future__ import annotations

from typing import Any

from llama_index.llms.minimax import MiniMax as PeerMiniMax
from llama_index.llms.openai_like import OpenAILike

from tests.llama_index.conformance import LLMConformance, Script
from tests.llama_index.test_conformance import (  # noqa: F401 - pytest collects them
    TestMARA,
    TestMiniMax,
    TestMiniMaxInline,
)


class TestPeerMiniMax(LLMConformance):
    """llama-index-llms-minimax, reasoning in `reasoning_content` and `reasoning_details`."""

    def make_llm(self, base_url: str, **settings: Any) -> PeerMiniMax:
        return PeerMiniMax(model="MiniMax-M2.5", api_key=self.key, api_base=base_url, **settings)


class TestPeerMiniMaxInline(TestPeerMiniMax):
    """The same with `<think>` in the text, which MiniMax sends unless told otherwise."""

    script = Script("inline")


class TestOpenAILike(LLMConformance):
    """llama-index-llms-openai-like, reasoning in the field `reasoning`."""

    provider = "mara"
    script = Script("field")

    def make_llm(self, base_url: str, **settings: Any) -> OpenAILike:
        return OpenAILike(
            model="MiniMax-M2.5",
            api_key=self.key,
            api_base=base_url,
            is_chat_model=True,
            is_function_calling_model=True,
            context_window=204_800,
            **settings,
        )


class TestOpenAILikeInline(TestOpenAILike):
    """The same with `<think>` in the text."""

    script = Script("inline")
