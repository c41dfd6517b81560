"""Chunks that are made without validation are the chunks that validation would make."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from langchain_core.load import dumps
from langchain_core.messages import AIMessageChunk
from langchain_core.messages.tool import tool_call_chunk
from langchain_core.outputs import ChatGenerationChunk
from pydantic import BaseModel

from langchain_mara_minimax.chunk_objects import _MAKERS, _make_generation, make_chunk
from langchain_mara_minimax.chunks import ChunkBuilder
from mara_minimax.types import Delta, Reply, ToolCallDelta

texts = st.text(max_size=6)
arguments = (
    st.sampled_from(
        ["", " ", "\n", "{", "{}", ' {"a": 1', '\t{"a": "b', '"}', "}", "]", "[", "[{}]", "null"]
    )
    | st.sampled_from(["1", '"', '"{', "a", "\\", "{1", "\ufeff{}", "\u00a0{}", "\x0b{}", "NaN"])
    | st.text(alphabet='{}[]":,\\ a1\n\t\r', max_size=12)
    | st.text(max_size=8)
)
pieces = st.builds(
    lambda index, name, args, call_id: {
        "index": index,
        "name": name,
        "args": args,
        "call_id": call_id,
    },
    st.integers(0, 3),
    st.none() | st.just("f"),
    arguments,
    st.none() | st.just("c1"),
)
contents = st.tuples(
    texts,
    texts,
    st.lists(pieces, max_size=3),
    st.just({}) | st.just({"reasoning": 1, "text": 0}),
)
Content = tuple[str, str, list[dict[str, Any]], dict[str, int]]


def calls_of(content: Content) -> list[Any]:
    return [
        tool_call_chunk(
            name=piece["name"], args=piece["args"], id=piece["call_id"], index=piece["index"]
        )
        for piece in content[2]
    ]


def made(content: Content) -> ChatGenerationChunk:
    text, reasoning, _, numbers = content
    return make_chunk("minimax", text, reasoning, calls_of(content), numbers)


def validated(content: Content) -> ChatGenerationChunk:
    text, reasoning, _, numbers = content
    message = AIMessageChunk(
        content=text,
        additional_kwargs={"reasoning_content": reasoning} if reasoning else {},
        tool_call_chunks=calls_of(content),
        response_metadata={"model_provider": "minimax"},
        **({"block_numbers": numbers} if numbers else {}),
    )
    return ChatGenerationChunk(message=message, generation_info=None)


def state(model: BaseModel) -> dict[str, Any]:
    """All that pydantic keeps of an object, its kinds of values included."""
    kept: dict[str, Any] = dict(model.__getstate__())
    kept["kinds"] = [(name, type(value)) for name, value in kept["__dict__"].items()]
    return kept


@given(contents)
@example(("a", "b", [], {}))
@example(("", "", [{"index": 0, "name": "f", "args": "", "call_id": "c1"}], {}))
@example(("", "", [{"index": 0, "name": None, "args": 'x"}', "call_id": None}], {}))
def test_a_made_chunk_is_the_validated_one_in_every_field(content: Content) -> None:
    ours, theirs = made(content), validated(content)
    assert ours == theirs
    assert state(ours) == state(theirs)
    assert state(ours.message) == state(theirs.message)
    assert repr(ours) == repr(theirs)
    assert dumps(ours) == dumps(theirs)
    assert ours.message.model_dump_json() == theirs.message.model_dump_json()
    assert ours.message.content_blocks == theirs.message.content_blocks


@given(contents)
def test_a_made_chunk_survives_pickling(content: Content) -> None:
    ours = pickle.loads(pickle.dumps(made(content)))
    assert state(ours.message) == state(validated(content).message)


@given(contents, contents)
def test_made_chunks_merge_as_validated_ones_do(first: Content, second: Content) -> None:
    def merge(build: Any) -> Any:
        try:
            return build(first) + build(second)
        except (TypeError, ValueError) as error:  # Values that the framework cannot merge.
            return repr(error)

    assert merge(made) == merge(validated)


@pytest.mark.parametrize("build", [made, validated])
def test_a_made_chunk_can_be_changed_as_a_validated_one(build: Any) -> None:
    chunk = build(("a", "", [], {})).message
    chunk.id, chunk.later = "run-1", 5
    assert chunk.model_dump(exclude_unset=True) == {
        "content": "a",
        "additional_kwargs": {},
        "response_metadata": {"model_provider": "minimax"},
        "tool_call_chunks": [],
        "id": "run-1",
        "later": 5,
    }


@pytest.mark.parametrize("args", [None, "x"])
def test_chunks_of_one_stream_share_nothing_that_can_be_changed(args: str | None) -> None:
    def build() -> Any:
        calls = [tool_call_chunk(name="f", args=args, id="c", index=0)] if args else []
        return make_chunk("minimax", "a", "", calls, {}).message

    first = build()
    for name in ("tool_calls", "invalid_tool_calls", "tool_call_chunks"):
        getattr(first, name).append("changed")
    first.additional_kwargs["changed"] = first.response_metadata["changed"] = True
    first.usage_metadata, first.changed = None, True
    content: Content = ("a", "", [], {})
    if args:
        content[2].append({"index": 0, "name": "f", "args": args, "call_id": "c"})
    assert state(build()) == state(validated(content).message)


def test_the_classes_of_the_framework_are_plain_enough() -> None:
    for make in (*_MAKERS.values(), _make_generation):
        assert make.__name__ == "construct"


@pytest.mark.parametrize(
    "deltas",
    [
        [Delta(text="a")],
        [Delta(reasoning="a")],
        [Delta(tool_calls=(ToolCallDelta(0, None, None, "cd ef"),))],
        [Delta(text="a"), Delta(reasoning="b")],
    ],
)
def test_a_long_stream_validates_no_more_chunks_than_a_short_one(
    deltas: list[Delta], monkeypatch: pytest.MonkeyPatch
) -> None:
    validations = 0
    initialise = AIMessageChunk.__init__

    def counting(self: AIMessageChunk, *args: Any, **kwargs: Any) -> None:
        nonlocal validations
        validations += 1
        initialise(self, *args, **kwargs)

    monkeypatch.setattr(AIMessageChunk, "__init__", counting)

    def validations_of(repeats: int) -> int:
        nonlocal validations
        validations = 0
        builder = ChunkBuilder(provider="minimax", model="m")
        reply = Reply("a", None, (), "stop", None)
        for delta in [*deltas * repeats, Delta(reply=reply)]:
            builder.from_delta(delta)
        return validations

    assert validations_of(200) == validations_of(1) == 1
