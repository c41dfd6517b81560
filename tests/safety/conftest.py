"""What both frameworks' safety tests share: the hosts, and replies in a host's byte form."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from mara_minimax.emulator import CannedReply, Emulator
from tests.safety.texts import Answer
from tests.safety.tools import RAN

KEY = "sk-test-0123456789abcdef"
HOSTS = ("minimax", "mara")


def at_hosts_in_turn(answers: list[Answer], forms: Iterable[str], form: str) -> Any:
    """Give each answer in each form: at one host, with the neighbouring form at the other host.

    `form` names the argument. Pairs of neighbours among `forms` read the same bytes, such as a
    call in sync and its twin in async. Hosts differ in how a request is encoded and its answer is
    judged, and neither is told whether the call is sync or async. So each answer is given whole
    and as a stream at both hosts, and each form asks both hosts.
    """
    names = list(forms)
    cases = [
        pytest.param(answer, name, HOSTS[(row + column) % 2], id=f"{answer.name}-{name}")
        for row, answer in enumerate(answers)
        for column, name in enumerate(names)
    ]
    return pytest.mark.parametrize(("answer", form, "host"), cases)


def by_name(values: list[Any]) -> Any:
    """Give a test each of these answers."""
    return pytest.mark.parametrize("answer", values, ids=[value.name for value in values])


@pytest.fixture(autouse=True)
def _nothing_ran() -> None:
    RAN.clear()


@pytest.fixture(params=HOSTS)
def host(request: pytest.FixtureRequest) -> str:
    """MiniMax does not enforce a forced call and MARA Cloud does."""
    return str(request.param)


@pytest.fixture
def provider(host: str, server: Emulator, mara_server: Emulator) -> Iterator[Emulator]:
    """The emulated host, which keeps no canned reply for the next test."""
    emulator = server if host == "minimax" else mara_server
    yield emulator
    emulator.clear()


@pytest.fixture(autouse=True)
def _no_tracing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGSMITH_TRACING", "false")


def canned(answer: Answer, *, stream: bool) -> CannedReply:
    """Return the answer as a host sends it; a stream in pieces that cut words and JSON."""
    thought = {"reasoning_content": answer.reasoning} if answer.reasoning else {}
    ending = {} if answer.finish_reason is None else {"finish_reason": answer.finish_reason}
    if not stream:
        message = {"role": "assistant", "content": answer.text, **thought}
        return CannedReply.json(
            {"id": "r", "choices": [{"index": 0, "message": message, **ending}]}
        )
    pieces = [answer.text[start : start + 9] for start in range(0, len(answer.text), 9)]
    deltas: list[dict[str, Any]] = [{"content": piece} for piece in pieces]
    if thought:
        deltas.insert(0, thought)
    choices = [{"index": 0, "delta": delta} for delta in deltas]
    choices.append({"index": 0, "delta": {}, **ending})
    return CannedReply.sse(*({"id": "r", "choices": [choice]} for choice in choices), done=True)


@pytest.fixture
def script(provider: Emulator) -> Callable[..., None]:
    """Let the host give these answers, one after the other."""

    def enqueue(*answers: Answer, stream: bool) -> None:
        for answer in answers:
            provider.enqueue(canned(answer, stream=stream))

    return enqueue
