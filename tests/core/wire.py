"""Bodies and streams in the providers' forms, and the ways to read them."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import openai

from mara_minimax.encoded_request import EncodedRequest
from mara_minimax.providers.endpoints import LLMPROVIDER, MARA, MINIMAX, Provider
from mara_minimax.providers.models import find_profile
from mara_minimax.reply.body import decode_body
from mara_minimax.reply.decoder import ReplyDecoder
from mara_minimax.reply.reader import ReplyReader
from mara_minimax.types import Delta, Reply

REPLY_ID = "0123456789abcdef0123456789abcdef"
FLAGS = {
    "input_sensitive": False,
    "output_sensitive": False,
    "input_sensitive_type": 0,
    "output_sensitive_type": 0,
    "output_sensitive_int": 0,
}
NO_ERROR = {"status_code": 0, "status_msg": ""}
PLACEHOLDER = {"total_tokens": 0, "total_characters": 0}
USAGE = {
    "total_tokens": 30,
    "total_characters": 0,
    "prompt_tokens": 20,
    "completion_tokens": 10,
    "completion_tokens_details": {"reasoning_tokens": 4},
    "prompt_tokens_details": {"cached_tokens": 16},
}
SAMBANOVA_USAGE = {
    "completion_tokens": 10,
    "completion_tokens_per_sec": 208.5,
    "end_time": 1764000001.25,
    "is_last_response": True,
    "prompt_tokens": 20,
    "prompt_tokens_details": None,
    "time_to_first_token": 0.125,
    "total_latency": 0.5,
    "total_tokens": 30,
}


Text = TypeVar("Text", str, bytes)


def cut(value: Text, positions: Iterable[int]) -> list[Text]:
    """Return `value` in pieces, cut at `positions`."""
    bounds = [0, *sorted(positions), len(value)]
    return [value[start:end] for start, end in itertools.pairwise(bounds)]


def request_to(
    provider: Provider = MINIMAX,
    model: str = "",
    *,
    stop: Sequence[str] = (),
    starts_in_reasoning: bool = False,
    closer_ends_reasoning: bool = True,
) -> EncodedRequest:
    return EncodedRequest(
        body={},
        provider=provider,
        profile=find_profile(provider.name, model or provider.default_model),
        stream=True,
        stop=tuple(stop),
        starts_in_reasoning=starts_in_reasoning,
        closer_ends_reasoning=closer_ends_reasoning,
    )


def read(pieces: Iterable[bytes] | bytes, request: EncodedRequest | None = None) -> list[Delta]:
    """Return the deltas of a body that arrives in `pieces`, as a client reads them."""
    reader = ReplyReader(request or request_to())
    deltas: list[Delta] = []
    for piece in [pieces] if isinstance(pieces, bytes) else pieces:
        deltas += reader.decode(piece)
        if reader.stopped:
            break
    return deltas + reader.flush()


def reply_of(pieces: Iterable[bytes] | bytes, request: EncodedRequest | None = None) -> Reply:
    """Return the reply of a body, after a check that the deltas add up to it."""
    deltas = read(pieces, request)
    reply = deltas[-1].reply
    assert reply is not None
    assert all(delta.reply is None for delta in deltas[:-1])
    assert_adds_up(deltas, reply)
    return reply


def assert_adds_up(deltas: Sequence[Delta], reply: Reply) -> None:
    """Assert what "one snapshot equality" means for the deltas of one stream."""
    assert "".join(delta.text for delta in deltas) == reply.text
    reasoning = reply.reasoning.text if reply.reasoning else ""
    streamed = "".join(delta.reasoning for delta in deltas)
    assert streamed.endswith(reasoning)
    # Content that a setting made reasoning is said again, as text, where it is the answer.
    assert reply.text.startswith(streamed.removesuffix(reasoning))
    pieces = [piece for delta in deltas for piece in delta.tool_calls]
    assert {piece.index for piece in pieces} == {call.index for call in reply.tool_calls}
    for call in reply.tool_calls:
        own = [piece for piece in pieces if piece.index == call.index]
        assert [piece.id for piece in own if piece.id is not None] == [call.id]
        assert [piece.name for piece in own if piece.name is not None] == [call.name] * bool(
            call.name
        )
        assert "".join(piece.arguments for piece in own) == call.arguments


def outcome(pieces: Iterable[bytes] | bytes, request: EncodedRequest) -> tuple[Any, ...]:
    """Return all that a reader can see of a body: its deltas and its error."""
    reader = ReplyReader(request)
    deltas: list[Delta] = []
    try:
        for piece in [pieces] if isinstance(pieces, bytes) else pieces:
            deltas += reader.decode(piece)
            if reader.stopped:
                break
        deltas += reader.flush()
    except openai.OpenAIError as error:
        return deltas, type(error), str(error), getattr(error, "partial", None)
    return deltas, None, "", None


def to_json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def sse(*events: Any, done: bool = False, newline: bytes = b"\n") -> bytes:
    """Return events as a stream; bytes are put in as they are."""
    parts = [
        event if isinstance(event, bytes) else b"data: " + to_json(event) + newline * 2
        for event in events
    ]
    return b"".join(parts) + (b"data: [DONE]" + newline * 2 if done else b"")


def minimax_event(choices: Any, *, model: str = "MiniMax-M2.7", **fields: Any) -> dict[str, Any]:
    """Return an event as MiniMax sends it; keys that are absent there are absent here."""
    return {
        "id": REPLY_ID,
        "choices": choices,
        "created": 1789000000,
        "model": model,
        "object": "chat.completion.chunk",
        "usage": None,
        **fields,
    }


def minimax_chunk(
    finish_reason: str | None = None, *, fields: dict[str, Any] | None = None, **delta: Any
) -> dict[str, Any]:
    """Return a chunk with `delta`; `fields` stand in the event."""
    choice: dict[str, Any] = {"finish_reason": finish_reason} if finish_reason else {}
    named = {**delta, "role": "assistant", "name": "MiniMax AI", "audio_content": ""}
    choice |= {"index": 0, "delta": named}
    return minimax_event([choice], **FLAGS, **(fields or {}))


def minimax_usage_chunk(choices: Any = ()) -> dict[str, Any]:
    choices = list(choices) if choices is not None else None
    return minimax_event(choices, usage=USAGE, base_resp=NO_ERROR)


def minimax_summary(
    finish_reason: str, usage: dict[str, Any] = USAGE, **message: Any
) -> dict[str, Any]:
    """Return the frame, or the plain reply, that holds the whole message."""
    named = {**message, "role": "assistant", "name": "MiniMax AI", "audio_content": ""}
    choice = {"finish_reason": finish_reason, "index": 0, "message": named}
    return minimax_event(
        [choice], **FLAGS, object="chat.completion", usage=usage, base_resp=NO_ERROR
    )


def details(text: str, **fields: Any) -> list[dict[str, Any]]:
    return [
        {
            "type": "reasoning.text",
            "id": "reasoning-text-1",
            "format": "MiniMax-response-v1",
            "index": 0,
            "text": text,
            **fields,
        }
    ]


def split_reasoning(text: str) -> dict[str, Any]:
    """Return the two fields that hold the same text where `reasoning_split` is on."""
    return {"reasoning_content": text, "reasoning_details": details(text)}


def call_head(index: int, name: str, arguments: str = "", call_id: str = "") -> dict[str, Any]:
    return {
        "id": call_id or f"call_function_abc_{index + 1}",
        "type": "function",
        "function": {"name": name, "arguments": arguments},
        "index": index,
    }


def call_tail(index: int, arguments: str) -> dict[str, Any]:
    return {"function": {"arguments": arguments}, "index": index}


def mara_chunk(
    finish_reason: str | None = None, *, created: float = 1764000000.5, **delta: Any
) -> dict[str, Any]:
    choice = {"delta": delta, "finish_reason": finish_reason, "index": 0, "logprobs": None}
    return mara_event([choice], created=created)


def mara_event(choices: Any, **fields: Any) -> dict[str, Any]:
    return {
        "choices": choices,
        "created": 1764000000.5,
        "id": "6a0b7c9d-0000-4000-8000-000000000001",
        "model": "gpt-oss-120b-131072",
        "object": "chat.completion.chunk",
        "system_fingerprint": "fastcoe",
        **fields,
    }


@dataclass(frozen=True)
class Stream:
    """One stream of bytes and the request that it answers."""

    data: bytes
    request: EncodedRequest = field(default_factory=request_to)


def _snapshots(*texts: str) -> list[dict[str, Any]]:
    return [minimax_chunk(content="".join(texts[: n + 1])) for n in range(len(texts))]


_TOOL_MESSAGE = {
    **split_reasoning("Weather first.\nThen time."),
    "tool_calls": [
        call_head(0, "get_weather", '{"city": "Zürich"}'),
        call_head(1, "get_time", "{}"),
    ],
}

STREAMS: dict[str, Stream] = {
    "tags in content, usage chunk with empty choices, no done": Stream(
        sse(
            minimax_chunk(content="<think>\nThe"),
            minimax_chunk(content=" sum is even, because 1 < 2.\n</think>\n\n**"),
            minimax_chunk(content="Even.** ∎ "),
            minimax_chunk("stop", content="That is all 🧮"),
            minimax_usage_chunk(),
        )
    ),
    "split reasoning, usage chunk with null choices, done": Stream(
        sse(
            minimax_chunk(**split_reasoning("用户问")),
            minimax_chunk(**split_reasoning("我是谁。\n")),
            minimax_chunk(content="我是 MiniMax"),
            minimax_chunk("stop", content="。"),
            minimax_usage_chunk(None),
            done=True,
        )
    ),
    "split reasoning, tool calls, placeholders and summary frame": Stream(
        sse(
            minimax_chunk(fields={"usage": PLACEHOLDER}, **split_reasoning("Weather ")),
            minimax_chunk(fields={"usage": PLACEHOLDER}, **split_reasoning("first.\nThen time.")),
            minimax_chunk(
                fields={"usage": PLACEHOLDER},
                tool_calls=[call_head(0, "get_weather", '{"city": "Zü')],
            ),
            minimax_chunk(
                "tool_calls",
                fields={"usage": PLACEHOLDER},
                tool_calls=[call_tail(0, 'rich"}'), call_head(1, "get_time", "{}")],
            ),
            minimax_summary("tool_calls", **_TOOL_MESSAGE),
        )
    ),
    "nothing after the finish reason": Stream(
        sse(minimax_chunk(content="Hello"), minimax_chunk("length", content=", wor"))
    ),
    "snapshots instead of deltas": Stream(
        sse(
            *_snapshots("<think>\nThe answer", " is short.\n</think>\n\n", "It is", " forty-two."),
            minimax_chunk("stop"),
            minimax_usage_chunk(),
        )
    ),
    "reasoning field with channel, CRLF, comments, timing": Stream(
        b": connected\r\n\r\n"
        + sse(
            mara_chunk(channel="analysis", reasoning="We need ", created=1764000000.5),
            mara_chunk(channel="analysis", reasoning="to add.\n", created=1764000001.5),
            b": keep-alive\r\n\r\n",
            mara_chunk(content="It is "),
            mara_chunk(content="four."),
            mara_chunk("stop", content=""),
            mara_event(None, usage=SAMBANOVA_USAGE),
            done=True,
            newline=b"\r\n",
        ),
        request_to(MARA, "gpt-oss-120b"),
    ),
    "inline tags and interleaved calls": Stream(
        sse(
            mara_chunk(role="assistant", content="<mm:think>Two "),
            mara_chunk(content="calls</mm:think>\n"),
            mara_chunk(tool_calls=[call_head(0, "add"), call_head(1, "sub")]),
            mara_chunk(tool_calls=[call_tail(1, '{"a"')]),
            mara_chunk(tool_calls=[call_tail(0, '{"b": "}{"')]),
            mara_chunk(tool_calls=[call_tail(1, ": 1}"), call_tail(0, "}")]),
            mara_chunk("tool_calls"),
            mara_event([], usage=SAMBANOVA_USAGE),
            done=True,
        ),
        request_to(MARA),
    ),
    "closing tag alone": Stream(
        sse(
            mara_chunk(content="The user wants"),
            mara_chunk(content=" 4.</thi"),
            mara_chunk(content="nk>It is 4"),
            mara_chunk("stop", content="."),
            done=True,
        ),
        request_to(MARA, "DeepSeek-V3.1", starts_in_reasoning=True),
    ),
    "text without reasoning": Stream(
        sse(
            {"id": "r", "choices": [{"index": 0, "delta": {"role": "assistant"}}]},
            {"id": "r", "choices": [{"index": 0, "delta": {"content": "Ünïcödé 🎉"}}]},
            {"id": "r", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
            done=True,
        ),
        request_to(LLMPROVIDER),
    ),
    "ignored stop sequence": Stream(
        sse(
            minimax_chunk(content="<think>Observation: none</think>Action: look\nObs"),
            minimax_chunk(content="ervation: a door"),
            minimax_chunk("stop", content=" and a key"),
            minimax_usage_chunk(),
        ),
        request_to(stop=["Observation:"]),
    ),
    "calls without index or id": Stream(
        sse(
            minimax_chunk(
                tool_calls=[
                    {"function": {"name": "add", "arguments": {"a": 1}}},
                    {"function": {"name": "add", "arguments": None}},
                ]
            ),
            minimax_chunk("stop", tool_calls=[{"function": {"name": "now", "arguments": ""}}]),
        )
    ),
    "stray closer at the end of the reasoning and before the answer": Stream(
        sse(
            minimax_chunk(**split_reasoning("Yes.\n</thi")),
            minimax_chunk(**split_reasoning("nk>\n")),
            minimax_chunk("stop", content="</think>\n\nYes!"),
        )
    ),
    "no final blank line": Stream(sse(minimax_chunk("stop", content="Hi")).rstrip(b"\n")),
    "error within the stream": Stream(
        sse(
            minimax_chunk(content="Hal"),
            minimax_event(None, base_resp={"status_code": 1002, "status_msg": "rate limit"}),
        )
    ),
    "connection cut within an event": Stream(
        sse(minimax_chunk(content="Hal"), minimax_chunk(content="lo"))[:-40]
    ),
    "whole reply where a stream was asked for": Stream(
        b"\r\n " + to_json(minimax_summary("tool_calls", content="\n", **_TOOL_MESSAGE))
    ),
}
"""Streams of every form, which tests cut in pieces."""


def decode_reply(body, provider, profile, **options):
    """Return the reply in a parsed body, as a decoder with these options reads it."""
    return decode_body(body, provider, ReplyDecoder(provider, profile, **options))
