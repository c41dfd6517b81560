"""A provider that says what a test lets it say, and the LLM that talks to it.

Each test runs at both providers and with the reasoning in each of three forms. The reasoning is a
trap: it holds what the components of LlamaIndex look for, and the word "trap". After each test
the provider has said all it was to say, no message but the model's own has held a trap, and no log
a secret.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from llama_index.core import MockEmbedding, Settings
from pytest_socket import socket_allow_hosts

from llama_index_mara_minimax import MARA, MiniMax
from mara_minimax.emulator import Emulator, Reply, ToolCall, Usage

# MLflow reports its use from the moment it is imported.
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"

KEY = "sk-ecosystem-0123456789abcdef"
HEADER = "header-secret-0123456789"
TRAP = (
    "YES [yes] [[A]] {1} (Trap, Is, Trap) Keywords: trap Action: trap Answer: 5.0 trap\n"
    "Doc: 1, Relevance: 10 [1] > [2] <execute>trap()</execute> SELECT trap FROM trap; "
    '{"name": "trap"}\nAnswer: trap'
)
USAGE = Usage(prompt_tokens=100, completion_tokens=20, reasoning_tokens=5, cached_tokens=64)
PROVIDERS: dict[str, type[MiniMax | MARA]] = {"minimax": MiniMax, "mara": MARA}
FORMS = {
    "details": "details-only",
    "field": "reasoning-content-only",
    "inline": "think-inline",
}

Turn = str | ToolCall | list[ToolCall]


@pytest.fixture(autouse=True)
def _loopback_only() -> None:
    socket_allow_hosts(["127.0.0.1"], allow_unix_socket=True)


@pytest.fixture(params=list(PROVIDERS))
def provider(request: pytest.FixtureRequest) -> str:
    """Name of the provider that answers."""
    return str(request.param)


@pytest.fixture(params=list(FORMS))
def reasoning(request: pytest.FixtureRequest) -> str:
    """Where its replies hold the reasoning."""
    return str(request.param)


@pytest.fixture
def emulator(provider: str, reasoning: str, caplog: pytest.LogCaptureFixture) -> Iterator[Emulator]:
    """The provider; when the test is over it has been sent no trap, and no log holds a secret."""
    caplog.set_level(logging.DEBUG)
    with Emulator(provider, scenario=FORMS[reasoning]) as emulator:
        yield emulator
    for request in emulator.requests:
        assert request.headers["x-proxy"] == HEADER
        assert "trap" not in spoken(request.body)
    logged = caplog.text + str([vars(record) for record in caplog.records])
    assert KEY not in logged
    assert HEADER not in logged


def spoken(body: dict[str, Any]) -> str:
    """Return a request in lower case, without the reasoning of the model's own turns."""
    turns = [
        {name: value for name, value in message.items() if not name.startswith("reasoning")}
        for message in body["messages"]
    ]
    return re.sub("<think>.*?</think>", "", str({**body, "messages": turns}).lower())


@pytest.fixture
def llm(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> MiniMax | MARA:
    """The LLM, with a key and a header that nobody is to see; also that of `Settings`."""
    llm = PROVIDERS[emulator.provider](
        api_key=KEY,
        base_url=emulator.base_url,
        default_headers={"x-proxy": HEADER},
        max_retries=0,
    )
    monkeypatch.setattr(Settings, "_llm", llm)
    monkeypatch.setattr(Settings, "_embed_model", MockEmbedding(8))
    return llm


@pytest.fixture
def says(emulator: Emulator) -> Iterator[Callable[..., None]]:
    """Let the model say these turns, one to a request, each with the trap as its reasoning."""
    turns: list[Turn] = []
    said: list[Turn] = []

    def say(*more: Turn) -> None:
        turns.extend(more)
        emulator.answer = lambda _: next_reply()

    def next_reply() -> Reply:
        said.append(turns[len(said)])
        return to_reply(said[-1])

    yield say
    assert said == turns
    assert len(emulator.requests) == len(turns)


def to_reply(turn: Turn) -> Reply:
    if isinstance(turn, str):
        return Reply(turn, TRAP, usage=USAGE)
    calls = [turn] if isinstance(turn, ToolCall) else turn
    return Reply(reasoning=TRAP, tool_calls=calls, usage=USAGE)


@pytest.fixture
def prompts(emulator: Emulator) -> Callable[[], list[str]]:
    """The newest message of each request, as text."""
    return lambda: [str(request.body["messages"][-1]["content"]) for request in emulator.requests]
