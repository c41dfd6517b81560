"""What the benchmark's server sends: the pieces of an answer, and their bytes.

A script names an answer (`text-2000` is a stream of 2,000 pieces of text). Every subject of a
case gets the same bytes, and the framework floors yield the same pieces without any bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, get_args

Kind = Literal["text", "reasoning", "details", "call", "plain"]
"""`reasoning` and `details` are half reasoning, half text; they differ in the field's name."""

Part = Literal["text", "reasoning", "arguments"]

CHUNK_BYTES = 4096
"""Most bytes of one HTTP chunk where several events share one, as behind a buffering proxy."""

USAGE = {"prompt_tokens": 10, "completion_tokens": 20, "total_tokens": 30}
MODEL = "MiniMax-M2.5"
_WORDS = (" the", " quick", " brown", " fox", " jumps", " over", " a", " lazy", " dog", " today")
_HEAD = {
    "id": "chatcmpl-0123456789abcdef",
    "created": 1_760_000_000,
    "model": MODEL,
    # SambaNova's clients fail without it.
    "system_fingerprint": "fp_0123456789",
}


@dataclass(frozen=True)
class Script:
    """One answer: what kind of pieces it has, and how many."""

    kind: Kind
    count: int = 1

    @classmethod
    def parse(cls, name: str) -> Script:
        """Read a name such as `text-2000`."""
        kind, _, count = name.partition("-")
        if kind not in get_args(Kind):
            raise KeyError(name)
        return cls(kind, int(count))  # type: ignore[arg-type]

    @property
    def name(self) -> str:
        return f"{self.kind}-{self.count}"

    def pieces(self) -> Iterator[tuple[Part, str]]:
        """Yield the pieces in order; the first piece of a call's arguments opens the call."""
        for number in range(self.count):
            word = _WORDS[number % len(_WORDS)]
            if self.kind == "call":
                yield "arguments", _argument_piece(number, self.count, word)
            elif self.kind in ("reasoning", "details") and number < self.count // 2:
                yield "reasoning", word
            else:
                yield "text", word

    def events(self) -> list[bytes]:
        """Return the SSE events of the stream, the last of which is `[DONE]`."""
        payloads = [
            _chunk(_delta(self.kind, number, part, piece))
            for number, (part, piece) in enumerate(self.pieces())
        ]
        payloads.append(_chunk({"content": ""}, "tool_calls" if self.kind == "call" else "stop"))
        payloads.append({**_HEAD, "object": "chat.completion.chunk", "choices": [], "usage": USAGE})
        return [
            *(b"data: " + _json(payload) + b"\n\n" for payload in payloads),
            b"data: [DONE]\n\n",
        ]

    def reply(self) -> bytes:
        """Return the plain reply."""
        content = "".join(piece for _, piece in self.pieces())
        choice = {
            "index": 0,
            "message": {"role": "assistant", "content": content},
            "finish_reason": "stop",
        }
        return _json({**_HEAD, "object": "chat.completion", "choices": [choice], "usage": USAGE})

    def sizes(self) -> dict[str, int]:
        """Return how many characters of each part the answer holds."""
        sizes = {"text": 0, "reasoning": 0, "arguments": 0}
        for part, piece in self.pieces():
            sizes[part] += len(piece)
        return sizes


def _argument_piece(number: int, count: int, word: str) -> str:
    opening = '{"text":"' if number == 0 else ""
    closing = '"}' if number == count - 1 else ""
    return f"{opening}{word}{closing}"


def _delta(kind: Kind, number: int, part: Part, piece: str) -> dict[str, Any]:
    role = {"role": "assistant"}
    if part == "text":
        return {**role, "content": piece}
    if part == "arguments":
        call: dict[str, Any] = {"index": 0, "function": {"arguments": piece}}
        if number == 0:
            call = {"id": "call_1", "type": "function", **call}
            call["function"] = {"name": "save", "arguments": piece}
        return {**role, "content": None, "tool_calls": [call]}
    if kind == "reasoning":
        return {**role, "content": "", "reasoning_content": piece}
    detail = {
        "type": "reasoning.text",
        "id": "reasoning-text-1",
        "format": "MiniMax-response-v1",
        "index": 0,
        "text": piece,
    }
    return {**role, "content": "", "reasoning_details": [detail]}


def _chunk(delta: dict[str, Any], finish_reason: str | None = None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
    return {**_HEAD, "object": "chat.completion.chunk", "choices": [choice]}


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def to_http_chunks(events: list[bytes], *, most_bytes: int = CHUNK_BYTES) -> list[bytes]:
    """Return events as HTTP chunks, as many whole events in each as fit, the end included.

    `most_bytes=0` gives each event a chunk of its own.
    """
    groups: list[list[bytes]] = []
    size = 0
    for event in events:
        if not groups or size + len(event) > most_bytes:
            groups.append([])
            size = 0
        groups[-1].append(event)
        size += len(event)
    bodies = [b"".join(group) for group in groups]
    return [*(b"%x\r\n%b\r\n" % (len(body), body) for body in bodies), b"0\r\n\r\n"]
