"""MiniMax's wire: field order, presence and nesting as in captured replies of 2025 and 2026.

Sources: https://platform.minimax.io/docs/api-reference/text-chat-openai (2026) for the fields,
traffic published by client projects (2025-11 to 2026-09) for order, presence and endings.
"""

from __future__ import annotations

from mara_minimax.emulator.types.canned import compact
from mara_minimax.emulator.types.models import MINIMAX_MODELS
from mara_minimax.emulator.types.refusal import Refusal
from mara_minimax.emulator.types.reply import Reply, Usage
from mara_minimax.emulator.types.request import ChatRequest
from mara_minimax.emulator.wire.form import Form, ReasoningPlace, ToolEntry
from mara_minimax.emulator.wire.parts import Part, reasoning_fields, stream_parts
from mara_minimax.emulator.wire.wire import Payload, Wire, cache_details

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


class MinimaxWire(Wire):
    """Writes replies of `POST /v1/chat/completions` at api.minimax.io and api.minimaxi.com."""

    catalogue = MINIMAX_MODELS
    """Listed with their ids only, no windows (captured 2026-04)."""
    catalogue_created = 1_761_523_200

    def default_form(self, request: ChatRequest) -> Form:
        """`<think>` in content, or split fields when `reasoning_split` is true."""
        family = self.model.family
        place: ReasoningPlace = "inline"
        if request.parameters.get("reasoning_split") is True:
            place = "split"
        elif family == "m3.1":
            # M3.1-Flash sends `reasoning_content` without being asked (reported 2026-10).
            place = "reasoning_content"
        newer = self._is_newer
        return Form(
            reasoning=place,
            ending="usage-chunk" if request.include_usage else "nothing",
            done=False,
            closing_before_calls="\n</think>\n" if newer else "\n</think>\n\n\n",
            content_with_calls=None if newer else "\n",
            cache_details='"cache_control"' in compact(request.body),
        )

    def thinks(self, request: ChatRequest) -> bool:
        """Always, except for M3 with thinking disabled."""
        thinking = request.parameters.get("thinking") or {}
        return not (self.model.family == "m3" and thinking.get("type") == "disabled")

    def events(self, reply: Reply, form: Form) -> list[Payload]:
        """Chunks whose last one carries the finish reason, then the ending of the form."""
        parts = stream_parts(reply, form, self.entries(reply))
        usage = _NO_USAGE_YET if form.ending == "summary-frame" else None
        around = {"usage": usage, **_FLAGS, **self._tier}
        reasons = [None] * (len(parts) - 1) + [reply.finish_reason]
        events = [
            {**self.chunk([self.choice("delta", self.delta(part, form), reason)]), **around}
            for part, reason in zip(parts, reasons, strict=True)
        ]
        if form.ending == "summary-frame":
            events.append(self.body(reply, form))
        elif form.ending == "usage-chunk" and reply.usage is not None:
            spent = self.usage(reply.usage, reply, form)
            last = {**self.chunk([]), "usage": spent, **self._tier}
            events.append({**last, "base_resp": _FINE})
        return events

    def body(self, reply: Reply, form: Form) -> Payload:
        """The whole reply; also the frame at the end of summary streams."""
        body = super().body(reply, form)
        return {**body, **_FLAGS, **self._tier, "base_resp": _FINE}

    def error_event(self, refusal: Refusal) -> tuple[str | None, Payload]:
        """The error body as an event without a name."""
        error = {
            "type": _ERROR_TYPES.get(refusal.status, "api_error"),
            "message": f"{refusal.message} ({refusal.code})",
            "http_code": str(refusal.status),
        }
        return None, {"type": "error", "error": error, "request_id": self._trace}

    def headers(self) -> dict[str, str]:
        """Trace ids; MiniMax sends neither rate limits nor Retry-After."""
        return {
            "Trace-Id": self._trace,
            "Minimax-Request-Id": self.hexadecimal("request", 32),
        }

    def call_id(self, index: int) -> str:
        """The id of a tool call that brings none."""
        return f"call_function_{self.alphanumeric('call', 12)}_{index + 1}"

    def delta(self, part: Part, form: Form) -> Payload:
        """What one event of a stream adds."""
        return self.message(part.content, part.reasoning, part.tool_calls or [], form)

    def message(
        self, content: str | None, reasoning: str | None, calls: list[ToolEntry], form: Form
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

    def head(self, kind: str, choices: list[Payload]) -> Payload:
        """A payload around choices."""
        return {
            "id": self._trace,
            "choices": choices,
            "created": int(self.created),
            "model": self.model.id,
            "object": kind,
        }

    def choice(self, name: str, said: Payload, finish_reason: str | None) -> Payload:
        """The one choice; the finish reason comes first, and only at the end."""
        reason = {} if finish_reason is None else {"finish_reason": finish_reason}
        return {**reason, "index": 0, name: said}

    def usage(self, usage: Usage, reply: Reply, form: Form) -> Payload:
        """The token counts, with details where there are any."""
        payload: Payload = {
            "total_tokens": usage.total_tokens,
            "total_characters": 0,
            **super().usage(usage, reply, form),
        }
        if usage.reasoning_tokens and form.reasoning_tokens:
            payload["completion_tokens_details"] = {"reasoning_tokens": usage.reasoning_tokens}
        if form.cache_details:
            payload["prompt_tokens_details"] = cache_details(usage)
        elif cached := usage.cached_tokens or self._cached_at_once(usage):
            payload["prompt_tokens_details"] = {"cached_tokens": cached}
        return payload

    def _cached_at_once(self, usage: Usage) -> int:
        """M3 reports most of a first prompt as cached: 114 of 128 tokens (captured 2026-06)."""
        return usage.prompt_tokens * 7 // 8 if self._is_newer else 0

    @property
    def _is_newer(self) -> bool:
        return self.model.family in ("m3", "m3.1")

    @property
    def _tier(self) -> Payload:
        return {"service_tier": self.service_tier} if self._is_newer else {}

    @property
    def _trace(self) -> str:
        return "06" + self.hexadecimal("trace", 30)
