"""The conformance suite for existing integrations, beside ours in the same environment.

Collected by `benchmarks/conformance_peers.py`, in an environment that has the peers.
"""

from __future__ import annotations

import os
from typing import Any

from llama_index.llms.deepseek import DeepSeek
from llama_index.llms.minimax import MiniMax as PeerMiniMax
from llama_index.llms.mistralai import MistralAI
from llama_index.llms.openai import OpenAI
from llama_index.llms.openai_like import OpenAILike
from llama_index.llms.sambanovasystems import SambaNovaCloud

from llama_index_mara_minimax.conformance import LLMConformance, Script, Turn
from llama_index_mara_minimax.conformance.script import USAGE
from mara_minimax.emulator import CannedReply
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

    It takes a key that is an argument for the URL, so that both come by their variables.
    """

    title = "SambaNovaCloud"
    has_tools = False

    def make_llm(self, base_url: str, **settings: Any) -> SambaNovaCloud:
        del settings["max_retries"]
        os.environ["SAMBANOVA_URL"] = f"{base_url}/chat/completions"
        os.environ["SAMBANOVA_API_KEY"] = self.api_key
        return SambaNovaCloud(model="DeepSeek-V3", **settings)


class MistralScript(Script):
    """Mistral's wire: usage in the last chunk, calls in one piece, text that is never null.

    https://docs.mistral.ai/api (2026-11).
    """

    def plain(self, turn: Turn) -> CannedReply:
        reply = super().plain(turn)
        reply.chunks = [chunk.replace(b'"content":null', b'"content":""') for chunk in reply.chunks]
        return reply

    def stream(self, turn: Turn) -> CannedReply:
        deltas: list[dict[str, Any]] = [
            {"content": turn.text[start : start + 7]} for start in range(0, len(turn.text), 7)
        ]
        if turn.calls:
            deltas.append({"tool_calls": [call.wire(i) for i, call in enumerate(turn.calls)]})
        return self.deltas(deltas or [{}], "tool_calls" if turn.calls else "stop")

    def deltas(self, deltas: list[dict[str, Any]], finish_reason: str | None) -> CannedReply:
        chunks = [self.chunk({"content": "", **delta}) for delta in deltas]
        if finish_reason is None:
            return CannedReply.sse(*chunks)
        chunks[-1]["choices"][0]["finish_reason"] = finish_reason
        return CannedReply.sse(*chunks[:-1], {**chunks[-1], "usage": USAGE}, done=True)


class TestMistralAI(LLMConformance):
    """llama-index-llms-mistralai, over an SDK of its own."""

    title = "MistralAI"
    script = MistralScript()

    def make_llm(self, base_url: str, **settings: Any) -> MistralAI:
        return MistralAI(
            model="mistral-small-latest",
            api_key=self.api_key,
            endpoint=base_url.removesuffix("/v1"),
            **settings,
        )
