"""MiniMax's wire: field order, presence and nesting as in captured replies of 2025 and 2026.

Sources: https://platform.minimax.io/docs/api-reference/text-chat-openai (2026) for the fields,
traffic published by client projects (2025-11 to 2026-09) for order, presence and endings.
"""

from __future__ import annotations

from typing import Any

from mara_minimax.emulator.types.canned import CannedReply, compact
from mara_minimax.emulator.types.models import MINIMAX_MODELS, Model
from mara_minimax.emulator.types.refusal import Refusal
from mara_minimax.emulator.types.reply import Reply, Usage
from mara_minimax.emulator.types.request import ChatRequest
from mara_minimax.emulator.wire.form import Form, ReasoningPlace
from mara_minimax.emulator.wire.parts import Part, reasoning_fields, stream_parts, whole_message
from mara_minimax.emulator.wire.wire import Envelope, Payload

# Error types by HTTP status; 403, 404, 405 and 413 are not documented and follow the pattern.
_ERROR_TYPES = {
    400: "bad_request_error",
    401: "authorized_error",
    402: "insufficient_balance_error",
    403: "bad_request_error",
    404: "not_found_error",
    405: "bad_request_error",
    413: "bad_request_error",
    429: "rate_limit_error",
    500: "api_error",
    529: "overloaded_error",
}

_FLAGS = {
    "input_sensitive": False,
    "output_sensitive": False,
    "input_sensitive_type": 0,
    "output_sensitive_type": 0,
    "output_sensitive_int": 0,
}
_FINE = {"status_code": 0, "status_msg": ""}
_NO_USAGE_YET = {"total_tokens": 0, "total_characters": 0}
_MODELS_CREATED = 1_761_523_200


