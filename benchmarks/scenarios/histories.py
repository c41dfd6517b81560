"""One call with a long history and a short reply; shared by both frameworks' scenarios."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.histories import WireMessage, wire_history
from benchmarks.measure import failure, in_turns, row
from benchmarks.scenarios.streams import Row
from benchmarks.serving import Server
from benchmarks.subjects.subject import Calls, Subject
from benchmarks.wire import Script


def measure_histories(
    framework: str, server: Server, subjects: Sequence[Subject], quick: bool
) -> list[Row]:
    """Return the CPU of whole calls with 300 and 1,500 messages."""
    rows: list[Row] = []
    for count in (300, 1500):
        case = f"{framework} {count:,} messages"
        history = wire_history(count)
        opened, failed = _open_all(case, server, subjects, history)
        fresh: dict[str, Any] = {}

        def prepare(name: str, opened: Any = opened, history: Any = history) -> None:
            # New messages each time: what an adapter may have remembered of them is no help.
            fresh[name] = opened[name][0].to_messages(history)  # noqa: B023 - of this round

        def runner(name: str, calls: Calls) -> Callable[[], object]:
            return lambda: calls.ask(fresh[name])  # noqa: B023 - of this round

        figures = in_turns(
            {name: runner(name, calls) for name, (_, calls) in opened.items()},
            rounds=3 if quick else 7,
            prepare=prepare,
        )
        rows += failed
        rows += [row(case, name, "µs per call", figures[name]) for name in opened]
    return rows


def _open_all(
    case: str, server: Server, subjects: Sequence[Subject], history: list[WireMessage]
) -> tuple[dict[str, tuple[Subject, Calls]], list[Row]]:
    target = server.target(Script("plain"))
    opened: dict[str, tuple[Subject, Calls]] = {}
    failed: list[Row] = []
    for subject in subjects:
        try:
            calls = subject.open(target)
            calls.ask(subject.to_messages(history))
            check_sent(server.last_body()["messages"], history)
        except Exception as error:
            if subject.kind != "peer":
                raise
            failed.append(failure(case, subject.name, error))
        else:
            opened[subject.name] = subject, calls
    return opened, failed


def check_sent(sent: list[WireMessage], history: list[WireMessage]) -> None:
    """Check that the whole history arrived, its calls and results at their places."""

    def shape(messages: list[WireMessage]) -> list[tuple[str, int, str | None]]:
        return [
            (message["role"], len(message.get("tool_calls") or ()), message.get("tool_call_id"))
            for message in messages
        ]

    if shape(sent) != shape(history):
        raise AssertionError(f"sent {len(sent)} messages, not the {len(history)} of the history")
