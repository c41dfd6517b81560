"""What every provider's wire offers to the rest of the emulator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from mara_minimax.emulator.types.canned import CannedReply
from mara_minimax.emulator.types.models import Model
from mara_minimax.emulator.types.refusal import Refusal
from mara_minimax.emulator.types.reply import Reply
from mara_minimax.emulator.types.request import ChatRequest
from mara_minimax.emulator.wire.form import Form
from mara_minimax.emulator.wire.identity import Identity

Payload = dict[str, Any]


@dataclass(frozen=True)
class Envelope:
    """What surrounds a reply on the wire."""

    identity: Identity
    model: Model
    created: float
    ordinal: int = 0
    """How many requests this server has seen; counts down the rate limit headers."""
    service_tier: str = "standard"


class Wire(Protocol):
    """One provider's way to write replies, errors and the list of models."""

    def default_form(self, request: ChatRequest, model: Model) -> Form:
        """The form the provider uses for this request when no scenario says otherwise."""

    def thinks(self, request: ChatRequest, model: Model) -> bool:
        """Whether the model reasons before this answer."""

    def events(self, reply: Reply, form: Form, envelope: Envelope) -> list[Payload]:
        """The JSON payloads of the event stream, without `[DONE]`."""

    def body(self, reply: Reply, form: Form, envelope: Envelope) -> Payload:
        """The JSON body of a whole reply."""

    def encode(self, payload: Payload) -> str:
        """The JSON text of a payload, in the provider's order of keys."""

    def error(self, refusal: Refusal, envelope: Envelope) -> CannedReply:
        """The reply that refuses a request."""

    def error_event(self, refusal: Refusal, envelope: Envelope) -> tuple[str | None, Payload]:
        """Event name and payload of an error inside a stream."""

    def headers(self, envelope: Envelope) -> dict[str, str]:
        """Headers of every reply."""

    def models(self) -> Payload:
        """The body of `GET /v1/models`."""
