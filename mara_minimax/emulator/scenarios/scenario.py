"""What a scenario is: changes of a reply, of its form, its payloads and their transport."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mara_minimax.emulator.checks.validation import Rule
from mara_minimax.emulator.faults.failures import Failure, StreamFailure
from mara_minimax.emulator.providers import PROVIDERS
from mara_minimax.emulator.scenarios.changes import ReplyChange
from mara_minimax.emulator.wire.transport import Transport
from mara_minimax.emulator.wire.wire import Payload

ALL = frozenset(PROVIDERS)
MINIMAX = frozenset({"minimax"})
MARA = frozenset({"mara"})


EventsChange = Callable[[list[Payload]], list[Payload]]


@dataclass(frozen=True)
class Scenario:
    """One form of reply, or of failure, on demand."""

    name: str
    description: str
    providers: frozenset[str] = ALL
    reply: ReplyChange | None = None
    form: Mapping[str, Any] = field(default_factory=dict)
    """Fields of `Form` that replace the provider's own."""
    events: EventsChange | None = None
    whole_too: bool = False
    """`events` changes whole replies like streams."""
    transport: Transport = field(default_factory=Transport)
    failure: Failure | None = None
    """Replaces the whole reply."""
    stream_failure: StreamFailure | None = None
    """Replaces the second half of a stream by one event; plain requests get `failure`."""
    rules: tuple[Rule, ...] = ()
    """Refusals beyond the provider's own."""
    once: bool = False
    """Only the first request of the scenario fails."""
