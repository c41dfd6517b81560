"""Time whole streams of several subjects in turns; shared by the scenarios about streaming."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.measure import failure, in_turns, row
from benchmarks.serving import Server, Target
from benchmarks.subjects.subject import QUESTION, Calls, Subject
from benchmarks.wire import Script

Row = dict[str, Any]
PARTS = ("text", "reasoning", "arguments")


def measure_streams(
    case: str,
    server: Server,
    script: Script,
    subjects: Sequence[Subject],
    *,
    rounds: int,
    delivery: str = "batched",
    modes: Sequence[str] = ("sync", "async"),
    tls: bool = False,
) -> list[Row]:
    """Return the microseconds per chunk of each subject, sync and async."""
    target = server.target(script, delivery, tls=tls)
    rows: list[Row] = []
    for mode in modes:
        with asyncio.Runner() as runner:
            label = f"{case}, {mode}"
            ready, failed = open_all(label, target, subjects, runner if mode == "async" else None)
            figures = in_turns(
                {name: run for name, (run, _) in ready.items()}, rounds=rounds, per=script.count
            )
            rows += failed
            rows += [
                row(label, name, "µs per chunk", figures[name], missing=missing)
                for name, (_, missing) in ready.items()
            ]
    return rows


def open_all(
    label: str, target: Target, subjects: Sequence[Subject], runner: asyncio.Runner | None
) -> tuple[dict[str, tuple[Callable[[], object], list[str]]], list[Row]]:
    """Open subjects and run each once; return those that work and the failures of the others."""
    ready: dict[str, tuple[Callable[[], object], list[str]]] = {}
    failed: list[Row] = []
    for subject in subjects:
        try:
            calls = subject.open(target)
            messages = subject.to_messages(QUESTION)
            if runner is None:
                received = receive(calls, messages)
                run = sync_run(calls, messages)
            else:
                received = runner.run(areceive(calls, messages))
                run = async_run(calls, messages, runner)
            missing = missing_parts(subject, received, target.script)
            run()
        except Exception as error:
            if subject.kind != "peer":
                raise
            failed.append(failure(label, subject.name, error))
        else:
            ready[subject.name] = run, missing
    return ready, failed


def missing_parts(subject: Subject, received: dict[str, int], script: Script) -> list[str]:
    """Return the parts of the answer that a peer leaves out; the others must have them all."""
    sent = script.sizes()
    missing = [part for part in PARTS if received[part] != sent[part]]
    if missing and subject.kind != "peer":
        raise AssertionError(f"{subject.name} received {received}, but {sent} was sent")
    return missing


def receive(calls: Calls, messages: Any) -> dict[str, int]:
    """Read a stream and return how many characters of each part came."""
    sizes = dict.fromkeys(PARTS, 0)
    for chunk in calls.stream(messages):
        for part, piece in zip(PARTS, calls.read(chunk), strict=True):
            sizes[part] += len(piece)
    return sizes


async def areceive(calls: Calls, messages: Any) -> dict[str, int]:
    """Read a stream and return how many characters of each part came."""
    sizes = dict.fromkeys(PARTS, 0)
    async for chunk in calls.astream(messages):
        for part, piece in zip(PARTS, calls.read(chunk), strict=True):
            sizes[part] += len(piece)
    return sizes


def sync_run(calls: Calls, messages: Any) -> Callable[[], None]:
    """Return what is timed: a consumer that does nothing with the chunks."""

    def run() -> None:
        for _ in calls.stream(messages):
            pass

    return run


def async_run(calls: Calls, messages: Any, runner: asyncio.Runner) -> Callable[[], None]:
    """Return what is timed: a consumer that does nothing with the chunks."""

    async def consume() -> None:
        async for _ in calls.astream(messages):
            pass

    def run() -> None:
        runner.run(consume())

    return run
