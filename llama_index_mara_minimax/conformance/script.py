"""What the scripted server says: turns, and their bytes on OpenAI's wire."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from mara_minimax.emulator import CannedReply

USAGE = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}
JSONObject = dict[str, Any]
ReasoningForm = Literal["reasoning_content", "reasoning", "inline"]


@dataclass(frozen=True)
class Call:
    """A tool call."""

    name: str
    arguments: str
    id: str = "call_1"

    def wire(self, index: int) -> JSONObject:
        """The call as a whole message or a stream of unbroken calls has it."""
        function = {"name": self.name, "arguments": self.arguments}
        return {"id": self.id, "type": "function", "function": function, "index": index}


@dataclass(frozen=True)
class Turn:
    """What the model says in one reply."""

    text: str = ""
    thought: str = ""
    calls: list[Call] = field(default_factory=list)


@dataclass(frozen=True)
class Script:
    """Turns to bytes. A provider that departs from OpenAI's wire needs a subclass of this.

    `reasoning` says where thoughts stand: in the field `reasoning_content` or `reasoning` of a
    message, or `inline`, as `<think>` in the text. Without a form, turns have no thoughts.
    """

    reasoning: ReasoningForm | None = None

    def plain(self, turn: Turn) -> CannedReply:
        """A reply in one piece."""
        text = self._inline(turn.thought) + turn.text
        message = {"role": "assistant", "content": text or None, **self.fields(turn.thought)}
        if turn.calls:
            message["tool_calls"] = [call.wire(i) for i, call in enumerate(turn.calls)]
        choice = {"index": 0, "message": message, "finish_reason": _reason(turn)}
        body = {**_frame("chat.completion"), "choices": [choice], "usage": USAGE}
        return CannedReply.json(body)

    def stream(self, turn: Turn) -> CannedReply:
        """A stream whose pieces are a few characters long."""
        deltas = [self.fields(piece) for piece in _pieces(turn.thought)]
        if self.reasoning in (None, "inline"):
            deltas = [{"content": piece} for piece in _pieces(self._inline(turn.thought))]
        deltas += [{"content": piece} for piece in _pieces(turn.text)]
        for index, call in enumerate(turn.calls):
            head, *rest = _pieces(call.arguments) or [""]
            whole = call.wire(index)
            deltas.append(
                {"tool_calls": [whole | {"function": {"name": call.name, "arguments": head}}]}
            )
            deltas += [
                {"tool_calls": [{"index": index, "function": {"arguments": piece}}]}
                for piece in rest
            ]
        return self.deltas(deltas or [{"content": ""}], _reason(turn))

    def deltas(self, deltas: list[JSONObject], finish_reason: str | None) -> CannedReply:
        """A stream of one chunk for each delta, then usage; without finish reason, it breaks."""
        chunks = [self.chunk(delta) for delta in deltas]
        if finish_reason is None:
            return CannedReply.sse(*chunks)
        chunks[-1]["choices"][0]["finish_reason"] = finish_reason
        last = {**_frame("chat.completion.chunk"), "choices": [], "usage": USAGE}
        return CannedReply.sse(*chunks, last, done=True)

    def chunk(self, delta: JSONObject) -> JSONObject:
        """One chunk of a stream that goes on."""
        choice = {"index": 0, "delta": {"role": "assistant", **delta}, "finish_reason": None}
        return {**_frame("chat.completion.chunk"), "choices": [choice]}

    def echoed_thought(self, message: JSONObject) -> str:
        """The thought that a message of a request carries back, in the form it came in."""
        if self.reasoning != "inline":
            return str(message.get(self.reasoning or "") or "")
        text = str(message.get("content") or "")
        return text.partition("<think>\n")[2].partition("\n</think>")[0]

    def fields(self, thought: str) -> JSONObject:
        """The fields of a message or a delta that hold a thought."""
        return (
            {self.reasoning: thought} if thought and self.reasoning not in (None, "inline") else {}
        )

    def refusal(self, message: str) -> JSONObject:
        """A failure that a body or an event of HTTP 200 brings."""
        return {"error": {"message": message, "type": "server_error", "code": 500}}

    def _inline(self, thought: str) -> str:
        return f"<think>\n{thought}\n</think>\n\n" if thought and self.reasoning == "inline" else ""


def http_error(status: int, message: str) -> CannedReply:
    """A failure by HTTP status, to be retried at once if at all."""
    body = {"error": {"type": "x", "message": message}}
    return CannedReply.json(body, status=status, headers={"retry-after": "0"})


def _frame(kind: str) -> JSONObject:
    return {
        "id": "reply-1",
        "object": kind,
        "created": 1_760_000_000,
        "model": "scripted",
        "system_fingerprint": "fp_scripted",
    }


def _reason(turn: Turn) -> str:
    return "tool_calls" if turn.calls else "stop"


def _pieces(text: str, size: int = 7) -> list[str]:
    return [text[start : start + size] for start in range(0, len(text), size)]
