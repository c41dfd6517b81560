"""llmprovider.ai's wire: plain OpenAI shapes, no reasoning, no tools.

Source: the reseller's page "MiniMax Chat Completion API" (2025-03-26); no traffic is published.
"""

from __future__ import annotations

from typing import Any

from mara_minimax.emulator.types.canned import CannedReply, compact
from mara_minimax.emulator.types.models import LLMPROVIDER_MODELS, Model
from mara_minimax.emulator.types.refusal import Refusal
from mara_minimax.emulator.types.reply import Reply, Usage
from mara_minimax.emulator.types.request import ChatRequest
from mara_minimax.emulator.wire.form import Ending, Form
from mara_minimax.emulator.wire.parts import Part, reasoning_fields, stream_parts, whole_message
from mara_minimax.emulator.wire.wire import Envelope, Payload

_MODELS_CREATED = 1_742_947_200


class LLMProviderWire:
    """Writes replies in OpenAI's own form."""

    def default_form(
        self,
        request: ChatRequest,
        model: Model,  # noqa: ARG002  # all have one form
    ) -> Form:
        """No reasoning; usage on request."""
        ending: Ending = "usage-chunk" if request.include_usage else "nothing"
        return Form(reasoning="none", ending=ending, done=True)

    def thinks(
        self,
        request: ChatRequest,  # noqa: ARG002  # none of them does
        model: Model,  # noqa: ARG002
    ) -> bool:
        """The models behind the reseller are older than reasoning."""
        return False

    def events(self, reply: Reply, form: Form, envelope: Envelope) -> list[Payload]:
        """A role, the deltas, an empty delta with the finish reason, usage."""
        parts = stream_parts(reply, form, _entries(reply, envelope))
        chunks = [_chunk([_choice({"role": "assistant", "content": ""}, None)], envelope)]
        chunks += [_chunk([_choice(_delta(part, form), None)], envelope) for part in parts]
        chunks.append(_chunk([_choice({}, reply.finish_reason)], envelope))
        if form.ending == "usage-chunk" and reply.usage is not None:
            chunks.append({**_chunk([], envelope), "usage": _usage(reply.usage)})
        return chunks

    def body(self, reply: Reply, form: Form, envelope: Envelope) -> Payload:
        """The whole reply."""
        reasoning, content = whole_message(reply, form)
        message: Payload = {"role": "assistant", "content": content}
        if reasoning:
            message.update(reasoning_fields(form, reasoning))
        calls = form.entries(_entries(reply, envelope))
        if calls:
            message["tool_calls"] = calls
        choice = {"index": 0, "message": message, "finish_reason": reply.finish_reason}
        usage = _usage(reply.usage) if reply.usage is not None else None
        return {**_head("chat.completion", envelope), "choices": [choice], "usage": usage}

    def encode(self, payload: Payload) -> str:
        """Compact JSON in order of insertion."""
        return compact(payload)

    def error(self, refusal: Refusal, envelope: Envelope) -> CannedReply:
        """OpenAI's error body."""
        _, payload = self.error_event(refusal, envelope)
        headers = dict(refusal.headers)
        return CannedReply.json(payload, status=refusal.status, headers=headers)

    def error_event(
        self,
        refusal: Refusal,
        envelope: Envelope,  # noqa: ARG002  # the error carries no id
    ) -> tuple[str | None, Payload]:
        """The error body as an event without a name."""
        error = {
            "message": refusal.message,
            "type": refusal.kind,
            "param": refusal.param,
            "code": refusal.code,
        }
        return None, {"error": error}

    def headers(self, envelope: Envelope) -> dict[str, str]:  # noqa: ARG002  # none known
        """Nothing beyond the content type is known."""
        return {}

    def models(self) -> Payload:
        """The model of the reseller's page and one sibling."""
        rows = [
            {"id": name, "object": "model", "created": _MODELS_CREATED, "owned_by": "minimax"}
            for name in LLMPROVIDER_MODELS
        ]
        return {"object": "list", "data": rows}


def _head(kind: str, envelope: Envelope) -> Payload:
    return {
        "id": "cmpl-" + envelope.identity.alphanumeric("reply", 24, mixed_case=True),
        "object": kind,
        "created": int(envelope.created),
        "model": envelope.model.id,
    }


def _chunk(choices: list[Payload], envelope: Envelope) -> Payload:
    return {**_head("chat.completion.chunk", envelope), "choices": choices}


def _choice(delta: Payload, finish_reason: str | None) -> Payload:
    return {"index": 0, "delta": delta, "finish_reason": finish_reason}


def _delta(part: Part, form: Form) -> Payload:
    delta: Payload = {}
    if part.content is not None:
        delta["content"] = part.content
    if part.reasoning is not None:
        delta.update(reasoning_fields(form, part.reasoning))
    if part.tool_calls is not None:
        delta["tool_calls"] = part.tool_calls
    return delta


def _entries(reply: Reply, envelope: Envelope) -> list[dict[str, Any]]:
    def made_id(index: int) -> str:
        return "call_" + envelope.identity.alphanumeric(f"call {index}", 24, mixed_case=True)

    return [
        {
            "id": call.id or made_id(index),
            "type": "function",
            "function": {"name": call.name, "arguments": call.arguments_text},
            "index": index,
        }
        for index, call in enumerate(reply.tool_calls)
    ]


def _usage(usage: Usage) -> Payload:
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.total_tokens,
    }
