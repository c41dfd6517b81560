"""Failures on demand: HTTP errors, errors inside HTTP 200, errors in the middle of a stream."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mara_minimax.emulator.types.canned import CannedReply
from mara_minimax.emulator.types.refusal import Refusal, context_exceeded, invalid_params
from mara_minimax.emulator.wire.transport import Event
from mara_minimax.emulator.wire.wire import Envelope, Payload, Wire


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

# Codes: https://platform.minimax.io/docs/api-reference/errorcode (2026) and
# https://mara-cloud-docs-one.vercel.app/platform/error-codes (2026). `insufficient_quota` is
# SambaNova's name for a plain rate limit.
_LIMIT, _SERVER = "rate_limit_error", "server_error"
_UNPARSED = {"error_model_output": "<|call|>{"}
_REFUSALS = {
    ("payment", "minimax"): Refusal(402, 1008, "insufficient balance"),
    ("payment", "mara"): Refusal(402, "PAYMENT_METHOD_REQUIRED",
                                 "Add a payment method to continue."),
    ("payment", "llmprovider"): Refusal(402, "insufficient_balance", "The balance is used up."),
    ("rate limit", "minimax"): Refusal(429, 1002, "rate limit exceeded, retry later"),
    ("rate limit", "mara"): Refusal(429, "insufficient_quota", "Rate limit exceeded.", _LIMIT),
    ("rate limit", "llmprovider"): Refusal(429, "rate_limit_exceeded", "Rate limit.", _LIMIT),
    ("queue", "mara"): Refusal(429, "queue_full", "Too many requests in flight.", _LIMIT),
    ("plan limit", "minimax"): Refusal(429, 2056, "usage limit exceeded"),
    ("server", "minimax"): Refusal(500, 1000, "unknown error, 999"),
    ("server", "mara"): Refusal(500, "internal_error", "Internal error.", _SERVER),
    ("server", "llmprovider"): Refusal(500, "internal_error", "Internal error.", _SERVER),
    ("overload", "minimax"): Refusal(529, 1041, "the service is overloaded"),
    ("unavailable", "mara"): Refusal(503, "unavailable", "Service Temporarily Unavailable",
                                     plain=True),
    ("sensitive", "minimax"): Refusal(500, 1026, "input new_sensitive"),
    ("model output", "mara"): Refusal(400, "adapter_mapping_failed",
                                      "The tool call of the model could not be parsed.", _SERVER,
                                      extra=_UNPARSED),
    ("in stream", "minimax"): invalid_params("tool result's tool id not found"),
    ("in stream", "mara"): Refusal(400, "adapter_mapping_failed",
                                   "The output could not be parsed."),
    ("in stream", "llmprovider"): Refusal(400, "upstream_error", "The upstream closed the stream."),
}  # fmt: skip


def refusing(kind: str, *, retry_after: bool = False) -> Failure:
    """An HTTP error in the provider's form."""

    def fail(situation: Situation) -> CannedReply:
        refusal = _REFUSALS[kind, situation.provider]
        reply = situation.wire.error(refusal, situation.envelope)
        if retry_after:
            reply.headers["retry-after"] = f"{situation.retry_after:g}"
        return reply

    return fail


def unauthorized(situation: Situation) -> CannedReply:
    """The answer to a wrong key."""
    return situation.wire.error(situation.wrong_key, situation.envelope)


def context_overflow(situation: Situation) -> CannedReply:
    """The answer to too long a prompt, whatever the length."""
    model = situation.envelope.model
    refusal = context_exceeded(model, model.context_window + 1)
    if situation.provider == "minimax":
        refusal = invalid_params("context window exceeds limit")
    return situation.wire.error(refusal, situation.envelope)


def html_error(_: Situation) -> CannedReply:
    """What a proxy in front of the provider says."""
    page = b"<html><head><title>502 Bad Gateway</title></head><body>Bad Gateway</body></html>\n"
    return CannedReply(502, {"content-type": "text/html"}, [page])


def endless_error(_: Situation) -> CannedReply:
    """A 502 whose body never ends (reported by a MARA client, 2026-10)."""
    return CannedReply(502, {"content-type": "text/html"}, [b"<html>"], hold=True)


def base_resp(code: int, message: str, *, as_json: bool = False) -> Failure:
    """HTTP 200 with `choices: null` and an error in `base_resp`; an event where one is due."""

    def fail(situation: Situation) -> CannedReply:
        payload = _failed(situation, code, message)
        if situation.stream and not as_json:
            reply = CannedReply.sse(payload)
        else:
            reply = CannedReply.json(payload)
        reply.headers.update(situation.wire.headers(situation.envelope))
        return reply

    return fail


def null_choices(situation: Situation) -> CannedReply:
    """HTTP 200 with `choices: null` and no word of explanation."""
    payload = _failed(situation, 0, "")
    del payload["base_resp"]
    return CannedReply.sse(payload) if situation.stream else CannedReply.json(payload)


def base_resp_event(code: int, message: str) -> StreamFailure:
    """A chunk whose `base_resp` reports an error."""

    def fail(situation: Situation) -> Event:
        return Event(_failed(situation, code, message))

    return fail


def error_event(situation: Situation) -> Event:
    """The provider's error body as an event."""
    refusal = _REFUSALS["in stream", situation.provider]
    name, payload = situation.wire.error_event(refusal, situation.envelope)
    return Event(payload, name)


def _failed(situation: Situation, code: int, message: str) -> Payload:
    envelope = situation.envelope
    kind = "chat.completion.chunk" if situation.stream else "chat.completion"
    return {
        "id": situation.wire.headers(envelope).get("Trace-Id", ""),
        "choices": None,
        "created": int(envelope.created),
        "model": envelope.model.id,
        "object": kind,
        "usage": None,
        "base_resp": {"status_code": code, "status_msg": message},
    }
