"""Make LangChain's chunk objects without validating each.

Validation costs 6 µs a chunk, which is more than all else that is done for it, and finds
nothing: the values are the core's own. `tests/langchain/test_chunk_objects.py` compares what is
made with what validation makes, field by field.
"""

from __future__ import annotations

from typing import Any

from langchain_core.messages import AIMessageChunk, InvalidToolCall
from langchain_core.messages.base import TextAccessor
from langchain_core.messages.tool import ToolCall, ToolCallChunk, tool_call_chunk
from langchain_core.outputs import ChatGenerationChunk

from langchain_mara_minimax.chunk_calls import derive_calls
from langchain_mara_minimax.messages import REASONING_TEXT
from mara_minimax.construction import constructor
from mara_minimax.types import JSONObject


def make_chunk(
    provider: str,
    text: str,
    reasoning: str,
    calls: list[ToolCallChunk],
    block_numbers: dict[str, int],
) -> ChatGenerationChunk:
    """Return a chunk, with an attribute `block_numbers` by which `blocks.py` numbers its blocks."""
    valid, invalid = derive_calls(calls) if calls else ([], [])
    values: JSONObject = {
        "content": text,
        "additional_kwargs": {REASONING_TEXT: reasoning} if reasoning else {},
        "response_metadata": {"model_provider": provider},
        "tool_call_chunks": calls,
        "tool_calls": valid,
        "invalid_tool_calls": invalid,
    }
    if block_numbers:
        # A chunk's values are its own.
        values["block_numbers"] = block_numbers.copy()
    message = _MAKERS[bool(calls), bool(block_numbers)](values)
    return _make_generation({"text": TextAccessor(text), "message": message})


def _validate_message(
    *,
    tool_calls: list[ToolCall],  # noqa: ARG001 - derived by the class itself
    invalid_tool_calls: list[InvalidToolCall],  # noqa: ARG001 - derived as well
    **values: Any,
) -> AIMessageChunk:
    return AIMessageChunk(**values)


def _message_constructor(calls: list[ToolCallChunk], extra: JSONObject) -> Any:
    return constructor(
        _validate_message,
        content="",
        additional_kwargs={},
        response_metadata={},
        tool_call_chunks=calls,
        tool_calls=[],
        invalid_tool_calls=[],
        **extra,
    )


_NO_CALLS: list[ToolCallChunk] = []
_A_CALL = [tool_call_chunk(name=None, args="?", id=None, index=0)]
_MAKERS = {
    (False, False): _message_constructor(_NO_CALLS, {}),
    (True, False): _message_constructor(_A_CALL, {}),
    (False, True): _message_constructor(_NO_CALLS, {"block_numbers": {}}),
    (True, True): _message_constructor(_A_CALL, {"block_numbers": {}}),
}
"""By whether there are calls, which set more fields, and whether there is an extra attribute."""


def _validate_generation(*, text: str, message: AIMessageChunk) -> ChatGenerationChunk:
    # The class takes its text from the message.
    del text
    return ChatGenerationChunk(message=message, generation_info=None)


_make_generation = constructor(_validate_generation, text="", message=AIMessageChunk(content=""))
