"""A turn that thinks and calls a tool, in each form of reasoning, and how it must go back."""

from __future__ import annotations

import asyncio
from typing import Any

from llama_index.core.base.llms.types import ChatMessage
from llama_index.core.tools import FunctionTool

from mara_minimax.emulator import CannedReply, Emulator

THOUGHT = "The user asks\nfor the weather."
INLINE = f"<think>\n{THOUGHT}\n</think>\n\n\n"
ARGUMENTS = '{"city" :"Oslo"}'
CALL_ID = "call_function_ab_1"


def get_weather(city: str) -> str:
    """Say what the weather is in a city."""
    return f"Rain in {city}."


WEATHER = FunctionTool.from_defaults(get_weather)
CALL = {
    "id": CALL_ID,
    "type": "function",
    "function": {"name": "get_weather", "arguments": ARGUMENTS},
}
RESULT = {"role": "tool", "tool_call_id": CALL_ID, "content": "Rain in Oslo."}


def tool_turn(wire: Any, kind: str, *, stream: bool) -> CannedReply:
    """The first turn, its reasoning in one of three forms: details, inline, field."""
    call = wire.call("get_weather", ARGUMENTS)
    reasoning: dict[str, Any] = {
        "details": wire.message("\n", THOUGHT),
        "inline": wire.message(INLINE),
        "field": wire.message(None, reasoning=THOUGHT, channel="analysis"),
    }[kind]
    if not stream:
        return wire.reply({**reasoning, "tool_calls": [call]})
    pieces: list[dict[str, Any]] = {
        "details": [wire.thought(THOUGHT[:9]), wire.thought(THOUGHT[9:]), wire.text("\n")],
        "inline": [wire.text(INLINE[:3]), wire.text(INLINE[3:20]), wire.text(INLINE[20:])],
        "field": [
            {"reasoning": THOUGHT[:9], "channel": "analysis"},
            {"reasoning": THOUGHT[9:], "channel": "analysis"},
        ],
    }[kind]
    head = {**call, "function": {"name": "get_weather", "arguments": ARGUMENTS[:6]}}
    return wire.stream(
        *pieces,
        wire.call_delta(**head),
        wire.call_delta(index=0, function={"arguments": ARGUMENTS[6:]}),
        finish_reason="tool_calls",
    )


def expected_turn(wire: Any, kind: str, body: dict[str, Any]) -> dict[str, Any]:
    """The assistant message that the second request must contain."""
    (sent,) = [message for message in body["messages"] if message.get("tool_calls")]
    expected: dict[str, Any] = {"role": "assistant", "tool_calls": [CALL]}
    if kind == "details":
        # The details are those of the reply; a stream's come in as many pieces as it had.
        details = sent["reasoning_details"]
        assert "".join(detail["text"] for detail in details) == THOUGHT
        assert all({**detail, "text": ""} == {**wire.detail, "text": ""} for detail in details)
        expected |= {"content": "\n", "reasoning_details": details}
    elif kind == "inline":
        expected |= {"content": INLINE}
    else:
        expected |= {"content": None, "reasoning": THOUGHT, "channel": "analysis"}
    return expected


def final_turn(wire: Any, *, stream: bool) -> CannedReply:
    if not stream:
        return wire.reply(wire.message("It rains.", "Done."))
    return wire.stream(wire.thought("Done."), wire.text("It "), wire.text("rains."))


def check_second_request(kind: str, wire: Any, emulator: Emulator) -> None:
    body = emulator.last_body
    assert body.get("reasoning_split") is (None if kind == "field" else kind == "details")
    turn, result = body["messages"][-2:]
    assert turn == expected_turn(wire, kind, body)
    assert result == RESULT


def tool_result(message: str = "Rain in Oslo.") -> ChatMessage:
    return ChatMessage(role="tool", content=message, additional_kwargs={"tool_call_id": CALL_ID})


def run_agent(agent: Any, question: str, **kwargs: Any) -> tuple[Any, list[Any]]:
    """Run `agent` in a loop of its own; returns its output and all stream events."""

    async def run() -> tuple[Any, list[Any]]:
        handler = agent.run(question, **kwargs)
        events = [event async for event in handler.stream_events()]
        return await handler, events

    return asyncio.run(run())
