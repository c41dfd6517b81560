"""What replies and deltas of the core become in LlamaIndex."""

from __future__ import annotations

import json
from typing import Any

import pytest
from llama_index.core.base.llms.types import (
    ChatResponse,
    TextBlock,
    ThinkingBlock,
    ToolCallBlock,
)

from llama_index_mara_minimax import chunks
from llama_index_mara_minimax.chunks import ChunkBuilder
from llama_index_mara_minimax.replies import from_reply
from mara_minimax.types import Delta, Reasoning, Reply, ToolCall, ToolCallDelta, Usage

DETAILS = [{"type": "reasoning.text", "text": "hm", "index": 0}]


def make_reply(**fields: Any) -> Reply:
    return Reply(
        **{
            "text": "",
            "reasoning": None,
            "tool_calls": (),
            "finish_reason": "stop",
            "usage": None,
            "id": "r1",
            "model": "MiniMax-M2",
            **fields,
        }
    )


def call_piece(arguments: str, *, call_id: str | None = None, name: str | None = None) -> Delta:
    return Delta(tool_calls=(ToolCallDelta(0, call_id, name, arguments),))


def test_a_reply_becomes_one_block_of_each_kind_in_order() -> None:
    reply = make_reply(
        text="Let me see.",
        reasoning=Reasoning("hm", "reasoning_details", "minimax", "minimax", DETAILS),
        tool_calls=(ToolCall(0, "c1", "add", '{"a": 1}'),),
    )
    assert from_reply(reply).message.blocks == [
        ThinkingBlock(
            content="hm",
            additional_information={
                "form": "reasoning_details",
                "provider": "minimax",
                "family": "minimax",
                "reasoning_details": DETAILS,
            },
        ),
        TextBlock(text="Let me see."),
        ToolCallBlock(tool_call_id="c1", tool_name="add", tool_kwargs={"a": 1}),
    ]


def test_tool_calls_are_mirrored_as_plain_dicts() -> None:
    reply = make_reply(tool_calls=(ToolCall(0, "c1", "add", '{ "a":1 }'),))
    message = from_reply(reply).message
    assert message.additional_kwargs == {
        "tool_calls": [
            {"id": "c1", "type": "function", "function": {"name": "add", "arguments": '{ "a":1 }'}}
        ]
    }


def test_arguments_that_are_no_object_stay_text() -> None:
    reply = make_reply(tool_calls=(ToolCall(0, "c1", "add", '{"a": '),))
    (block,) = from_reply(reply).message.blocks
    assert isinstance(block, ToolCallBlock)
    assert block.tool_kwargs == '{"a": '


def test_an_empty_answer_is_empty_text_and_not_none() -> None:
    assert from_reply(make_reply(finish_reason="length")).message.content == ""


def test_the_number_of_reasoning_tokens_stands_on_the_thinking_block() -> None:
    usage = Usage(10, 7, 17, reasoning_tokens=3)
    reply = make_reply(reasoning=Reasoning("hm", "reasoning"), usage=usage)
    block = from_reply(reply).message.blocks[0]
    assert isinstance(block, ThinkingBlock)
    assert block.num_tokens == 3


def test_what_a_response_holds_beside_the_message_is_plain_json() -> None:
    usage = Usage(10, 7, 17, raw={"prompt_tokens": 10, "completion_tokens": 7, "x": 1.5})
    reply = make_reply(
        text="Hi", usage=usage, reasoning=Reasoning("hm", "reasoning_details", details=DETAILS)
    )
    response = from_reply(reply)
    assert json.loads(json.dumps(response.raw)) == {
        "id": "r1",
        "model": "MiniMax-M2",
        "finish_reason": "stop",
        "usage": {"prompt_tokens": 10, "completion_tokens": 7, "total_tokens": 17, "x": 1.5},
    }
    assert response.additional_kwargs == {
        "finish_reason": "stop",
        "prompt_tokens": 10,
        "completion_tokens": 7,
        "total_tokens": 17,
    }
    assert json.loads(response.message.model_dump_json())


def test_a_null_count_of_the_provider_is_a_number() -> None:
    usage = Usage(0, 7, 7, raw={"prompt_tokens": None, "completion_tokens": 7})
    raw = from_reply(make_reply(text="Hi", usage=usage)).raw
    assert raw["usage"]["prompt_tokens"] == 0


def stream(*deltas: Delta) -> list[ChatResponse]:
    state = ChunkBuilder()
    return [state.from_delta(delta) for delta in deltas]


