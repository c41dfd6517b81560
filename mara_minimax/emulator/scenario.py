"""What a scenario is: changes to a plan, to its form, to the payloads and to their transport."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mara_minimax.emulator.providers import PROVIDERS, Provider
from mara_minimax.emulator.records import CannedReply
from mara_minimax.emulator.reply import Plan
from mara_minimax.emulator.request import ChatRequest
from mara_minimax.emulator.transport import Event, Transport
from mara_minimax.emulator.validation import Rule
from mara_minimax.emulator.wire import Envelope, Payload

ALL = frozenset(PROVIDERS)
MINIMAX = frozenset({"minimax"})
MARA = frozenset({"mara"})


@dataclass(frozen=True)
class Situation:
    """What a change may look at."""

    provider: Provider
    request: ChatRequest
    envelope: Envelope
    retry_after: float


PlanChange = Callable[[Plan, ChatRequest], Plan]
EventsChange = Callable[[list[Payload]], list[Payload]]
BodyChange = Callable[[Payload], Payload]
Failure = Callable[[Situation], CannedReply]
StreamFailure = Callable[[Situation], Event]


@dataclass(frozen=True)
class Scenario:
    """One form of reply, or of failure, on demand."""

    name: str
    description: str
    providers: frozenset[str] = ALL
    plan: PlanChange | None = None
    form: Mapping[str, Any] = field(default_factory=dict)
    """Fields of `Form` that replace the provider's own."""
    events: EventsChange | None = None
    body: BodyChange | None = None
    transport: Transport = field(default_factory=Transport)
    failure: Failure | None = None
    """Replaces the whole reply."""
    stream_failure: StreamFailure | None = None
    """Replaces the second half of a stream by one event; plain requests get `failure`."""
    rules: tuple[Rule, ...] = ()
    """Refusals beyond the provider's own."""
    once: bool = False
    """Only the first request of the scenario fails."""
