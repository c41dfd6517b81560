"""Content blocks agree in every surface that LangChain has for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.messages.tool import tool_call_chunk
from langchain_tests.utils.stream_lifecycle import assert_valid_event_stream

from langchain_mara_minimax import ChatMARA, ChatMiniMax
from langchain_mara_minimax.block_order import BlockOrder
from mara_minimax.emulator import CannedReply, Emulator
from mara_minimax.types import Delta

Call = Callable[..., AIMessage]
BLOCKS = [
    {"type": "reasoning", "reasoning": "I need the tools."},
    {"type": "text", "text": "Let me check."},
    {
        "type": "tool_call",
        "id": "call_function_ab_1",
        "name": "get_weather",
        "args": {"city": "Paris"},
    },
    {
        "type": "tool_call",
        "id": "call_function_ab_2",
        "name": "get_time",
        "args": {"zone": "CET"},
    },
]


def plain(blocks: Any) -> list[dict[str, Any]]:
    """Blocks without the indices that merging needs."""
    return [{key: block[key] for key in block if key != "index"} for block in blocks]


@pytest.mark.parametrize("form", ["reasoning_details", "inline", "reasoning"])
@pytest.mark.parametrize("output_version", ["v0", "v1"])
def test_blocks_are_the_same_however_a_model_is_called(
    make_model: Callable[..., ChatMiniMax],
    server: Emulator,
    call: Call,
    canned: Any,
    calling: Any,
    turns: Any,
    form: str,
    output_version: str,
) -> None:
    server.enqueue(canned(turns(**{**vars(calling), "form": form})))
    message = call(make_model(output_version=output_version), "Weather and time?")
    assert plain(message.content_blocks) == BLOCKS
    if output_version == "v1":
        assert plain(message.content) == BLOCKS
    else:
        assert message.content == "Let me check."


def test_events_of_v3_have_the_same_blocks(
    model: ChatMiniMax, server: Emulator, calling: Any
) -> None:
    server.enqueue(calling.stream())
    server.enqueue(calling.stream())
    assert_valid_event_stream(list(model.stream_events("Weather and time?", version="v3")))
    stream = model.stream_events("Weather and time?", version="v3")
    assert str(stream.reasoning) == "I need the tools."
    assert str(stream.text) == "Let me check."
    assert [call["name"] for call in stream.tool_calls.get()] == ["get_weather", "get_time"]
    assert plain(stream.output.content) == BLOCKS
    assert plain(stream.output.content_blocks) == BLOCKS


def test_events_of_v3_give_the_message_of_invoke(
    model: ChatMiniMax, server: Emulator, calling: Any, same: Any
) -> None:
    server.enqueue(calling.plain())
    server.enqueue(calling.stream())
    expected = same(model.invoke("Weather and time?"))
    given = same(model.stream_events("Weather and time?", version="v3").output)
    assert given["response_metadata"].pop("output_version") == "v1"
    for message in (expected, given):
        message.pop("content")
    assert given == expected


def test_a_chunk_shows_the_blocks_that_it_adds(
    model: ChatMiniMax, server: Emulator, calling: Any
) -> None:
    server.enqueue(calling.stream())
    chunks = list(model.stream("Weather and time?"))
    kinds = [block["type"] for chunk in chunks for block in chunk.content_blocks]
    assert kinds == ["reasoning"] * 2 + ["text"] + ["tool_call_chunk"] * 4


def test_reasoning_and_text_in_one_chunk_stay_apart(
    mara: ChatMARA, mara_server: Emulator, turns: Any
) -> None:
    mara_server.enqueue(turns(text=("<think>\nHm.\n</think>\n\nYes", "."), reasoning=()).stream())
    first, *_ = chunks = list(mara.stream("Really?"))
    assert plain(first.content_blocks) == [
        {"type": "reasoning", "reasoning": "Hm."},
        {"type": "text", "text": "Yes"},
    ]
    merged = chunks[0]
    for chunk in chunks[1:]:
        merged += chunk
    assert plain(merged.content_blocks) == [
        {"type": "reasoning", "reasoning": "Hm."},
        {"type": "text", "text": "Yes."},
    ]


def test_blocks_that_a_user_wrote_are_left_to_langchain() -> None:
    message = AIMessage(
        [{"type": "text", "text": "Hello"}], response_metadata={"model_provider": "minimax"}
    )
    assert message.content_blocks == [{"type": "text", "text": "Hello"}]
    chunk = AIMessageChunk(
        [{"type": "text", "text": "Hello"}], response_metadata={"model_provider": "mara"}
    )
    assert chunk.content_blocks == [{"type": "text", "text": "Hello"}]


ALTERNATING = [
    {"type": "reasoning", "reasoning": "First, hm."},
    {"type": "text", "text": "Let me see."},
    {"type": "reasoning", "reasoning": "So it is."},
    {"type": "tool_call", "id": "call_1", "name": "get_time", "args": {"zone": "CET"}},
    {"type": "text", "text": "Wait for it."},
]


def _alternating_stream() -> CannedReply:
    call = {"name": "get_time", "arguments": '{"zone": "CET"}'}
    deltas: list[dict[str, Any]] = [
        {"reasoning_content": "First, "},
        {"reasoning_content": "hm."},
        {"content": "Let me "},
        {"content": "see.", "reasoning_content": ""},
        {"reasoning_content": "So it is."},
        {"tool_calls": [{"index": 0, "id": "call_1", "type": "function", "function": call}]},
        {"content": "Wait for it."},
    ]
    choices = [{"index": 0, "delta": delta} for delta in deltas]
    choices.append({"index": 0, "delta": {}, "finish_reason": "tool_calls"})
    return CannedReply.sse(*({"id": "r", "choices": [choice]} for choice in choices))


@pytest.mark.parametrize("output_version", ["v0", "v1"])
def test_blocks_that_alternate_keep_their_order_in_a_stream(
    make_model: Callable[..., ChatMiniMax],
    server: Emulator,
    call_stream: Call,
    output_version: str,
) -> None:
    server.enqueue(_alternating_stream())
    message = call_stream(make_model(output_version=output_version), "What time is it?")
    assert plain(message.content_blocks) == ALTERNATING
    assert message.text == "Let me see.Wait for it."
    assert message.additional_kwargs["reasoning_content"] == "First, hm.So it is."


def test_white_space_after_the_calls_does_not_change_the_order(
    model: ChatMiniMax, server: Emulator, turns: Any
) -> None:
    turn = turns(reasoning=("Hm.",), text=("\n",), calls=(("get_time", '{"zone": "CET"}'),))
    server.enqueue(turn.plain())
    server.enqueue(turn.stream())
    whole = model.invoke("What time is it?")
    streamed = _joined(model.stream("What time is it?"))
    assert plain(streamed.content_blocks) == plain(whole.content_blocks)
    assert streamed.additional_kwargs == whole.additional_kwargs


def _joined(chunks: Any) -> AIMessageChunk:
    first, *rest = chunks
    for chunk in rest:
        first += chunk
    return first


def test_events_of_v3_keep_the_order_of_blocks_that_alternate(
    model: ChatMiniMax, server: Emulator
) -> None:
    server.enqueue(_alternating_stream())
    server.enqueue(_alternating_stream())
    assert_valid_event_stream(list(model.stream_events("What time is it?", version="v3")))
    output = model.stream_events("What time is it?", version="v3").output
    assert plain(output.content_blocks) == ALTERNATING


def test_an_edited_message_has_the_usual_order() -> None:
    order = [["text", 3], ["reasoning", 2], ["tool_call", "x"]]
    message = AIMessage(
        "Edited.",
        additional_kwargs={"reasoning_content": "Hm", "block_order": order},
        response_metadata={"model_provider": "minimax"},
    )
    assert message.content_blocks == [
        {"type": "reasoning", "reasoning": "Hm"},
        {"type": "text", "text": "Edited."},
    ]


def test_white_space_behind_the_calls_stands_before_them() -> None:
    order = BlockOrder()
    order.add(Delta(), [tool_call_chunk(name="f", args="{}", id="c1", index=0)])
    order.add(Delta(text="\n"), [])
    assert [kind for kind, _ in order._parts] == ["text", "tool_call"]
