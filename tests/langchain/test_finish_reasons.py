"""Finish reasons are OpenAI's words, which LangChain's events pass on and newer ones read."""

from __future__ import annotations

from typing import Any

import pytest

from langchain_mara_minimax import ChatMiniMax
from mara_minimax.emulator import CannedReply, Emulator

CALL = {
    "id": "call_1",
    "index": 0,
    "type": "function",
    "function": {"name": "get_time", "arguments": "{}"},
}
WORDS = [
    ("stop", False, "stop"),
    ("", False, "stop"),
    ("", True, "tool_calls"),
    ("tool_call", True, "tool_calls"),
    ("tool_calls", True, "tool_calls"),
    ("function_call", True, "tool_calls"),
    ("length", False, "length"),
    ("content_filter", False, "content_filter"),
]


@pytest.mark.parametrize(("word", "calls", "expected"), WORDS)
def test_the_last_event_and_the_message_have_the_standard_word(
    model: ChatMiniMax, server: Emulator, word: str, calls: bool, expected: str
) -> None:
    message = {"role": "assistant", "content": "Wait.", **({"tool_calls": [CALL]} if calls else {})}
    choice = {"index": 0, "finish_reason": word}
    server.enqueue(
        CannedReply.sse({"id": "r", "choices": [{**choice, "delta": message}]}, done=True)
    )
    server.enqueue(CannedReply.json({"id": "r", "choices": [{**choice, "message": message}]}))
    events: list[Any] = list(model.stream_events("What time is it?", version="v3"))
    finish = [event for event in events if event["event"] == "message-finish"]
    assert [event["metadata"]["finish_reason"] for event in finish] == [expected]
    # langchain-core 1.8.4 has it in a field of the event as well.
    assert [event.get("finish_reason", expected) for event in finish] == [expected]
    assert model.invoke("What time is it?").response_metadata["finish_reason"] == expected
