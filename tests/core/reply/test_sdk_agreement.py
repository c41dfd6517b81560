"""Streams decoded from bytes hold what the openai SDK's own typed decoding finds in them."""

from __future__ import annotations

from typing import Any

import openai
import pytest

from mara_minimax.emulator import CannedReply
from mara_minimax.reply.events import DONE, EventDecoder
from tests.core.wire import STREAMS, Stream, cut, reply_of

# What the SDK makes of it instead is the reason of each.
UNREADABLE = {
    "error within the stream": "chunks, and no word of the error",
    "connection cut within an event": "the events before the cut, and a JSONDecodeError",
    "whole reply where a stream was asked for": "no chunk at all",
    "no final blank line": "no chunk, where that is the only one",
}
READABLE = {name: stream for name, stream in STREAMS.items() if name not in UNREADABLE}
# These are read otherwise on purpose; what the SDK hands out is the reason of each.
MENDED = {
    "snapshots instead of deltas": "the text again with every chunk",
    "ignored stop sequence": "text behind the stop sequence",
    "calls without index or id": "calls that its own accumulation cannot tell apart",
    "split reasoning, tool calls, placeholders and summary frame": "the calls in part",
    "closing tag alone": "reasoning as text",
}


def typed_chunks(server: Any, stream: Stream) -> list[Any]:
    server.enqueue(CannedReply(headers={"content-type": "text/event-stream"}, chunks=[stream.data]))
    client = openai.OpenAI(api_key="k", base_url=server.base_url, max_retries=0)
    with client:
        chunks = client.chat.completions.create(
            model="MiniMax-M2",
            messages=[{"role": "user", "content": "Hi"}],
            stream=True,
        )
        return list(chunks)


@pytest.mark.parametrize("name", READABLE)
@pytest.mark.parametrize("size", [7, 64, 1 << 20])
def test_the_events_are_those_of_the_sdk(server, name, size):
    stream = READABLE[name]
    decoder = EventDecoder()
    events: list[Any] = []
    for piece in cut(stream.data, range(size, len(stream.data), size)):
        events += decoder.decode(piece)
    events += decoder.flush()
    if DONE in events:
        events = events[: events.index(DONE)]
    assert [chunk.to_dict(warnings=False) for chunk in typed_chunks(server, stream)] == events


@pytest.mark.parametrize("name", [name for name in READABLE if name not in MENDED])
def test_the_reply_is_what_the_chunks_of_the_sdk_add_up_to(server, name):
    stream = READABLE[name]
    content = ""
    reasoning = ""
    calls: dict[int, list[str]] = {}
    finish_reason = usage = None
    for chunk in typed_chunks(server, stream):
        usage = chunk.usage or usage
        for choice in chunk.choices or ():
            delta = choice.delta
            finish_reason = choice.finish_reason or finish_reason
            content += delta.content or ""
            fields = delta.model_extra or {}
            reasoning += fields.get("reasoning_content") or fields.get("reasoning") or ""
            for call in delta.tool_calls or ():
                known = calls.setdefault(call.index, ["", "", ""])
                known[0] = known[0] or call.id
                known[1] = known[1] or call.function.name
                known[2] += call.function.arguments or ""

    reply = reply_of(stream.data, stream.request)
    thought = reply.reasoning.wire_text if reply.reasoning else ""
    if reasoning:
        # A closing tag may stand at the end of the reasoning and again before the answer.
        assert thought == reasoning
        assert content.removeprefix("</think>").lstrip() == reply.text
    else:
        assert thought + reply.text == content
    assert [[call.id, call.name, call.arguments] for call in reply.tool_calls] == [
        calls[index] for index in sorted(calls)
    ]
    assert reply.finish_reason == finish_reason
    assert (usage is None) == (reply.usage is None)
    if usage is not None:
        assert reply.usage.raw == usage.to_dict()


@pytest.mark.parametrize("name", UNREADABLE)
def test_the_sdk_finds_less_in_what_it_cannot_read(server, name):
    stream = STREAMS[name]
    try:
        chunks = typed_chunks(server, stream)
    except Exception:  # noqa: BLE001 - whatever the SDK raises, it is no reply
        return
    finished = [c for chunk in chunks for c in chunk.choices or () if c.finish_reason]
    assert not finished
