"""Every test starts without keys and URLs of any provider in its environment."""

from __future__ import annotations

import os

import pytest


@pytest.fixture(autouse=True)
def _no_provider_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("MINIMAX_", "MARA_", "LLMPROVIDER_", "OPENAI_")):
            monkeypatch.delenv(name)
