"""Every test starts without keys and URLs of any provider in its environment."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

# A busy machine is no failure; properties are about values, not about speed.
settings.register_profile("project", deadline=None)
settings.load_profile("project")


@pytest.fixture(autouse=True)
def _no_provider_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("MINIMAX_", "MARA_", "LLMPROVIDER_", "OPENAI_")):
            monkeypatch.delenv(name)