def test_each_response_carries_all_that_came_so_far() -> None:
    responses = stream(
        Delta(reasoning="h"),
        Delta(reasoning="m"),
        Delta(text="Let "),
        Delta(text="me"),
        call_piece('{"a"', call_id="c1", name="add"),
        call_piece(": 1}"),
    )
    last = responses[-1].message.blocks
    assert [block.block_type for block in last] == ["thinking", "text", "tool_call"]
    assert responses[2].message.content == "Let "
    assert responses[-1].message.content == "Let me"
    assert [r.delta for r in responses] == ["", "", "Let ", "me", "", ""]


def test_reasoning_deltas_stand_where_agents_read_them() -> None:
    responses = stream(Delta(reasoning="h"), Delta(reasoning="m", text="Hi"), Delta(text="!"))
    deltas = [response.additional_kwargs.get("thinking_delta") for response in responses]
    assert deltas == ["h", "m", None]


def test_the_last_response_of_a_stream_is_that_of_the_plain_reply() -> None:
    reply = make_reply(
        text="Hi",
        reasoning=Reasoning("hm", "reasoning_details", "minimax", "minimax", DETAILS),
        tool_calls=(ToolCall(0, "c1", "add", '{"a": 1}'),),
        usage=Usage(10, 7, 17, raw={"prompt_tokens": 10}),
    )
    last = stream(Delta(reasoning="hm"), Delta(text="Hi"), Delta(reply=reply))[-1]
    plain = from_reply(reply)
    assert last.message == plain.message
    assert last.raw == plain.raw
    assert last.additional_kwargs == plain.additional_kwargs
    assert last.delta == ""


def test_the_last_delta_can_carry_text_and_reasoning_too() -> None:
    reply = make_reply(text="Hi", reasoning=Reasoning("hm", "reasoning"))
    (last,) = stream(Delta(text="Hi", reasoning="hm", reply=reply))
    assert last.delta == "Hi"
    assert last.additional_kwargs["thinking_delta"] == "hm"


def test_earlier_responses_do_not_change_when_later_ones_come() -> None:
    responses = stream(
        Delta(text="a"),
        call_piece('{"a"', call_id="c1", name="add"),
        call_piece(": 1}"),
        Delta(text="b"),
    )
    dumps = [response.model_dump_json() for response in responses]
    assert json.loads(dumps[1])["message"]["additional_kwargs"]["tool_calls"][0]["function"] == {
        "name": "add",
        "arguments": '{"a"',
    }
    assert json.loads(dumps[0])["message"]["blocks"] == [{"block_type": "text", "text": "a"}]


def test_streamed_arguments_are_parsed_as_far_as_they_go() -> None:
    responses = stream(
        call_piece("", call_id="c1", name="add"), call_piece('{"city": "Par'), call_piece('is"}')
    )
    kwargs = [response.message.blocks[-1].tool_kwargs for response in responses]
    assert kwargs == [{}, {"city": "Par"}, {"city": "Paris"}]


def test_a_call_whose_id_comes_late_has_one_all_the_same() -> None:
    (response,) = stream(Delta(tool_calls=(ToolCallDelta(1, None, "add", ""),)))
    assert response.message.blocks[-1].tool_call_id == "call_2"


def test_long_arguments_are_read_only_as_they_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []

    def parse(text: str) -> None:
        read.append(len(text))

    monkeypatch.setattr(chunks, "parse_partial_object", parse)
    state = ChunkBuilder()
    state.from_delta(call_piece("{", call_id="c1", name="add"))
    for i in range(12_000):
        state.from_delta(call_piece(f'"k{i}": {i}, '))
    mirror = state.from_delta(call_piece("}")).message.additional_kwargs["tool_calls"]
    # By a sixteenth each time: a geometric series, 17 times its last term.
    assert sum(read) < 18 * len(mirror[0]["function"]["arguments"])


def test_the_model_asked_for_stands_in_for_an_unnamed_one() -> None:
    assert from_reply(make_reply(model=None), "MiniMax-M2").raw["model"] == "MiniMax-M2"
    state = ChunkBuilder("MiniMax-M2")
    assert state.from_delta(Delta(reply=make_reply(model=None))).raw["model"] == "MiniMax-M2"
    named = make_reply(model="MiniMax-M2.7")
    assert from_reply(named, "MiniMax-M2").raw["model"] == "MiniMax-M2.7"


def test_counts_of_parts_stand_where_token_counters_look() -> None:
    raw_usage = {"prompt_tokens": 5, "completion_tokens": 4, "reasoning_tokens": 3}
    usage = Usage(5, 4, 9, reasoning_tokens=3, raw=raw_usage)
    raw = from_reply(make_reply(usage=usage)).raw
    assert raw["usage"]["completion_tokens_details"] == {"reasoning_tokens": 3}
    assert "prompt_tokens_details" not in raw["usage"]
