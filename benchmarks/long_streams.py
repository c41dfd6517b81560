"""Streams of any length, in the shapes in which the work for one event could come to grow."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

STOP = "a" * 200 + "b"
"""The stop sequence of the requests that these streams answer; some nearly hold it."""

_WORDS = "".join(f"word {n} " for n in range(20))

LAST = b'data: {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}\n\n'


def sse(events: Iterable[Any]) -> bytes:
    """Return events as the bytes of a stream."""
    return b"".join(b"data: " + json.dumps(event).encode() + b"\n\n" for event in events)


def _chunk(**delta: Any) -> dict[str, Any]:
    return {"id": "r", "choices": [{"index": 0, "delta": delta}]}


def _repeated(count: int, **delta: Any) -> bytes:
    return sse([_chunk(**delta)] * count)


def _after(first: dict[str, Any], count: int, **delta: Any) -> bytes:
    return sse([_chunk(**first)]) + _repeated(count, **delta)


def _entry(
    arguments: str, *, name: str = "", call_id: str = "", index: int | None = 0
) -> dict[str, Any]:
    entry: dict[str, Any] = {"function": {"arguments": arguments}}
    if name:
        entry["function"]["name"] = name
    if call_id:
        entry["id"] = call_id
    if index is not None:
        entry["index"] = index
    return entry


def _calls(entries: Iterable[dict[str, Any]]) -> bytes:
    return sse(_chunk(tool_calls=[entry]) for entry in entries)


def _detail(text: str, **fields: Any) -> list[dict[str, Any]]:
    return [{"type": "reasoning.text", "id": "r1", "index": 0, "text": text, **fields}]


def _whole_frames(count: int) -> bytes:
    """Return a long text, its call, and then many frames that disagree with both."""
    long = "x" * count * 1000
    called = {"function": {"arguments": "z"}}
    frame = {"choices": [{"message": {"content": "y", "tool_calls": [called]}}]}
    return b"".join(
        (
            sse([_chunk(content=long), _chunk(content="q")]),
            _calls([_entry(long, name="f", call_id="c"), _entry("q")]),
            sse([frame] * count),
        )
    )


STREAMS: dict[str, Callable[[int], bytes]] = {
    "text": lambda n: _repeated(n, content="ab "),
    "text with beginnings of a tag": lambda n: _repeated(n, content="</thi"),
    "text beside a stop sequence": lambda n: _repeated(n, content="aaab"),
    "text that nearly is a stop sequence": lambda n: _repeated(n, content="a"),
    "reasoning between tags": lambda n: _after({"content": "<think>"}, n, content="ab </thin"),
    "reasoning in two fields": lambda n: _repeated(
        n, reasoning_content="ab </", reasoning_details=_detail("ab </")
    ),
    "reasoning in many entries": lambda n: sse(
        _chunk(reasoning_details=_detail("ab ", index=k, id=f"r{k}")) for k in range(n)
    ),
    "deltas after snapshots": lambda n: (
        sse(_chunk(content=_WORDS[: 40 * k]) for k in range(1, 5)) + _repeated(n, content="ab ")
    ),
    "one entry of many fields": lambda n: _after(
        {"reasoning_details": _detail("a", **{f"f{k}": k for k in range(n)})},
        n,
        reasoning_details=_detail("a"),
    ),
    "white space before a tag": lambda n: _repeated(n, content=" "),
    "white space after a tag": lambda n: _after({"content": "<think>a</think>"}, n, content="\n"),
    "arguments of a call": lambda n: _calls(
        [_entry("{", name="f", call_id="c"), *[_entry('"a"')] * n]
    ),
    "arguments that are closed each time": lambda n: _calls(
        [_entry("{", name="f", call_id="c"), *[_entry("{}")] * n]
    ),
    "arguments without index": lambda n: _calls([_entry('{"', name="f", index=None)] * n),
    "arguments of many calls": lambda n: _calls(
        _entry("{", name="f", call_id=f"c{k}", index=k) if k < 50 else _entry("{", index=k % 50)
        for k in range(n)
    ),
    "arguments beside other ids": lambda n: _calls(
        _entry('{"a": {}', name="add", call_id=f"c{k}") for k in range(n)
    ),
    "arguments that end in backslashes": lambda n: _calls(
        _entry("}\\", name="add", call_id=f"c{k}") for k in range(n)
    ),
    "arguments in many entries of one event": lambda n: sse(
        [_chunk(tool_calls=[_entry("ab", name="" if k else "f") for k in range(n)])]
    ),
    "calls": lambda n: _calls(_entry("{}", name="f", call_id=f"c{k}", index=k) for k in range(n)),
    "calls of one id": lambda n: _calls(
        _entry("{}", name="f", call_id="a", index=k) for k in range(n)
    ),
    "calls of one id without index": lambda n: _calls(
        [_entry("{}", name="f", call_id="a", index=None)] * n
    ),
    "calls without id and index": lambda n: _calls([_entry("{}", name="f", index=None)] * n),
    "log probabilities": lambda n: sse(
        [{"choices": [{"delta": {"content": "a"}, "logprobs": {"content": [{"token": "a"}]}}]}] * n
    ),
    "new fields": lambda n: sse({"choices": [], f"field{k}": k} for k in range(n)),
    "lines of one event": lambda n: b"data: {\n" + b'data: "a": 1,\n' * n + b'data: "b": 2}\n\n',
    "one event in many reads": lambda n: sse([_chunk(content="x" * n * 400)]),
    "comments": lambda n: b": ping\n\n" * n * 10,
    "frames with the whole message": _whole_frames,
}
"""Bytes by the number of their events, by what repeats in them; `LAST` ends the stream."""
