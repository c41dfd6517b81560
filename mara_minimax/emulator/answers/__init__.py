"""What the model says where no one scripts it: a few deterministic rules, and no model."""

from __future__ import annotations

from mara_minimax.emulator.answers.rules import answer

__all__ = ["answer"]
