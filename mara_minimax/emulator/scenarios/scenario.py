"""What a scenario is: changes of a reply, of its form, its payloads and their transport."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mara_minimax.emulator.checks.validation import Rule
from mara_minimax.emulator.providers import PROVIDERS
from mara_minimax.emulator.scenarios.changes import ReplyChange
from mara_minimax.emulator.types.canned import CannedReply
from mara_minimax.emulator.types.refusal import Refusal
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
    never_streams: bool = False
    """Whoever asks for a stream gets a whole reply too."""
    transport: Transport = field(default_factory=Transport)
    failure: CannedReply | None = None
    """Replaces the whole reply."""
    refusals: Mapping[str, Refusal] = field(default_factory=dict)
    """By provider: what the request is refused with."""
    refuses_halfway: bool = False
    """A refused stream begins, and its second half is the refusal as an event."""
    retry_after: bool = False
    """The refusal says how long to wait."""
    context_window: int | None = None
    """Replaces the model's."""
    rules: tuple[Rule, ...] = ()
    """Refusals beyond the provider's own."""
    once: bool = False
    """Only the first request of the scenario fails."""
