"""The doctor examines the emulator, whose scenario can change from check to check."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from mara_minimax.doctor.diagnosis import diagnose
from mara_minimax.doctor.report import CHECKS, Report
from mara_minimax.emulator import Emulator
from mara_minimax.settings import MARASettings, MiniMaxSettings

KEY = "sk-9f3a71c2-not-for-your-eyes"
_CHECK_OF = {title: check for check, title in CHECKS.items()}

Examine = Callable[..., Report]


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> str:
    """One key in the variables of all providers."""
    for provider in ("MINIMAX", "MARA", "LLMPROVIDER"):
        monkeypatch.setenv(f"{provider}_API_KEY", KEY)
    return KEY


@pytest.fixture
def llmprovider_server() -> Iterator[Emulator]:
    with Emulator("llmprovider") as emulator:
        yield emulator


@pytest.fixture
def examine(key: str) -> Examine:
    """Diagnose an emulator; `scenarios` names the scenario of single checks."""

    def run(
        emulator: Emulator,
        scenarios: Mapping[str, str] | None = None,
        *,
        before: Mapping[str, Callable[[], Any]] | None = None,
        timeout: float = 20.0,
        **given: Any,
    ) -> Report:
        def progress(title: str) -> None:
            check = _CHECK_OF[title]
            emulator.scenario = (scenarios or {}).get(check, "default")
            (before or {}).get(check, lambda: None)()

        given.setdefault("base_url", emulator.base_url)
        if emulator.provider == "mara":
            settings: Any = MARASettings(**given)
        elif emulator.provider == "llmprovider":
            settings = MiniMaxSettings(endpoint="llmprovider", **given)
        else:
            settings = MiniMaxSettings(**given)
        return diagnose(settings, timeout=timeout, progress=progress)

    return run
