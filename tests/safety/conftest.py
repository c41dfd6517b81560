"""What both frameworks' safety tests share: the hosts, and replies in a host's byte form."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mara_minimax.emulator import CannedReply, Emulator
from tests.safety.texts import Answer

KEY = "sk-test-0123456789abcdef"


@pytest.fixture(params=["minimax", "mara"])
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
