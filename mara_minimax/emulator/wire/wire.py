"""How a provider writes replies, errors and models: in OpenAI's form unless its wire differs."""

from __future__ import annotations

import hashlib
import string
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from mara_minimax.emulator.types.canned import CannedReply, compact
from mara_minimax.emulator.types.models import Model
from mara_minimax.emulator.types.refusal import Refusal
from mara_minimax.emulator.types.reply import Reply, Usage
from mara_minimax.emulator.types.request import ChatRequest
from mara_minimax.emulator.wire.form import Form, ToolEntry
from mara_minimax.emulator.wire.parts import Part, reasoning_fields, stream_parts, whole_message

Payload = dict[str, Any]

_ALPHABET = string.ascii_lowercase + string.digits
_LETTERS = string.ascii_letters + string.digits


@dataclass(frozen=True)
class Wire:
    """Writes the reply to one request, in OpenAI's own form."""

    seed: str
    """What ids are derived from, so that the same request gets the same bytes."""
    model: Model
    created: float
    ordinal: int = 0
    """How many requests this server has seen; counts down the rate limit headers."""
    service_tier: str = "standard"
    per_minute: int | None = None
    left: int | None = None
    """Requests that an account with limits may make in a minute, and in this one still."""

    catalogue: ClassVar[Mapping[str, Model]]
    """The models that are listed."""
    catalogue_created: ClassVar[int] = 0
    opening: ClassVar[Payload | None] = {"role": "assistant", "content": ""}
    """The first delta of a stream, before what the model says."""
    closing: ClassVar[Payload] = {}
    """The delta beside the finish reason."""

    def default_form(self, request: ChatRequest) -> Form:
        """The form the provider uses for this request when no scenario says otherwise."""
        return Form("none", "usage-chunk" if request.include_usage else "nothing", done=True)

    def thinks(self, request: ChatRequest) -> bool:  # noqa: ARG002  # none does
        """Whether the model reasons before this answer."""
        return False

    def events(self, reply: Reply, form: Form) -> list[Payload]:
        """The JSON payloads of the event stream, without `[DONE]`."""
        parts = stream_parts(reply, form, self.entries(reply))
        deltas = [{**self.opening}] if self.opening else []
        deltas += [self.delta(part, form) for part in parts]
        events = [self.chunk([self.choice("delta", delta, None)]) for delta in deltas]
        final = self.choice("delta", {**self.closing}, reply.finish_reason)
        events.append(self.chunk([final]))
        if form.ending == "usage-chunk" and reply.usage is not None:
            usage = self.usage(reply.usage, reply, form)
            events.append({**self.chunk([]), "usage": usage})
        return events

    def body(self, reply: Reply, form: Form) -> Payload:
        """The JSON body of a whole reply."""
        reasoning, content = whole_message(reply, form)
        calls = form.entries(self.entries(reply))
        message = self.message(content, reasoning, calls, form)
        choice = self.choice("message", message, reply.finish_reason)
        usage = reply.usage and self.usage(reply.usage, reply, form)
        return {**self.head("chat.completion", [choice]), "usage": usage}

    @staticmethod
    def encode(payload: Payload) -> str:
        """The JSON text of a payload, in the provider's order of keys."""
        return compact(payload)

    def error(self, refusal: Refusal) -> CannedReply:
        """The reply that refuses a request."""
        _, payload = self.error_event(refusal)
        return CannedReply.json(payload, status=refusal.status, headers=self.headers())

    def error_event(self, refusal: Refusal) -> tuple[str | None, Payload]:
        """Event name and payload of an error inside a stream."""
        error = {
            "message": refusal.message,
            "type": refusal.kind,
            "param": refusal.param,
            "code": refusal.code,
            **refusal.extra,
        }
        return None, {"error": error}

    def headers(self) -> dict[str, str]:
        """Headers of every reply."""
        return {}

    @classmethod
    def models(cls) -> Payload:
        """The body of `GET /v1/models`."""
        rows = [
            {
                "id": name,
                "object": "model",
                "created": cls.catalogue_created,
                "owned_by": "minimax",
            }
            for name in cls.catalogue
        ]
        return {"object": "list", "data": rows}

    def head(self, kind: str, choices: list[Payload]) -> Payload:
        """A payload around choices."""
        return {
            "id": "cmpl-" + self.alphanumeric("reply", 24, _LETTERS),
            "object": kind,
            "created": int(self.created),
            "model": self.model.id,
            "choices": choices,
        }

    def chunk(self, choices: list[Payload]) -> Payload:
        """A payload of a stream."""
        return self.head("chat.completion.chunk", choices)

    def choice(self, name: str, said: Payload, finish_reason: str | None) -> Payload:
        """The one choice, with its `delta` or `message`."""
        return {"index": 0, name: said, "finish_reason": finish_reason}

    def delta(self, part: Part, form: Form) -> Payload:
        """What one event of a stream adds."""
        delta: Payload = {}
        if part.content is not None:
            delta["content"] = part.content
        if part.reasoning is not None:
            delta.update(reasoning_fields(form, part.reasoning))
        if part.tool_calls is not None:
            delta["tool_calls"] = part.tool_calls
        return delta

    def message(
        self, content: str | None, reasoning: str | None, calls: list[ToolEntry], form: Form
    ) -> Payload:
        """A whole message."""
        fields = reasoning_fields(form, reasoning) if reasoning else {}
        called = {"tool_calls": calls} if calls else {}
        return {"role": "assistant", "content": content, **fields, **called}

    def call_id(self, index: int) -> str:
        """The id of a tool call that brings none."""
        return "call_" + self.alphanumeric(f"call {index}", 24, _LETTERS)

    def entries(self, reply: Reply) -> list[ToolEntry]:
        """The whole tool calls of a reply."""
        return [
            {
                "id": call.id or self.call_id(index),
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments_text},
                "index": index,
            }
            for index, call in enumerate(reply.tool_calls)
        ]

    def usage(
        self,
        usage: Usage,
        reply: Reply,  # noqa: ARG002  # counts alone
        form: Form,  # noqa: ARG002
    ) -> Payload:
        """The token counts."""
        return {
            "prompt_tokens": usage.prompt_tokens,
            "completion_tokens": usage.completion_tokens,
            "total_tokens": usage.total_tokens,
        }

    def hexadecimal(self, label: str, length: int) -> str:
        """Up to 64 hexadecimal digits of an id."""
        return self._digest(label).hex()[:length]

    def uuid(self, label: str) -> str:
        """A UUID of version 4 form."""
        return str(uuid.UUID(bytes=self._digest(label)[:16], version=4))

    def alphanumeric(self, label: str, length: int, alphabet: str = _ALPHABET) -> str:
        """Up to 32 letters and digits of an id."""
        return "".join(alphabet[byte % len(alphabet)] for byte in self._digest(label)[:length])

    def _digest(self, label: str) -> bytes:
        seed = self.seed.encode("utf-8", "surrogatepass")
        return hashlib.sha256(seed + b"\x1e" + label.encode()).digest()


def cache_details(usage: Usage) -> Payload:
    """The counts of a prompt whose parts to cache were marked."""
    return {
        "cache_read_input_tokens": usage.cached_tokens,
        "cache_creation_input_tokens": usage.prompt_tokens - usage.cached_tokens,
    }
