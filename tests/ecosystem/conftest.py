"""A provider that says what a test lets it say, in each place where reasoning may stand.

Each test runs at both providers and with the reasoning in each of three forms. The reasoning is a
trap: it holds what agents, parsers and middlewares look for, and the word "trap". After each test
the provider has been asked as often as it was to speak, has been sent no trap but in what the
model said itself, and no log holds a secret. A test that is skipped fails.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pytest_socket import socket_allow_hosts

from mara_minimax.emulator import CannedReply, Emulator, Reply, ToolCall, Usage

KEY = "sk-ecosystem-0123456789abcdef"
HEADER = "header-secret-0123456789"
TRAP = (
    "The user, trap@example.com, asks. YES Action: trap Action Input: trap Final Answer: trap\n"
    'AI: trap {"name": "trap", "arguments": {"trap": 1}} ```json\n{"city": "trap"}\n```'
)
USAGE = Usage(prompt_tokens=100, completion_tokens=20, reasoning_tokens=5, cached_tokens=64)
FORMS = {
    "details": "reasoning-split",
    "field": "reasoning-content-only",
    "inline": "think-inline",
}

Turn = str | ToolCall | list[ToolCall] | Reply | CannedReply


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Let a test that is skipped fail: what it needs is installed by `make ecosystem`."""
    report: Any = yield
    return _failed(report)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Iterator[None]:
    """Let a file that is skipped fail as well."""
    report: Any = yield
    return _failed(report)


def _failed(report: Any) -> Any:
    if report.skipped:
        report.outcome = "failed"
        report.longrepr = f"Skipped: {report.longrepr}"
    return report


@pytest.fixture(autouse=True)
def _loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    socket_allow_hosts(["127.0.0.1"], allow_unix_socket=True)
    monkeypatch.setenv("LANGSMITH_TRACING", "false")
    monkeypatch.setenv("DO_NOT_TRACK", "true")


@pytest.fixture(params=["minimax", "mara"])
def provider(request: pytest.FixtureRequest) -> str:
    """Name of the provider that answers."""
    return str(request.param)


@pytest.fixture(params=list(FORMS))
def reasoning(request: pytest.FixtureRequest) -> str:
    """Where its replies hold the reasoning."""
    return str(request.param)


@pytest.fixture
def scenario(reasoning: str) -> str:
    """The emulator's scenario for that."""
    return FORMS[reasoning]


@pytest.fixture
def emulator(provider: str, scenario: str, caplog: pytest.LogCaptureFixture) -> Iterator[Emulator]:
    """The provider; when the test is over it has been sent no trap, and no log holds a secret."""
    caplog.set_level(logging.DEBUG)
    with Emulator(provider, scenario=scenario) as emulator:
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
def settings(emulator: Emulator) -> dict[str, Any]:
    """What a model takes to talk to the provider, with a key and a header that nobody may see."""
    return {
        "api_key": KEY,
        "base_url": emulator.base_url,
        "default_headers": {"x-proxy": HEADER},
        "max_retries": 0,
    }


@pytest.fixture
def says(emulator: Emulator, trap: str) -> Iterator[Callable[..., None]]:
    """Let the model say these turns, one to a request, each with the trap as its reasoning.

    Canned replies are served before all others.
    """
    turns: list[Turn] = []
    total = 0

    def say(*said: Turn) -> None:
        nonlocal total
        total += len(said)
        for turn in said:
            if isinstance(turn, CannedReply):
                emulator.enqueue(turn)
            else:
                turns.append(turn)
        emulator.answer = lambda _: to_reply(turns.pop(0), trap)

    yield say
    assert turns == []
    assert len(emulator.requests) == total


def to_reply(turn: Any, trap: str) -> Reply:
    """Return what the model says in one turn, with the trap as its reasoning."""
    if isinstance(turn, Reply):
        return turn
    if isinstance(turn, str):
        return Reply(turn, trap, usage=USAGE)
    calls = [turn] if isinstance(turn, ToolCall) else turn
    return Reply(reasoning=trap, tool_calls=calls, usage=USAGE)


@pytest.fixture
def thoughts(reasoning: str, emulator: Emulator) -> Callable[[], list[str]]:
    """Return the reasoning of each of the model's own turns in the newest request."""

    def of(message: dict[str, Any]) -> str:
        if reasoning == "details":
            return "".join(detail["text"] for detail in message["reasoning_details"])
        if reasoning == "field":
            return str(message["reasoning_content"])
        return str(message["content"]).partition("<think>\n")[2].partition("\n</think>")[0]

    return lambda: [
        of(message) for message in emulator.last_body["messages"] if message["role"] == "assistant"
    ]


@pytest.fixture
def secrets_in() -> Callable[[str], list[str]]:
    """Return which of the key and the header stand in a text."""
    return lambda text: [secret for secret in (KEY, HEADER) if secret in text]


@pytest.fixture
def trap() -> str:
    """The reasoning of each turn."""
    return TRAP
