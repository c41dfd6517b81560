"""`MiniMax` and `MARA` keep every rule of the conformance suite, in every form of reasoning."""

from __future__ import annotations

from typing import Any

import pytest
from llama_index.core.base.llms.types import AudioBlock
from pydantic import SecretStr

from llama_index_mara_minimax import MARA, MiniMax
from tests.llama_index.conformance import LLMConformance, Script


class TestMiniMax(LLMConformance):
    """Reasoning in `reasoning_details`."""

    hide = SecretStr

    def make_llm(self, base_url: str, **settings: Any) -> MiniMax:
        return MiniMax(api_key=self.key, api_base=base_url, **settings)


class TestMiniMaxInline(LLMConformance):
    """Reasoning as `<think>` in the text."""

    script = Script("inline")
    hide = SecretStr

    def make_llm(self, base_url: str, **settings: Any) -> MiniMax:
        return MiniMax(api_key=self.key, api_base=base_url, reasoning_split=False, **settings)


@pytest.mark.filterwarnings("ignore:MARA Cloud. cache_control")
class TestMARA(LLMConformance):
    """Reasoning in the field `reasoning`."""

    provider = "mara"
    script = Script("field")
    hide = SecretStr
    # Video is sent: no document says that the model does not take them.
    refused_block = AudioBlock(audio=b"AAAA", format="wav")

    def make_llm(self, base_url: str, **settings: Any) -> MARA:
        return MARA(api_key=self.key, api_base=base_url, **settings)
