"""What the scripted provider says: turns, and their bytes in the form of one provider."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from mara_minimax.emulator import CannedReply

USAGE = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}
JSONObject = dict[str, Any]


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
    """Turns to bytes. A provider with another wire needs another one of these.

    `reasoning` says where thoughts stand: `"details"` (`reasoning_details` beside
    `reasoning_content`), `"field"` (`reasoning`) or `"inline"` (`<think>` in the text).
    """

    reasoning: str = "details"

    def plain(self, turn: Turn) -> CannedReply:
        """A reply in one piece."""
        text = self._inline(turn.thought) + turn.text
        message = {"role": "assistant", "content": text or None, **self._fields(turn.thought)}
        if turn.calls:
            message["tool_calls"] = [call.wire(i) for i, call in enumerate(turn.calls)]
        choice = {"index": 0, "message": message, "finish_reason": _reason(turn)}
        body = {**_frame("chat.completion"), "choices": [choice], "usage": USAGE}
        return CannedReply.json(body)

    def stream(self, turn: Turn) -> CannedReply:
        """A stream whose pieces are a few characters long."""
        deltas = [self._fields(piece) for piece in _pieces(turn.thought)]
        if self.reasoning == "inline":
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
        frame = _frame("chat.completion.chunk")
        choices = [
            {"index": 0, "delta": {"role": "assistant", **delta}, "finish_reason": None}
            for delta in deltas
        ]
        chunks = [{**frame, "choices": [choice]} for choice in choices]
        if finish_reason is None:
            return CannedReply.sse(*chunks)
        choices[-1]["finish_reason"] = finish_reason
        return CannedReply.sse(*chunks, {**frame, "choices": [], "usage": USAGE}, done=True)

    def echoed_thought(self, message: JSONObject) -> str:
        """The thought that a message of a request carries back, in the form it came in."""
        if self.reasoning == "details":
            return "".join(d["text"] for d in message.get("reasoning_details") or [])
        if self.reasoning == "field":
            return str(message.get("reasoning") or "")
        text = str(message.get("content") or "")
        return text.partition("<think>\n")[2].partition("\n</think>")[0]

    def _fields(self, thought: str) -> JSONObject:
        if not thought or self.reasoning == "inline":
            return {}
        if self.reasoning == "field":
            return {"reasoning": thought}
        detail = {
            "type": "reasoning.text",
            "id": "reasoning-text-1",
            "format": "MiniMax-response-v1",
            "index": 0,
            "text": thought,
        }
        return {"reasoning_content": thought, "reasoning_details": [detail]}

    def _inline(self, thought: str) -> str:
        return f"<think>\n{thought}\n</think>\n\n" if thought and self.reasoning == "inline" else ""


def error_body(code: int, message: str) -> CannedReply:
    """A failure inside HTTP 200, in a JSON body whatever was asked for."""
    body = {"id": "x", "choices": None, "base_resp": {"status_code": code, "status_msg": message}}
    return CannedReply(
        headers={"content-type": "application/json"}, chunks=[json.dumps(body).encode()]
    )


def http_error(status: int, message: str) -> CannedReply:
    """A failure by HTTP status, to be retried at once if at all."""
    body = {"error": {"type": "x", "message": message}}
    return CannedReply.json(body, status=status, headers={"retry-after": "0"})


def _frame(kind: str) -> JSONObject:
    return {"id": "reply-1", "object": kind, "created": 1_760_000_000, "model": "scripted"}


def _reason(turn: Turn) -> str:
    return "tool_calls" if turn.calls else "stop"


def _pieces(text: str, size: int = 7) -> list[str]:
    return [text[start : start + size] for start in range(0, len(text), size)]
