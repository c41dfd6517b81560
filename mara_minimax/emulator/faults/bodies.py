"""HTTP answers as bytes, in the forms of the providers."""

from __future__ import annotations

import json
from typing import Any, Literal

from mara_minimax.emulator.faults.fault import End, RawAnswer

KEPT_TEXT = "The answer is"
KEPT_REASONING = "The user wants a number."
KEPT_TOKENS = 17
REQUEST_ID = "0646e0f1a2b3c4d5e6f7"

USAGE = {"prompt_tokens": 10, "completion_tokens": 7, "total_tokens": KEPT_TOKENS}
_DETAIL = {
    "type": "reasoning.text",
    "id": "reasoning-text-1",
    "format": "MiniMax-response-v1",
    "index": 0,
}

JSON = "application/json; charset=utf-8"
SSE = "text/event-stream"
TEXT = "text/plain; charset=utf-8"
HTML = "text/html"

Framing = Literal["length", "chunked", "open"]


def http(
    body: bytes,
    *,
    status: int = 200,
    kind: str = JSON,
    headers: dict[str, str] | None = None,
    framing: Framing = "length",
    length: int | None = None,
    end: End | None = None,
    tail: bytes = b"",
) -> RawAnswer:
    """An HTTP answer.

    A body of `length` says its size, one that is `chunked` has an end mark unless `end` says
    that it breaks before, and an `open` one lasts as long as the connection.
    """
    fields = {"content-type": kind, **(headers or {})}
    if framing == "length":
        fields["content-length"] = str(len(body) if length is None else length)
    elif framing == "chunked":
        fields["transfer-encoding"] = "chunked"
        body = (b"%x\r\n%b\r\n" % (len(body), body) if body else b"") + (
            b"0\r\n\r\n" if end is None else b""
        )
        tail = b"%x\r\n%b\r\n" % (len(tail), tail) if tail else b""
    head = f"HTTP/1.1 {status} Status\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return RawAnswer(head.encode() + b"\r\n" + body, end or "keep", tail)


def to_json(payload: Any) -> bytes:
    """JSON as the providers write it."""
    return json.dumps(payload, separators=(",", ":"), ensure_ascii=False).encode()


def json_answer(payload: Any, status: int = 200, **fields: Any) -> RawAnswer:
    """A JSON body."""
    return http(to_json(payload), status=status, **fields)


def events(*payloads: Any, name: str = "") -> bytes:
    """Events of a stream; the last one can have a name."""
    lines = [b"data: " + (p if isinstance(p, bytes) else to_json(p)) + b"\n\n" for p in payloads]
    if name:
        lines[-1] = f"event: {name}\n".encode() + lines[-1]
    return b"".join(lines)


def stream_answer(body: bytes, **fields: Any) -> RawAnswer:
    """An event stream."""
    return http(body, **{"kind": SSE, "framing": "chunked", **fields})


def chunk(delta: Any, finish_reason: str | None = None, **fields: Any) -> dict[str, Any]:
    """One chunk in MiniMax's form."""
    choice: dict[str, Any] = {"index": 0, "delta": delta}
    if finish_reason:
        choice["finish_reason"] = finish_reason
    return {
        "id": REQUEST_ID,
        "choices": [choice],
        "created": 1_760_000_000,
        "model": "MiniMax-M2",
        "object": "chat.completion.chunk",
        **fields,
    }


def usage_chunk() -> dict[str, Any]:
    """The chunk with the counts, as MiniMax and MARA end a stream."""
    return {**chunk({}), "choices": [], "usage": USAGE}


def text_chunk(text: str = KEPT_TEXT, **fields: Any) -> dict[str, Any]:
    """A piece of text."""
    return chunk({"role": "assistant", "content": text}, **fields)


def reasoning_chunk(provider: str = "minimax") -> dict[str, Any]:
    """A piece of reasoning in the provider's form."""
    if provider == "mara":
        return chunk({"reasoning": KEPT_REASONING, "channel": "analysis"})
    details = [{**_DETAIL, "text": KEPT_REASONING}]
    return chunk(
        {"role": "assistant", "reasoning_content": KEPT_REASONING, "reasoning_details": details}
    )


def call_chunk(arguments: str, *, first: bool = True) -> dict[str, Any]:
    """A piece of a tool call."""
    function: dict[str, Any] = {"arguments": arguments}
    call: dict[str, Any] = {"index": 0, "function": function}
    if first:
        function["name"] = "get_weather"
        call.update({"id": "call_function_ab_1", "type": "function"})
    return chunk({"role": "assistant", "tool_calls": [call]})


def good_stream(text: str = "It is 42.") -> RawAnswer:
    """A whole stream, for requests after a failure."""
    end = chunk({}, "stop")
    return stream_answer(events(text_chunk(text), end, usage_chunk(), b"[DONE]"))


def good_body(text: str = "It is 42.") -> dict[str, Any]:
    """A whole reply, for requests after a failure."""
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return {
        "id": REQUEST_ID,
        "choices": [choice],
        "created": 1_760_000_000,
        "model": "MiniMax-M2",
        "object": "chat.completion",
        "usage": USAGE,
    }


WHOLE = to_json(good_body())
"""The bytes of a whole reply, to cut."""


def base_resp(code: int, message: str) -> dict[str, Any]:
    """MiniMax's failure inside HTTP 200."""
    status = {"status_code": code, "status_msg": message}
    return {"id": REQUEST_ID, "choices": None, "base_resp": status}


def minimax_error(status: int, kind: str, message: str) -> dict[str, Any]:
    """MiniMax's failure with an HTTP status, whose code ends the message."""
    error = {"type": kind, "message": message, "http_code": str(status)}
    return {"type": "error", "error": error, "request_id": REQUEST_ID}


def mara_error(code: str | None, message: str, kind: str = "invalid_request_error") -> Any:
    """MARA's failure, which is SambaNova's and OpenAI's."""
    error = {"message": message, "type": kind, "param": None, "code": code}
    return {"error": error, "request_id": REQUEST_ID}
