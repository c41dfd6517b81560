"""The LLM that talks to the provider of tests/ecosystem/conftest.py, and the trap for LlamaIndex.

The trap holds what the components of LlamaIndex look for, and the word "trap".
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from llama_index.core import MockEmbedding, Settings

from llama_index_mara_minimax import MARA, MiniMax
from mara_minimax.emulator import Emulator

# MLflow reports its use from the moment it is imported.
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"

TRAP = (
    "YES [yes] [[A]] {1} (Trap, Is, Trap) Keywords: trap Action: trap Answer: 5.0 trap\n"
    "Doc: 1, Relevance: 10 [1] > [2] <execute>trap()</execute> SELECT trap FROM trap; "
    '{"name": "trap"}\nAnswer: trap'
)
LLMS: dict[str, type[MiniMax | MARA]] = {"minimax": MiniMax, "mara": MARA}


@pytest.fixture
def scenario(reasoning: str, scenario: str) -> str:
    """Details alone, without `reasoning_content` beside them."""
    return "details-only" if reasoning == "details" else scenario


@pytest.fixture
def trap() -> str:
    """The reasoning of each turn."""
    return TRAP


@pytest.fixture
def llm(
    emulator: Emulator, settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> MiniMax | MARA:
    """The LLM, with a key and a header that nobody is to see; also that of `Settings`."""
    llm = LLMS[emulator.provider](**settings)
    monkeypatch.setattr(Settings, "_llm", llm)
    monkeypatch.setattr(Settings, "_embed_model", MockEmbedding(8))
    return llm


@pytest.fixture
def prompts(emulator: Emulator) -> Callable[[], list[str]]:
    """The newest message of each request, as text."""
    return lambda: [str(request.body["messages"][-1]["content"]) for request in emulator.requests]
