"""What a failure on demand may look at, and what it makes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mara_minimax.emulator.types.canned import CannedReply
from mara_minimax.emulator.types.refusal import Refusal
from mara_minimax.emulator.wire.transport import Event
from mara_minimax.emulator.wire.wire import Envelope, Wire


@dataclass(frozen=True)
class Situation:
    """A checked request whose reply is to fail."""

    provider: str
    wire: Wire
    envelope: Envelope
    stream: bool
    wrong_key: Refusal
    """The provider's answer to a wrong key."""
    retry_after: float
    """Seconds in `Retry-After`, where one is sent."""


Failure = Callable[[Situation], CannedReply]
StreamFailure = Callable[[Situation], Event]
