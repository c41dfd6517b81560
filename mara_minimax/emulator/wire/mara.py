"""MARA's wire: the forms of SambaNova's stack, on which MARA Cloud runs.

Sources: https://mara-cloud-docs-one.vercel.app (2026) for errors and rate limit headers,
SambaNova's OpenAPI 1.2.0 (2026) and traffic of SambaStack hosts (2025-11 to 2026-04) for replies.
"""

from __future__ import annotations

import json
from typing import Any

from mara_minimax.emulator.types.canned import CannedReply, to_bytes
from mara_minimax.emulator.types.models import MARA_MODELS, Model
from mara_minimax.emulator.types.refusal import Refusal
from mara_minimax.emulator.types.reply import Reply, Usage
from mara_minimax.emulator.types.request import ChatRequest
from mara_minimax.emulator.wire.form import Form
from mara_minimax.emulator.wire.parts import Part, reasoning_fields, stream_parts, whole_message
from mara_minimax.emulator.wire.wire import Envelope, Payload

# Developer tier of MiniMax-M2.5: https://mara-cloud-docs-one.vercel.app/models/rate-limits (2026).
_PER_MINUTE = 200
_PER_DAY = 50_000


class MaraWire:
    """Writes replies of MARA Cloud: keys in alphabetical order, timing figures in usage."""

    def default_form(self, request: ChatRequest, model: Model) -> Form:
        """Reasoning in its own field; gpt-oss models name the channel."""
        return Form(
            reasoning="field",
            ending="usage-chunk" if request.include_usage else "nothing",
            done=True,
            channel="analysis" if model.family == "gpt-oss" else None,
        )

    def thinks(self, request: ChatRequest, model: Model) -> bool:
        """MiniMax and gpt-oss models always do, the others only when the template is told to."""
        if model.family != "other":
            return True
        template = request.parameters.get("chat_template_kwargs") or {}
        return template.get("enable_thinking") is True

    def events(self, reply: Reply, form: Form, envelope: Envelope) -> list[Payload]:
        """Chunks with a null finish reason, an empty one that carries it, then usage."""
        parts = stream_parts(reply, form, self._entries(reply, envelope))
        events = [self._chunk([_choice(_delta(part, form), None)], envelope) for part in parts]
        events.append(self._chunk([_choice({"content": ""}, reply.finish_reason)], envelope))
        if form.ending == "usage-chunk" and reply.usage is not None:
            usage = _usage(reply.usage, reply, envelope, form)
            events.append({**self._chunk([], envelope), "usage": usage})
        return events

    def body(self, reply: Reply, form: Form, envelope: Envelope) -> Payload:
        """The whole reply."""
        reasoning, content = whole_message(reply, form)
        calls = form.entries(self._entries(reply, envelope))
        # gpt-oss answers `content: null` when the budget ends inside the reasoning (2026-08).
        message: Payload = {"content": content or None, "role": "assistant"}
        if reasoning:
            fields = reasoning_fields(form, reasoning)
            fields.pop("channel", None)
            message.update(fields)
        if calls:
            # Only deltas carry an index at SambaNova (captured 2026-02).
            message["tool_calls"] = [
                {key: value for key, value in call.items() if key != "index"} for call in calls
            ]
        choice = {
            "finish_reason": reply.finish_reason,
            "index": 0,
            "logprobs": None,
            "message": message,
        }
        usage = _usage(reply.usage, reply, envelope, form) if reply.usage is not None else None
        return {**self._head([choice], "chat.completion", envelope), "usage": usage}

    def encode(self, payload: Payload) -> str:
        """Compact JSON with sorted keys."""
        return json.dumps(payload, separators=(",", ":"), ensure_ascii=False, sort_keys=True)

    def error(self, refusal: Refusal, envelope: Envelope) -> CannedReply:
        """OpenAI's error form with a request id, or plain text for unreadable bodies."""
        headers = {**self.headers(envelope), **refusal.headers}
        if refusal.plain:
            headers["content-type"] = "text/plain; charset=utf-8"
            return CannedReply(refusal.status, headers, [to_bytes(refusal.message)])
        if refusal.status in (404, 405) and refusal.code == "not_found":
            return CannedReply.json({"error": "Not found"}, status=404, headers=headers)
        _, payload = self.error_event(refusal, envelope)
        return CannedReply.json(payload, status=refusal.status, headers=headers)

    def error_event(self, refusal: Refusal, envelope: Envelope) -> tuple[str | None, Payload]:
        """The error body under the event name that SambaNova's SDK looks for."""
        error = {
            "message": refusal.message,
            "type": refusal.kind,
            "param": refusal.param,
            "code": refusal.code,
            **refusal.extra,
        }
        return "error", {"error": error, "request_id": envelope.identity.uuid("reply")}

    def headers(self, envelope: Envelope) -> dict[str, str]:
        """The rate limit headers of the docs."""
        left = max(_PER_MINUTE - envelope.ordinal, 0)
        minute = int(envelope.created) // 60 * 60 + 60
        day = int(envelope.created) // 86_400 * 86_400 + 86_400
        return {
            "x-ratelimit-limit-requests": str(_PER_MINUTE),
            "x-ratelimit-remaining-requests": str(left),
            "x-ratelimit-reset-requests": str(minute),
            "x-ratelimit-limit-requests-day": str(_PER_DAY),
            "x-ratelimit-remaining-requests-day": str(max(_PER_DAY - envelope.ordinal, 0)),
            "x-ratelimit-reset-requests-day": str(day),
        }

    def models(self) -> Payload:
        """Rows with windows and prices, as clients of api.cloud.mara.com read them (2026)."""
        rows = [
            {
                "context_length": model.context_window,
                "id": model.id,
                "max_completion_tokens": model.max_output,
                "object": "model",
                "owned_by": "mara",
                "pricing": {"completion": "0.0000012", "prompt": "0.0000003"},
            }
            for model in MARA_MODELS.values()
        ]
        return {"data": rows, "object": "list"}

    def _entries(self, reply: Reply, envelope: Envelope) -> list[Payload]:
        return [
            {
                "function": {"arguments": call.arguments_text, "name": call.name},
                "id": call.id or f"call_{envelope.identity.hexadecimal(f'call {index}', 18)}",
                "index": index,
                "type": "function",
            }
            for index, call in enumerate(reply.tool_calls)
        ]

    def _head(self, choices: list[Payload], kind: str, envelope: Envelope) -> Payload:
        return {
            "choices": choices,
            "created": float(envelope.created),
            "id": envelope.identity.uuid("reply"),
            "model": envelope.model.id,
            "object": kind,
            "system_fingerprint": "fastcoe",
        }

    def _chunk(self, choices: list[Payload], envelope: Envelope) -> Payload:
        return self._head(choices, "chat.completion.chunk", envelope)


