"""Long pieces of calls in one chunk: taken as they are and not completed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from langchain_core.messages.tool import tool_call_chunk

from langchain_mara_minimax import chunk_calls
from langchain_mara_minimax.chunk_calls import derive_calls

LONG = {"text": "x" * 10_000}


def derived(args: str) -> tuple[list[Any], list[Any]]:
    return derive_calls([tool_call_chunk(name="save", args=args, id="c1", index=0)])


def test_a_long_piece_that_is_whole_is_a_call() -> None:
    valid, invalid = derived(f" {json.dumps(LONG)}")
    assert [(call["name"], call["args"], call["id"]) for call in valid] == [("save", LONG, "c1")]
    assert invalid == []


@pytest.mark.parametrize("text", [json.dumps(LONG)[:-5], '{"a": ' + "x" * 10_000])
def test_a_long_piece_that_is_not_is_shown_as_invalid(text: str) -> None:
    valid, invalid = derived(text)
    assert valid == []
    assert [(call["name"], call["args"], call["id"]) for call in invalid] == [("save", text, "c1")]


@pytest.mark.parametrize("text", ['{"a": b}', "{" * 300])
def test_a_short_piece_that_no_completion_mends_is_shown_as_invalid(text: str) -> None:
    valid, invalid = derived(text)
    assert valid == []
    assert [(call["name"], call["args"], call["id"]) for call in invalid] == [("save", text, "c1")]


def test_langchain_is_asked_to_complete_short_pieces_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(chunk_calls, "parse_partial_json", asked.append)
    for text in ('{"a": "b', "xxx", '{"a": ' + "x" * 10_000):
        derived(text)
    assert asked == ['{"a": "b']
