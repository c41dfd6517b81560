"""Hostile stored messages: what a client writes into them changes nothing but reasoning."""

from __future__ import annotations

import copy
import json
import warnings
from typing import Any

from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from llama_index.core.base.llms.types import ChatMessage, TextBlock, ThinkingBlock, ToolCallBlock
from mara_minimax.announce import HistoryWarning
from mara_minimax.encode import encode_request

from langchain_mara_minimax.messages import to_wire_messages
from llama_index_mara_minimax import messages as llama_index
from mara_minimax.errors import MaraMiniMaxError
from mara_minimax.providers import LLMPROVIDER, MARA, MINIMAX, Provider
from tests.fuzz.source import Source, once_in, pick
from tests.garbage import without_reasoning

PROVIDERS = ((MINIMAX, "MiniMax-M2"), (MARA, "MiniMax-M2.5"), (LLMPROVIDER, "abab5.5-chat"))
VALUES: tuple[Any, ...] = (
    None, True, 0, -1, 2**70, 1.5, float("nan"), "", "x", "role", "content", "tool_calls", "name",
    "system", "minimax", "mara", "inline", "reasoning", "reasoning_content", "reasoning_details",
    "<think>", "<think>\n", "</think>", "\n</think>\n\n", "a </think> b", "\ud800", "x" * 5_000,
    b"x", {1}, object(),
)  # fmt: skip
RECORD = ("form", "provider", "family", "prefix", "suffix", "channel")
NOTES = (
    "reasoning_content", "reasoning_details", "reasoning_record", "block_order", "tool_calls",
    "role", "content",
)  # fmt: skip
CALL = {"name": "add", "args": {"a": 1}, "id": "c1"}


def check_stored(source: Source) -> int:
    """Check one stored message of each framework; return how many requests were encoded."""
    provider, model = pick(source, PROVIDERS)
    notes = {name: _value(source, 3) for name in NOTES if source.below(2)}
    if source.below(2):
        notes["reasoning_record"] = _record(source)
    author = pick(source, (None, "minimax", "other", ["minimax"], 5))
    message = AIMessage("Hi", name="Ada", tool_calls=[CALL])
    results = [ToolMessage("1", tool_call_id="c1"), HumanMessage("Hi")]
    odd = message.model_copy(
        update={"additional_kwargs": notes, "response_metadata": {"model_provider": author}}
    )
    honest = _sent(to_wire_messages([message, *results], provider), provider, model)
    _check(lambda: to_wire_messages([odd, *results], provider), honest, provider, model)

    blocks = [TextBlock(text="Hi"), ToolCallBlock(tool_call_id="c1", tool_name="add")]
    thinking = ThinkingBlock(content="")
    thinking.content, thinking.additional_information = _value(source, 2), _record(source)
    stored = ChatMessage(role="assistant", blocks=[thinking, *blocks])
    result = ChatMessage(role="tool", content="1", additional_kwargs={"tool_call_id": "c1"})
    plain = [ChatMessage(role="assistant", blocks=blocks), result]
    honest = _sent(llama_index.to_wire_messages(plain), provider, model)
    _check(lambda: llama_index.to_wire_messages([stored, result]), honest, provider, model)
    return 4


def _check(to_wire: Any, honest: list[dict[str, Any]], provider: Provider, model: str) -> None:
    """Assert that a hostile history is sent as the honest one, or refused by a typed error."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", HistoryWarning)
        try:
            sent = _sent(to_wire(), provider, model)
        except MaraMiniMaxError:
            return
    assert without_reasoning(sent) == honest


def _sent(wire: list[dict[str, Any]], provider: Provider, model: str) -> list[dict[str, Any]]:
    request = encode_request(wire, {"model": model}, provider=provider)
    sent: list[dict[str, Any]] = json.loads(json.dumps(request.body["messages"]))
    return sent


def _record(source: Source) -> Any:
    if once_in(source, 4):
        return _value(source, 2)
    record = {name: _value(source, 1) for name in RECORD if source.below(2)}
    if source.below(2):
        record["reasoning_details"] = _value(source, 3)
    return record


def _value(source: Source, depth: int) -> Any:
    """Return an odd value, or some of them inside each other."""
    shape = source.below(4) if depth else 0
    if shape < 2:
        return copy.copy(pick(source, VALUES))
    inner = [_value(source, depth - 1) for _ in range(source.below(3))]
    if shape == 2:
        return inner
    return {pick(source, ("text", "type", "name", 5, "form")): value for value in inner}