class MinimaxWire:
    """Writes replies of `POST /v1/chat/completions` at api.minimax.io and api.minimaxi.com."""

    def default_form(self, request: ChatRequest, model: Model) -> Form:
        """`<think>` in content, or split fields when `reasoning_split` is true."""
        family = model.family
        place: ReasoningPlace = "inline"
        if request.parameters.get("reasoning_split") is True:
            place = "split"
        elif family == "m3.1":
            # M3.1-Flash sends `reasoning_content` without being asked (reported 2026-10).
            place = "content"
        newer = family in ("m3", "m3.1")
        return Form(
            reasoning=place,
            ending="usage-chunk" if request.include_usage else "nothing",
            done=False,
            closing_before_calls="\n</think>\n" if newer else "\n</think>\n\n\n",
            content_with_calls=None if newer else "\n",
            cache_details='"cache_control"' in compact(request.body),
        )

    def thinks(self, request: ChatRequest, model: Model) -> bool:
        """Always, except for M3 with thinking disabled."""
        thinking = request.parameters.get("thinking") or {}
        return not (model.family == "m3" and thinking.get("type") == "disabled")

    def events(self, reply: Reply, form: Form, envelope: Envelope) -> list[Payload]:
        """Chunks whose last one carries the finish reason, then the ending of the form."""
        parts = stream_parts(reply, form, self._entries(reply, envelope))
        usage = _NO_USAGE_YET if form.ending == "summary-frame" else None
        events = []
        for number, part in enumerate(parts, start=1):
            choice: Payload = {"index": 0, "delta": self._delta(part, form)}
            if number == len(parts):
                choice = {"finish_reason": reply.finish_reason, **choice}
            events.append(self._chunk([choice], usage, envelope))
        if form.ending == "summary-frame":
            events.append(self.body(reply, form, envelope))
        elif form.ending == "usage-chunk" and reply.usage is not None:
            final = self._head([], "chat.completion.chunk", envelope)
            spent = _usage(reply.usage, form, envelope.model.family)
            events.append({**final, "usage": spent, "base_resp": _FINE})
        return events

    def body(self, reply: Reply, form: Form, envelope: Envelope) -> Payload:
        """The whole reply; also the frame at the end of summary streams."""
        reasoning, content = whole_message(reply, form)
        calls = form.entries(self._entries(reply, envelope)) or None
        message = self._message(content, calls, reasoning, form)
        choice = {"finish_reason": reply.finish_reason, "index": 0, "message": message}
        usage = (
            _usage(reply.usage, form, envelope.model.family) if reply.usage is not None else None
        )
        return {
            **self._head([choice], "chat.completion", envelope),
            "usage": usage,
            **_FLAGS,
            **self._tier(envelope),
            "base_resp": _FINE,
        }

    def encode(self, payload: Payload) -> str:
        """Compact JSON in order of insertion."""
        return compact(payload)

    def error(self, refusal: Refusal, envelope: Envelope) -> CannedReply:
        """An error body with the HTTP status of its kind; the code ends the message."""
        _, payload = self.error_event(refusal, envelope)
        headers = {**self.headers(envelope), **refusal.headers}
        return CannedReply.json(payload, status=refusal.status, headers=headers)

    def error_event(self, refusal: Refusal, envelope: Envelope) -> tuple[str | None, Payload]:
        """The error body as an event without a name."""
        error = {
            "type": _ERROR_TYPES.get(refusal.status, "api_error"),
            "message": f"{refusal.message} ({refusal.code})",
            "http_code": str(refusal.status),
        }
        return None, {"type": "error", "error": error, "request_id": _trace(envelope)}

    def headers(self, envelope: Envelope) -> dict[str, str]:
        """Trace ids; MiniMax sends neither rate limits nor Retry-After."""
        return {
            "Trace-Id": _trace(envelope),
            "Minimax-Request-Id": envelope.identity.hexadecimal("request", 32),
        }

    def models(self) -> Payload:
        """Ids only, no windows (captured 2026-04)."""
        rows = [
            {"id": name, "object": "model", "created": _MODELS_CREATED, "owned_by": "minimax"}
            for name in MINIMAX_MODELS
        ]
        return {"object": "list", "data": rows}

    def _entries(self, reply: Reply, envelope: Envelope) -> list[Payload]:
        run = envelope.identity.alphanumeric("call", 12)
        return [
            {
                "id": call.id or f"call_function_{run}_{index + 1}",
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments_text},
                "index": index,
            }
            for index, call in enumerate(reply.tool_calls)
        ]

    def _delta(self, part: Part, form: Form) -> Payload:
        return self._message(part.content, part.tool_calls, part.reasoning, form)

    def _message(
        self, content: str | None, calls: list[Any] | None, reasoning: str | None, form: Form
    ) -> Payload:
        """A message or a delta: content first, tool calls before `audio_content`."""
        return {
            **({"content": content} if content is not None else {}),
            "role": "assistant",
            "name": "MiniMax AI",
            **({"tool_calls": calls} if calls else {}),
            "audio_content": "",
            **(reasoning_fields(form, reasoning) if reasoning else {}),
        }

    def _head(self, choices: list[Payload], kind: str, envelope: Envelope) -> Payload:
        return {
            "id": _trace(envelope),
            "choices": choices,
            "created": int(envelope.created),
            "model": envelope.model.id,
            "object": kind,
        }

    def _chunk(self, choices: list[Payload], usage: Payload | None, envelope: Envelope) -> Payload:
        head = self._head(choices, "chat.completion.chunk", envelope)
        return {**head, "usage": usage, **_FLAGS, **self._tier(envelope)}

    def _tier(self, envelope: Envelope) -> Payload:
        newer = envelope.model.family in ("m3", "m3.1")
        return {"service_tier": envelope.service_tier} if newer else {}


def _trace(envelope: Envelope) -> str:
    return "06" + envelope.identity.hexadecimal("trace", 30)


def _usage(usage: Usage, form: Form, family: str) -> Payload:
    payload: Payload = {
        "total_tokens": usage.total_tokens,
        "total_characters": 0,
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
    }
    # No captured reply of M3 carries the details of its completion tokens.
    if usage.reasoning_tokens and family != "m3":
        payload["completion_tokens_details"] = {"reasoning_tokens": usage.reasoning_tokens}
    if form.cache_details:
        payload["prompt_tokens_details"] = {
            "cache_read_input_tokens": usage.cached_tokens,
            "cache_creation_input_tokens": usage.prompt_tokens - usage.cached_tokens,
        }
    elif usage.cached_tokens:
        payload["prompt_tokens_details"] = {"cached_tokens": usage.cached_tokens}
    return payload
