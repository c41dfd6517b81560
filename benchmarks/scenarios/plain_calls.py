"""What one plain call costs on a kept connection, beside the SDK's own `create`."""

from __future__ import annotations

from typing import Any

from benchmarks.measure import failure, in_turns, row
from benchmarks.scenarios.streams import Row
from benchmarks.serving import Server
from benchmarks.subjects.langchain import CHAT_MINIMAX, CHAT_OPENAI, LANGCHAIN_FLOOR
from benchmarks.subjects.llama_index import LLAMA_INDEX_FLOOR, MINIMAX, OPENAI_LIKE
from benchmarks.subjects.raw import RAW
from benchmarks.subjects.subject import QUESTION
from benchmarks.wire import Script

CASE = "plain call"
BLOCK = 30
"""Calls of one subject before the next one's turn."""


def measure(server: Server, quick: bool) -> list[Row]:
    """Measure 300 calls of each subject."""
    script = Script("plain")
    target = server.target(script)
    subjects = (
        *RAW,
        CHAT_MINIMAX,
        CHAT_OPENAI,
        LANGCHAIN_FLOOR,
        MINIMAX,
        OPENAI_LIKE,
        LLAMA_INDEX_FLOOR,
    )
    runs: dict[str, Any] = {}
    rows: list[Row] = []
    for subject in subjects:
        try:
            calls = subject.open(target)
            messages = subject.to_messages(QUESTION)
            answer = calls.text(calls.ask(messages))
            expected = "".join(piece for _, piece in script.pieces())
            if answer.strip() != expected.strip():
                raise AssertionError(f"{subject.name} answered {answer!r}")
        except Exception as error:
            if subject.kind != "peer":
                raise
            rows.append(failure(CASE, subject.name, error))
            continue

        def block(calls: Any = calls, messages: Any = messages) -> None:
            for _ in range(BLOCK):
                calls.ask(messages)

        block()
        runs[subject.name] = block
    figures = in_turns(runs, rounds=3 if quick else 10, per=BLOCK)
    return rows + [row(CASE, name, "µs per call", figures[name]) for name in runs]
