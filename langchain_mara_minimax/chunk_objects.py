"""Make LangChain's chunk objects without validating each.

Validation costs 6 µs a chunk, which is more than all else that is done for it, and finds
nothing: the values are the core's own. `tests/langchain/test_chunk_objects.py` compares what is
made with what validation makes, field by field.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from langchain_core.messages import AIMessageChunk, InvalidToolCall
from langchain_core.messages.tool import (
    ToolCall,
    ToolCallChunk,
    invalid_tool_call,
    tool_call,
    tool_call_chunk,
)
from langchain_core.outputs import ChatGenerationChunk

from langchain_mara_minimax.messages import REASONING_TEXT
from mara_minimax.construction import constructor
from mara_minimax.types import JSONObject

_JSON_SPACE = " \t\n\r"


def make_chunk(
    provider: str, text: str, reasoning: str, calls: list[ToolCallChunk], extra: JSONObject
) -> ChatGenerationChunk:
    """Return a chunk; `extra` is empty or has `block_numbers`, which `AIMessageChunk` has not."""
    values: JSONObject = {
        "content": text,
        "additional_kwargs": {REASONING_TEXT: reasoning} if reasoning else {},
        "response_metadata": {"model_provider": provider},
        "tool_call_chunks": calls,
        **extra,
    }
    derived = _derived_calls(calls) if calls else ([], [])
    if derived is None:
        message = AIMessageChunk(**values)
    else:
        values["tool_calls"], values["invalid_tool_calls"] = derived
        message = _MAKERS[bool(calls), bool(extra)](values)
    return _make_generation({"text": message.text, "message": message})


def _validate_message(
    *,
    tool_calls: list[ToolCall],  # noqa: ARG001 - derived by the class itself
    invalid_tool_calls: list[InvalidToolCall],  # noqa: ARG001 - derived as well
    **values: Any,
) -> AIMessageChunk:
    return AIMessageChunk(**values)


def _derived_calls(
    chunks: Sequence[ToolCallChunk],
) -> tuple[list[ToolCall], list[InvalidToolCall]] | None:
    """Return the calls that `AIMessageChunk` derives from pieces, `None` if it has to parse.

    It completes arguments that are cut off and takes what is then an object. A piece that does
    not begin with `{` cannot be one, and most pieces come from the middle of the arguments.
    """
    valid: list[ToolCall] = []
    invalid: list[InvalidToolCall] = []
    for chunk in chunks:
        name, arguments, call_id = chunk["name"], chunk["args"], chunk["id"]
        if not arguments:
            valid.append(tool_call(name=name or "", args={}, id=call_id))
        elif arguments.lstrip(_JSON_SPACE).startswith("{"):
            return None
        else:
            invalid.append(invalid_tool_call(name=name, args=arguments, id=call_id, error=None))
    return valid, invalid


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
