"""Responses of a stream are built without validation and equal validated ones in every respect."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from llama_index.core.base.llms.types import (
    ChatMessage,
    ChatResponse,
    MessageRole,
    TextBlock,
)
from llama_index.core.instrumentation.events.llm import LLMChatEndEvent, LLMChatInProgressEvent
from pydantic import BaseModel

from llama_index_mara_minimax import chunks, replies
from llama_index_mara_minimax.chunks import ChunkBuilder
from mara_minimax.types import Delta, Reasoning, Reply, ToolCall, ToolCallDelta, Usage

CALL = ToolCallDelta(0, "call_1", "search", '{"query": ')
REST = ToolCallDelta(0, None, None, '"bees"}')
OTHER = ToolCallDelta(1, "call_2", "search", "{}")
REPLY = Reply(
    text="Bees fly.",
    reasoning=Reasoning("Easy.", "reasoning_details", details=[{"text": "Easy."}]),
    tool_calls=(ToolCall(0, "call_1", "search", '{"query": "bees"}'),),
    finish_reason="tool_calls",
    usage=Usage(1, 2, 3, reasoning_tokens=1, raw={"total_tokens": 3}),
    id="reply-1",
)
STREAMS = {
    "nothing": [Delta()],
    "text": [Delta(text="Bees "), Delta(text="fly.")],
    "reasoning": [Delta(reasoning="Ea"), Delta(reasoning="sy.")],
    "reasoning and text": [Delta(reasoning="Easy."), Delta(reasoning="!", text="Bees")],
    "a call": [Delta(tool_calls=(CALL,)), Delta(tool_calls=(REST,))],
    "two calls": [Delta(tool_calls=(CALL, OTHER)), Delta(tool_calls=(REST,))],
    "all, and text after a call": [
        Delta(text="Look: ", reasoning="Easy.", tool_calls=(CALL,)),
        Delta(text="bees."),
    ],
    "the end": [Delta(text="Bees"), Delta(text=" fly.", reasoning="!", reply=REPLY)],
    "the end of a plain answer": [Delta(reply=Reply("Bees.", None, (), "stop", None))],
}


def _validated(response: ChatResponse) -> ChatResponse:
    """The same response, built in the framework's ordinary way."""
    given: dict[str, Any] = {name: getattr(response, name) for name in response.model_fields_set}
    message = ChatMessage(
        role="assistant",
        blocks=[_validated_block(block) for block in response.message.blocks],
        additional_kwargs=copy.deepcopy(response.message.additional_kwargs),
    )
    return ChatResponse(**{**given, "message": message})


def _validated_block(block: Any) -> Any:
    return type(block)(**{name: getattr(block, name) for name in block.model_fields_set})


def _parts(response: ChatResponse) -> list[BaseModel]:
    return [response, response.message, *response.message.blocks]


@pytest.fixture(params=list(STREAMS))
def pairs(request: pytest.FixtureRequest) -> list[tuple[ChatResponse, ChatResponse]]:
    """Each response of a stream, with its validated twin."""
    stream = ChunkBuilder()
    responses = [stream.from_delta(delta) for delta in STREAMS[request.param]]
    return [(response, _validated(response)) for response in responses]


def test_they_are_equal(pairs):
    for built, validated in pairs:
        assert built == validated
        assert repr(built) == repr(validated)
        assert str(built) == str(validated)
        assert built.message.content == validated.message.content


def test_their_parts_have_the_same_types_and_fields_in_the_same_order(pairs):
    for built, validated in pairs:
        for one, other in zip(_parts(built), _parts(validated), strict=True):
            assert type(one) is type(other)
            assert list(vars(one)) == list(vars(other))
            assert [type(value) for value in vars(one).values()] == [
                type(value) for value in vars(other).values()
            ]
            assert one.__pydantic_extra__ == other.__pydantic_extra__
            assert one.__pydantic_private__ == other.__pydantic_private__


def test_the_same_fields_count_as_set(pairs):
    for built, validated in pairs:
        assert built.model_fields_set >= {"message", "delta", "additional_kwargs"}
        assert built.message.model_fields_set == {"role", "blocks", "additional_kwargs"}
        for one, other in zip(_parts(built), _parts(validated), strict=True):
            assert one.model_fields_set == other.model_fields_set


def test_their_dumps_are_the_same(pairs):
    for built, validated in pairs:
        assert built.model_dump() == validated.model_dump()
        assert built.model_dump_json() == validated.model_dump_json()
        assert built.model_dump(exclude_unset=True) == validated.model_dump(exclude_unset=True)
        assert built.model_dump(exclude_defaults=True) == validated.model_dump(
            exclude_defaults=True
        )


def test_their_copies_pickles_and_json_give_the_same(pairs):
    for built, validated in pairs:
        assert pickle.loads(pickle.dumps(built)) == validated
        assert copy.copy(built) == validated
        assert copy.deepcopy(built) == validated
        assert built.model_copy(deep=True) == validated
        assert ChatResponse.model_validate_json(built.model_dump_json()) == (
            ChatResponse.model_validate_json(validated.model_dump_json())
        )


def test_validation_finds_nothing_to_change(pairs):
    for built, validated in pairs:
        assert ChatResponse.model_validate(built.model_dump()) == (
            ChatResponse.model_validate(validated.model_dump())
        )


@pytest.mark.parametrize("event", [LLMChatInProgressEvent, LLMChatEndEvent])
def test_events_that_carry_them_say_the_same(pairs, event):
    own = {"messages": [ChatMessage(content="Hi")], "id_": "event", "span_id": None}
    for built, validated in pairs:
        ours, theirs = event(response=built, **own), event(response=validated, **own)
        assert ours.response is built
        assert ours.model_dump(exclude={"timestamp"}) == theirs.model_dump(exclude={"timestamp"})


def test_a_change_of_one_shows_in_no_other(pairs):
    for position, (built, _) in enumerate(pairs):
        others = [other for i, (other, _) in enumerate(pairs) if i != position]
        before = [other.model_dump() for other in others]
        built.delta = "changed"
        built.raw = {"changed": True}
        built.logprobs = []
        built.additional_kwargs["changed"] = True
        built.message.role = MessageRole.USER
        built.message.additional_kwargs["changed"] = True
        built.message.blocks.append(TextBlock(text="changed"))
        assert "raw" in built.model_fields_set
        assert [other.model_dump() for other in others] == before
    fresh = ChunkBuilder().from_delta(Delta(text="Bees"))
    assert fresh.model_fields_set == {"message", "delta", "additional_kwargs"}
    assert fresh == _validated(fresh)
    assert fresh.raw is None


def test_the_blocks_of_a_delta_before_stay_as_they_were_given():
    stream = ChunkBuilder()
    first = stream.from_delta(Delta(text="Bees", reasoning="Ea", tool_calls=(CALL,)))
    before = first.model_dump()
    stream.from_delta(Delta(text=" fly.", reasoning="sy.", tool_calls=(REST,)))
    assert first.model_dump() == before


def test_the_classes_of_the_framework_are_plain_enough():
    for make in (replies._make_message, chunks._make_response, chunks._make_call_block):
        assert make.__name__ == "construct"
