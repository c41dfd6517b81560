"""`MiniMax` and `MARA` keep every rule of the conformance suite, in every form of reasoning."""

from __future__ import annotations

import json
from typing import Any
from urllib.request import Request, urlopen

import pytest
from llama_index.core.base.llms.types import AudioBlock
from pydantic import SecretStr

from llama_index_mara_minimax import MARA, MiniMax
from llama_index_mara_minimax.conformance import LLMConformance
from mara_minimax.emulator import Emulator
from tests.llama_index.minimax_script import MiniMaxScript


class StrictProvider(LLMConformance):
    """Requests are held against what the emulated provider refuses, which is more than OpenAI."""

    provider: str

    def check_request(self, body):
        super().check_request(body)
        headers = {"authorization": f"Bearer {self.api_key}"}
        with Emulator(self.provider) as emulator:
            url = f"{emulator.base_url}/chat/completions"
            with urlopen(Request(url, json.dumps(body).encode(), headers)) as reply:
                assert reply.status == 200

    def secret_header(self, value):
        return SecretStr(value)


class TestMiniMax(StrictProvider):
    """Reasoning in `reasoning_details`."""

    title = "MiniMax"
    provider = "minimax"
    script = MiniMaxScript("reasoning_content")

    def make_llm(self, base_url: str, **settings: Any) -> MiniMax:
        return MiniMax(api_key=self.api_key, api_base=base_url, **settings)


class TestMiniMaxInline(StrictProvider):
    """Reasoning as `<think>` in the text."""

    title = "MiniMax, `<think>`"
    provider = "minimax"
    script = MiniMaxScript("inline")

    def make_llm(self, base_url: str, **settings: Any) -> MiniMax:
        return MiniMax(api_key=self.api_key, api_base=base_url, reasoning_split=False, **settings)


@pytest.mark.filterwarnings("ignore:MARA Cloud. cache_control")
class TestMARA(StrictProvider):
    """Reasoning in the field `reasoning`."""

    title = "MARA"
    provider = "mara"
    reasoning_form = "reasoning"
    # Video is sent: no document says that the model does not take them.
    unsupported_block = AudioBlock(audio=b"AAAA", format="wav")

    def make_llm(self, base_url: str, **settings: Any) -> MARA:
        return MARA(api_key=self.api_key, api_base=base_url, **settings)
