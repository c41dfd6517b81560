"""The ending that keeps a broken call from being run: no text before it makes an object."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from langchain_core.exceptions import OutputParserException
from langchain_core.messages import AIMessageChunk
from langchain_core.messages.tool import tool_call_chunk
from langchain_core.output_parsers.openai_tools import parse_tool_call
from langchain_core.utils.json import parse_partial_json

from langchain_mara_minimax.chunks import INVALIDATING_SUFFIX, ChunkBuilder
from mara_minimax.types import Delta, Reply, ToolCall, ToolCallDelta

WHOLE = [
    '{"path": "/tmp/a", "mode": 384, "tags": ["a", "b"], "deep": {"x": [{"y": null}, [[]]]}}',
    '{"quoted": "say \\"hi\\"", "slash": "C:\\\\", "odd": "\\u00e9 }{][ \\\\\\" :,"}',
    ' \n{ "a" : -1.5e3 , "b" : true }\t',
    '{"a": "line\nbreak", "b": "tab\t"}',
    '[{"a": 1}, {"b": [2, {"c": "]}"}]}]',
    '"just {\\"text\\": 1}"',
    "{}",
    "null",
    '{"a": NaN}',
]
BAD = [
    '{"a": xxx and so on, "b": {',
    "{'single': 'quotes'}",
    '{"a": "b"}}',
    '{"a": 1}{"b": 2}',
    "{{{[[[",
    "}]",
    '{"a": "unescaped " quote", "b": "',
    '{"a": "\\x41"',
    "```json\n{",
]


def is_run(arguments: str) -> bool:
    """Whether any reader of LangChain takes `arguments` for those of a call."""
    chunk = AIMessageChunk("", tool_call_chunks=[tool_call_chunk(name="f", args=arguments, id="c")])
    if chunk.tool_calls or isinstance(parse_partial_json(arguments, strict=True), dict):
        return True
    try:
        parse_tool_call({"function": {"name": "f", "arguments": arguments}, "id": "c"})
    except OutputParserException:
        return False
    return True


@pytest.mark.parametrize("text", WHOLE + BAD)
def test_no_beginning_of_a_text_is_run_with_the_ending(text: str) -> None:
    for end in range(len(text) + 1):
        assert not is_run(text[:end] + INVALIDATING_SUFFIX), text[:end]


@given(st.text(st.sampled_from('{}[]":,\\ \n01aetrufls'), max_size=40))
@example('{"a": "\\')
@example('{"a": "\\\\')
def test_no_text_is_run_with_the_ending(text: str) -> None:
    assert not is_run(text + INVALIDATING_SUFFIX)


json_values: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=8,
)


@given(json_values, st.data(), st.booleans())
def test_no_cut_or_damaged_json_is_run_with_the_ending(
    value: Any, data: st.DataObject, ascii: bool
) -> None:
    text = json.dumps(value, ensure_ascii=ascii)
    cut = text[: data.draw(st.integers(0, len(text)))]
    at = data.draw(st.integers(0, len(cut)))
    damage = data.draw(st.sampled_from(["", '"', "\\", "{", "}", "[", "]", "x", "\n"]))
    assert not is_run(cut[:at] + damage + cut[at:] + INVALIDATING_SUFFIX)


def test_without_the_ending_a_cut_call_would_be_run() -> None:
    assert is_run('{"path": "/tm')
    assert is_run('{"a": xxx and so on')


@pytest.mark.parametrize("arguments", [*BAD, '{"path": "/tm', "", '{"a": 1, "a": 2}'])
def test_merged_chunks_hold_an_invalid_call_with_all_that_came(arguments: str) -> None:
    builder = ChunkBuilder(provider="minimax", model="m")
    pieces = [
        ToolCallDelta(0, "c0", "f", ""),
        *(ToolCallDelta(0, None, None, c) for c in arguments),
    ]
    reply = Reply("", None, (ToolCall(0, "c0", "f", arguments),), "length", None)
    deltas = [*(Delta(tool_calls=(piece,)) for piece in pieces), Delta(reply=reply)]
    first: Any
    first, *rest = [chunk.message for delta in deltas for chunk in builder.from_delta(delta)]
    for chunk in rest:
        first = first + chunk
    assert first.tool_calls == []
    assert [call["args"] for call in first.invalid_tool_calls] == [arguments + INVALIDATING_SUFFIX]
