"""Rules that any LlamaIndex LLM can be held against, over a server that plays OpenAI's wire.

It needs pytest, which the extra `conformance` brings, and an LLM whose base URL can be set. A
subclass of `LLMConformance` whose name starts with `Test` and which builds the LLM is a complete
test; docs/llama-index-conformance.md shows one.
"""

from __future__ import annotations

import pytest

_RULES = ("base", "calls", "streams", "tools", "structured", "agents", "failures", "settings")
# So that a failed assertion shows its values; only pytest's own test files have that by default.
pytest.register_assert_rewrite(*(f"{__name__}.{name}" for name in _RULES))

from llama_index_mara_minimax.conformance.agents import AgentRules  # noqa: E402 - as above
from llama_index_mara_minimax.conformance.calls import CallRules  # noqa: E402
from llama_index_mara_minimax.conformance.failures import FailureRules  # noqa: E402
from llama_index_mara_minimax.conformance.rules import RULES, Rule  # noqa: E402
from llama_index_mara_minimax.conformance.script import Call, Script, Turn  # noqa: E402
from llama_index_mara_minimax.conformance.settings import SettingRules  # noqa: E402
from llama_index_mara_minimax.conformance.streams import StreamRules  # noqa: E402
from llama_index_mara_minimax.conformance.structured import StructuredRules  # noqa: E402
from llama_index_mara_minimax.conformance.tools import ToolRules  # noqa: E402

__all__ = ["RULES", "Call", "LLMConformance", "Rule", "Script", "Turn"]


class LLMConformance(
    CallRules, StreamRules, ToolRules, StructuredRules, AgentRules, FailureRules, SettingRules
):
    """All rules. A subclass says how to build the LLM, and what it cannot do."""
