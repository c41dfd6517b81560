"""Chunks of any stream merge into the message of the whole reply."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.messages.utils import message_chunk_to_message

from langchain_mara_minimax.chunks import ChunkBuilder
from langchain_mara_minimax.replies import combine_outputs, from_reply
from mara_minimax.types import Delta, Reasoning, Reply, ToolCall, ToolCallDelta, Usage

values = st.recursive(
    st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)
pieces = st.lists(st.text(min_size=1, max_size=5), max_size=4)
arguments = st.dictionaries(st.text(max_size=4), values, max_size=3).map(json.dumps)
details = st.none() | st.just(
    [
        {"type": "reasoning.text", "index": 0, "format": "v1", "text": "a"},
        {"type": "reasoning.text", "index": 0, "format": "v1", "text": "b"},
        {"type": "reasoning.encrypted", "index": 1, "data": "c"},
    ]
)


@st.composite
def streams(draw: st.DrawFn) -> tuple[Reply, list[Delta]]:
    text, thought, parameters = draw(pieces), draw(pieces), draw(st.lists(arguments, max_size=3))
    deltas = [Delta(reasoning=piece) for piece in thought]
    deltas += [Delta(text=piece) for piece in text]
    calls = []
    for index, whole in enumerate(parameters):
        call = ToolCall(index, f"c{index}", f"f{index}", whole)
        cut = draw(st.integers(0, len(whole)))
        calls.append(call)
        parts = (
            ToolCallDelta(index, call.id, call.name, whole[:cut]),
            ToolCallDelta(index, None, None, whole[cut:]),
        )
        if draw(st.booleans()):
            deltas.append(Delta(tool_calls=parts))
        else:
            deltas += [Delta(tool_calls=(part,)) for part in parts]
    if draw(st.booleans()) and len(deltas) > 1:
        # Reasoning and text, or text and a call, in one chunk.
        first, second, *rest = deltas
        if not (first.text and second.reasoning):
            both = Delta(
                first.text + second.text,
                first.reasoning + second.reasoning,
                (*first.tool_calls, *second.tool_calls),
            )
            deltas = [both, *rest]
    reasoning = None
    if thought:
        reasoning = Reasoning(
            "".join(thought), "reasoning_details", "minimax", "minimax", draw(details)
        )
    reply = Reply(
        text="".join(text),
        reasoning=reasoning,
        tool_calls=tuple(calls),
        finish_reason="tool_calls" if calls else "stop",
        usage=draw(st.none() | st.just(Usage(3, 4, 7, 1, None, 2, {"prompt_tokens": 3, "x": 0.5}))),
        id=draw(st.none() | st.just("r1")),
        model=draw(st.none() | st.just("MiniMax-M2")),
        metadata=draw(st.dictionaries(st.sampled_from("abcd"), values, max_size=3)),
    )
    if deltas and draw(st.booleans()):
        deltas[-1].reply = reply
    else:
        deltas.append(Delta(reply=reply))
    return reply, deltas


def merged(deltas: Sequence[Delta]) -> AIMessageChunk:
    builder = ChunkBuilder(provider="minimax", model="asked-for")
    first, *rest = [chunk.message for delta in deltas for chunk in builder.from_delta(delta)]
    for chunk in rest:
        first += chunk
    return first


def shown(message: Any) -> dict[str, Any]:
    fields: dict[str, Any] = message.model_dump(exclude={"id"})
    return fields


@given(streams())
def test_a_merged_stream_is_the_whole_reply(stream: tuple[Reply, list[Delta]]) -> None:
    reply, deltas = stream
    whole = from_reply(reply, provider="minimax", model="asked-for")
    chunk = merged(deltas)
    assert shown(message_chunk_to_message(chunk)) == shown(whole)
    assert chunk.chunk_position == "last"
    blocks = [
        {key: block[key] for key in block if key != "index"}  # type: ignore[literal-required]
        for block in chunk.content_blocks
    ]
    assert blocks == whole.content_blocks


def test_a_reply_that_names_no_model_has_the_one_asked_for() -> None:
    reply = Reply("Hi", None, (), "stop", None)
    message = from_reply(reply, provider="minimax", model="asked-for")
    assert message.response_metadata["model_name"] == "asked-for"
    assert isinstance(message, AIMessage)


def test_results_without_usage_can_be_combined() -> None:
    assert combine_outputs([{"model_name": "m"}, {"model_name": "m"}]) == {"model_name": "m"}
    assert combine_outputs([]) == {}


def test_a_call_without_a_name_is_invalid() -> None:
    reply = Reply("", None, (ToolCall(0, "c0", "", "{}"),), "tool_calls", None)
    whole = from_reply(reply, provider="minimax", model="m")
    pieces = Delta(tool_calls=(ToolCallDelta(0, "c0", None, "{}"),))
    for message in (whole, merged([pieces, Delta(reply=reply)])):
        assert message.tool_calls == []
        assert len(message.invalid_tool_calls) == 1


def test_tokens_written_to_the_cache_are_counted() -> None:
    usage = Usage(10, 2, 12, cache_read_tokens=3, cache_creation_tokens=4)
    reply = Reply("Hi", None, (), "stop", usage)
    message = from_reply(reply, provider="minimax", model="m")
    assert message.usage_metadata is not None
    assert message.usage_metadata["input_token_details"] == {"cache_read": 3, "cache_creation": 4}
