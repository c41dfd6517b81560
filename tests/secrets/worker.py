"""What a spawned worker runs: in a module of its own, so that it loads one framework only."""

from __future__ import annotations

from typing import Any


def work(model: Any, answers: Any) -> None:
    answers.put(str(model.invoke("Hi") if hasattr(model, "invoke") else model.complete("Hi")))
