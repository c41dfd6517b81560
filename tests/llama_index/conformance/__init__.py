"""Rules that any LlamaIndex LLM can be held against; see docs/llama-index-conformance.md.

A subclass of `LLMConformance` whose name starts with `Test` and which builds the LLM is a
complete test:

    from tests.llama_index.conformance import LLMConformance

    class TestMyLLM(LLMConformance):
        def make_llm(self, base_url, **settings):
            return MyLLM(api_key=self.key, api_base=base_url, **settings)
"""

from __future__ import annotations

from tests.llama_index.conformance.agents import AgentRules
from tests.llama_index.conformance.calls import CallRules
from tests.llama_index.conformance.failures import FailureRules
from tests.llama_index.conformance.script import Call, Script, Turn
from tests.llama_index.conformance.settings import SettingRules
from tests.llama_index.conformance.streams import StreamRules
from tests.llama_index.conformance.structured import StructuredRules
from tests.llama_index.conformance.tools import ToolRules

__all__ = ["Call", "LLMConformance", "Script", "Turn"]


class LLMConformance(
    CallRules, StreamRules, ToolRules, StructuredRules, AgentRules, FailureRules, SettingRules
):
    """All rules; subclasses say how to build the LLM and what its provider speaks."""
