"""Whether the first text reaches the consumer before the second piece is on the wire."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from benchmarks.measure import failure
from benchmarks.scenarios.streams import Row
from benchmarks.serving import Server, Target
from benchmarks.subjects.langchain import CHAT_MINIMAX_FAST, LANGCHAIN
from benchmarks.subjects.llama_index import LLAMA_INDEX, MINIMAX_FAST
from benchmarks.subjects.raw import CORE_FAST, RAW
from benchmarks.subjects.subject import QUESTION, Calls, Subject
from benchmarks.wire import Script

CASE = "first chunk"


def measure(server: Server, quick: bool) -> list[Row]:
    """Ask each subject, sync and async, how much was sent when the first text arrived."""
    target = server.target(Script("text", 10), "held")
    # One piece cannot be late for itself: floors have no wire.
    all_of_them = (*RAW, *LANGCHAIN, *LLAMA_INDEX, CORE_FAST, CHAT_MINIMAX_FAST, MINIMAX_FAST)
    subjects = [one for one in all_of_them if " floor" not in one.name]
    if quick:
        subjects = [subject for subject in subjects if subject.kind == "ours"]
    return [
        _row(subject, server, target, mode) for subject in subjects for mode in ("sync", "async")
    ]


def _row(subject: Subject, server: Server, target: Target, mode: str) -> Row:
    case = f"{CASE}, {mode}"
    try:
        calls = subject.open(target)
        messages = subject.to_messages(QUESTION)
        with asyncio.Runner() as runner:
            # The first time connects; the second is taken.
            for _ in range(2):
                if mode == "sync":
                    sent, milliseconds = first_text(calls, messages, server)
                else:
                    sent, milliseconds = runner.run(afirst_text(calls, messages, server))
    except Exception as error:
        if subject.kind != "peer":
            raise
        return failure(case, subject.name, error)
    return {
        "case": case,
        "subject": subject.name,
        "unit": "events sent before the first text arrived",
        "events": sent,
        "milliseconds": milliseconds,
    }


def first_text(calls: Calls, messages: Any, server: Server) -> tuple[int, float]:
    """Return how many events were sent when the first text came, and after which time."""
    begun = time.perf_counter()
    seen: tuple[int, float] | None = None
    for chunk in calls.stream(messages):
        if seen is None and calls.read(chunk)[0]:
            seen = _ask(server, begun)
    assert seen is not None, "no text came"
    return seen


async def afirst_text(calls: Calls, messages: Any, server: Server) -> tuple[int, float]:
    """Return how many events were sent when the first text came, and after which time."""
    begun = time.perf_counter()
    seen: tuple[int, float] | None = None
    async for chunk in calls.astream(messages):
        if seen is None and calls.read(chunk)[0]:
            seen = await asyncio.to_thread(_ask, server, begun)
    assert seen is not None, "no text came"
    return seen


def _ask(server: Server, begun: float) -> tuple[int, float]:
    milliseconds = (time.perf_counter() - begun) * 1e3
    sent = int(server.ask("sent"))
    server.ask("release")
    return sent, milliseconds