def _choice(delta: Payload, finish_reason: str | None) -> Payload:
    return {"delta": delta, "finish_reason": finish_reason, "index": 0, "logprobs": None}


def _delta(part: Part, form: Form) -> Payload:
    # Reasoning deltas of SambaNova's stack have neither role nor content.
    delta: Payload = {}
    if part.reasoning is not None:
        delta.update(reasoning_fields(form, part.reasoning))
    if part.content is not None:
        delta.update({"content": part.content, "role": "assistant"})
    if part.tool_calls is not None:
        delta.update({"role": "assistant", "tool_calls": part.tool_calls})
    return delta


def _usage(usage: Usage, reply: Reply, envelope: Envelope, form: Form) -> Payload:
    """Token counts with the timing figures; the times follow from the counts."""
    first, rate = 0.125, 250.0
    latency = first + usage.completion_tokens / rate
    cached: dict[str, Any] = {"cached_tokens": 0}
    if form.cache_details:
        cached = {
            "cache_creation_input_tokens": usage.prompt_tokens - usage.cached_tokens,
            "cache_read_input_tokens": usage.cached_tokens,
        }
    payload = {
        "completion_tokens": usage.completion_tokens,
        "completion_tokens_after_first_per_sec": rate,
        "completion_tokens_after_first_per_sec_first_ten": rate,
        "completion_tokens_after_first_per_sec_graph": rate,
        "completion_tokens_per_sec": usage.completion_tokens / latency,
        "end_time": envelope.created + latency,
        "is_last_response": True,
        "prompt_tokens": usage.prompt_tokens,
        "prompt_tokens_details": cached,
        "start_time": envelope.created,
        "stop_reason": reply.finish_reason,
        "time_to_first_token": first,
        "total_latency": latency,
        "total_tokens": usage.total_tokens,
        "total_tokens_per_sec": usage.total_tokens / latency,
    }
    if usage.reasoning_tokens:
        payload["completion_tokens_details"] = {"reasoning_tokens": usage.reasoning_tokens}
    return payload
