"""MARA's wire: the forms of SambaNova's stack, on which MARA Cloud runs.

Sources: https://mara-cloud-docs-one.vercel.app (2026) for errors and rate limit headers,
SambaNova's OpenAPI 1.2.0 (2026) and traffic of SambaStack hosts (2025-11 to 2026-04) for replies.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, ClassVar

from mara_minimax.emulator.types.canned import CannedReply, to_bytes
from mara_minimax.emulator.types.models import MARA_MODELS
from mara_minimax.emulator.types.refusal import Refusal
from mara_minimax.emulator.types.reply import Reply, Usage
from mara_minimax.emulator.types.request import ChatRequest
from mara_minimax.emulator.wire.form import Form, ToolEntry
from mara_minimax.emulator.wire.parts import Part
from mara_minimax.emulator.wire.wire import Payload, Wire, cache_details

# Developer tier of MiniMax-M2.5: https://mara-cloud-docs-one.vercel.app/models/rate-limits (2026).
_PER_MINUTE = 200
_PER_DAY = 50_000


class MaraWire(Wire):
    """Writes replies of MARA Cloud: keys in alphabetical order, timing figures in usage."""

    opening = None
    closing: ClassVar[Payload] = {"content": ""}

    def default_form(self, request: ChatRequest) -> Form:
        """Reasoning in its own field; gpt-oss models name the channel.

        DeepSeek's template writes the opening tag, so that its reasoning only ends with a tag in
        the content (DeepSeek-V3.1 on SambaNova, captured 2026-02).
        """
        form = Form(
            reasoning="reasoning",
            reasoning_tokens=False,
            ending="usage-chunk" if request.include_usage else "nothing",
            done=True,
            channel="analysis" if self.model.family == "gpt-oss" else None,
        )
        if self.model.family == "other":
            return replace(form, reasoning="inline", opening="", closing="\n</think>\n")
        return form

    def thinks(self, request: ChatRequest) -> bool:
        """MiniMax and gpt-oss models always do, the others only when the template is told to."""
        if self.model.family != "other":
            return True
        template = request.parameters.get("chat_template_kwargs") or {}
        return template.get("enable_thinking") is True

    def events(self, reply: Reply, form: Form) -> list[Payload]:
        """Chunks whose `created` is a whole second and goes on (captured 2026-02)."""
        events = super().events(reply, form)
        return [
            {**event, "created": int(self.created) + place // 4}
            for place, event in enumerate(events)
        ]

    def message(
        self, content: str | None, reasoning: str | None, calls: list[ToolEntry], form: Form
    ) -> Payload:
        """A whole message; without text its content is null."""
        # gpt-oss answers `content: null` when the budget ends inside the reasoning (2026-08).
        message = super().message(content or None, reasoning, calls, form)
        message.pop("channel", None)
        for call in calls:
            # Only deltas carry an index at SambaNova (captured 2026-02).
            call.pop("index", None)
        return message

    @staticmethod
    def encode(payload: Payload) -> str:
        """Compact JSON with sorted keys."""
        return json.dumps(payload, separators=(",", ":"), ensure_ascii=False, sort_keys=True)

    def error(self, refusal: Refusal) -> CannedReply:
        """OpenAI's error form with a request id, or plain text for unreadable bodies."""
        headers = self.headers()
        if refusal.plain:
            headers["content-type"] = "text/plain; charset=utf-8"
            return CannedReply(refusal.status, headers, [to_bytes(refusal.message)])
        if refusal.status in (404, 405) and refusal.code == "not_found":
            return CannedReply.json({"error": "Not found"}, status=404, headers=headers)
        return super().error(refusal)

    def error_event(self, refusal: Refusal) -> tuple[str | None, Payload]:
        """The error body under the event name that SambaNova's SDK looks for."""
        _, payload = super().error_event(refusal)
        return "error", {**payload, "request_id": self.uuid("reply")}

    def headers(self) -> dict[str, str]:
        """The rate limit headers of the docs."""
        left = max(_PER_MINUTE - self.ordinal, 0) if self.left is None else self.left
        minute = int(self.created) // 60 * 60 + 60
        day = int(self.created) // 86_400 * 86_400 + 86_400
        return {
            "x-ratelimit-limit-requests": str(self.per_minute or _PER_MINUTE),
            "x-ratelimit-remaining-requests": str(left),
            "x-ratelimit-reset-requests": str(minute),
            "x-ratelimit-limit-requests-day": str(_PER_DAY),
            "x-ratelimit-remaining-requests-day": str(max(_PER_DAY - self.ordinal, 0)),
            "x-ratelimit-reset-requests-day": str(day),
        }

    @classmethod
    def models(cls) -> Payload:
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

    def call_id(self, index: int) -> str:
        """The id of a tool call that brings none."""
        return f"call_{self.hexadecimal(f'call {index}', 18)}"

    def head(self, kind: str, choices: list[Payload]) -> Payload:
        """A payload around choices."""
        return {
            **super().head(kind, choices),
            "created": float(self.created),
            "id": self.uuid("reply"),
            "system_fingerprint": "fastcoe",
        }

    def choice(self, name: str, said: Payload, finish_reason: str | None) -> Payload:
        """The one choice."""
        return {**super().choice(name, said, finish_reason), "logprobs": None}

    def delta(self, part: Part, form: Form) -> Payload:
        """Reasoning deltas of SambaNova's stack have neither role nor content."""
        role = {} if part.content is None and part.tool_calls is None else {"role": "assistant"}
        return {**super().delta(part, form), **role}

    def usage(self, usage: Usage, reply: Reply, form: Form) -> Payload:
        """Token counts with the timing figures; the times follow from the counts."""
        first, rate = 0.125, 250.0
        latency = first + usage.completion_tokens / rate
        cached: dict[str, Any] = {"cached_tokens": 0}
        if form.cache_details:
            cached = cache_details(usage)
        payload = {
            **super().usage(usage, reply, form),
            "completion_tokens_after_first_per_sec": rate,
            "completion_tokens_after_first_per_sec_first_ten": rate,
            "completion_tokens_after_first_per_sec_graph": rate,
            "completion_tokens_per_sec": usage.completion_tokens / latency,
            "end_time": self.created + latency,
            "is_last_response": True,
            "prompt_tokens_details": cached,
            "start_time": self.created,
            # `stop` also beside calls (captured 2026-02).
            "stop_reason": "length" if reply.finish_reason == "length" else "stop",
            "time_to_first_token": first,
            "total_latency": latency,
            "total_tokens_per_sec": usage.total_tokens / latency,
        }
        if usage.reasoning_tokens and form.reasoning_tokens:
            payload["completion_tokens_details"] = {"reasoning_tokens": usage.reasoning_tokens}
        return payload
