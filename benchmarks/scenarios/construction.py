"""What it costs to make one more instance, when the first has been made and used."""

from __future__ import annotations

from typing import Any

from benchmarks.measure import failure, in_turns, row
from benchmarks.scenarios.streams import Row
from benchmarks.serving import Server
from benchmarks.subjects.langchain import LANGCHAIN
from benchmarks.subjects.llama_index import LLAMA_INDEX
from benchmarks.subjects.subject import QUESTION
from benchmarks.wire import Script

CASE = "one more instance"
BLOCK = 20
"""Instances of one subject before the next one's turn."""


def measure(server: Server, quick: bool) -> list[Row]:
    """Measure how long each class takes to make an instance."""
    target = server.target(Script("plain"))
    runs: dict[str, Any] = {}
    rows: list[Row] = []
    for subject in (*LANGCHAIN, *LLAMA_INDEX):
        construct = subject.construct
        if construct is None or (quick and subject.kind != "ours"):
            continue
        try:
            subject.open(target).ask(subject.to_messages(QUESTION))
        except Exception as error:
            if subject.kind != "peer":
                raise
            rows.append(failure(CASE, subject.name, error))
            continue

        def block(construct: Any = construct) -> None:
            for _ in range(BLOCK):
                construct(target)

        runs[subject.name] = block
    figures = in_turns(runs, rounds=5 if quick else 11, per=BLOCK)
    return rows + [row(CASE, name, "µs per instance", figures[name]) for name in runs]
