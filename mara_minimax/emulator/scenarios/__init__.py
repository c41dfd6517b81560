"""Every form of reply, and of failure, that the emulator produces on demand."""

from __future__ import annotations

from mara_minimax.emulator.scenarios.scenario import Scenario
from mara_minimax.emulator.scenarios.table import SCENARIOS

__all__ = ["SCENARIOS", "Scenario"]
