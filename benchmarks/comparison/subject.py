"""Ask one integration everything, in a process of its own; prints JSON.

`python -m benchmarks.comparison.subject "ChatOpenAI"`
"""

from __future__ import annotations

import contextlib
import importlib
import json
import sys
import threading
import warnings
from typing import Any

from benchmarks.comparison.caller import Caller
from benchmarks.comparison.features import FEATURES, Feature
from benchmarks.comparison.verdict import NotOffered, Verdict, no, not_applicable
from mara_minimax.emulator import Emulator

LIMIT = 60
"""Seconds for one check; peers wait between their retries."""
FRAMEWORKS = ("langchain", "llama_index")


def callers(framework: str) -> tuple[type[Caller], ...]:
    module = importlib.import_module(f"benchmarks.comparison.{framework}_callers")
    return tuple(module.CALLERS)


def ask(feature: Feature, kind: type[Caller]) -> Verdict:
    """Run one check against an emulator of its own."""
    found: list[Verdict] = []

    def run() -> None:
        with Emulator(feature.provider or kind.home, delay=0.3) as emulator:
            try:
                found.append(feature.check(kind(emulator)))
            except NotOffered as reason:
                found.append(not_applicable(str(reason)))
            except Exception as error:  # noqa: BLE001 - a check that fails is an answer too
                found.append(no(f"raises `{type(error).__name__}`: {error}"))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(LIMIT)
    return found[0] if found else no(f"no answer within {LIMIT} seconds")


def ask_all(kind: type[Caller]) -> dict[str, dict[str, str]]:
    return {
        feature.key: {"answer": verdict.answer, "evidence": verdict.evidence}
        for feature in FEATURES
        for verdict in [ask(feature, kind)]
    }


def named(name: str) -> type[Caller]:
    for framework in FRAMEWORKS:
        for kind in callers(framework):
            if kind.name == name:
                return kind
    raise LookupError(name)


def main(name: str) -> None:
    warnings.simplefilter("ignore")
    answers: dict[str, Any] = {}
    # What integrations print is no part of the answer.
    with contextlib.redirect_stdout(sys.stderr):
        answers = ask_all(named(name))
    print(json.dumps(answers, ensure_ascii=False))


if __name__ == "__main__":
    main(sys.argv[1])
