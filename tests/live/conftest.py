"""Real providers, for tests that only they can answer; an emulator does where its URL is set."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.live.asking import Host, host_of

ANSWERS_VARIABLE = "LIVE_ANSWERS"
# Read here: tests run without variables of the providers.
_HOSTS = {name: host_of(name) for name in ("minimax", "mara")}
_ANSWERS = Path(os.environ.get(ANSWERS_VARIABLE) or ".live/answers.jsonl")


@pytest.fixture
def minimax() -> Host:
    return _host("minimax")


@pytest.fixture
def mara() -> Host:
    return _host("mara")


def _host(name: str) -> Host:
    host = _HOSTS[name]
    if host is None:
        pytest.skip(f"{name.upper()}_API_KEY is not set")
    return host


@pytest.fixture
def saw(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Write down what a provider answered to a question, whatever it was."""

    def write(**seen: Any) -> None:
        line = json.dumps({"question": request.node.name, **seen}, ensure_ascii=False)
        print(line)
        _ANSWERS.parent.mkdir(parents=True, exist_ok=True)
        with _ANSWERS.open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    return write
