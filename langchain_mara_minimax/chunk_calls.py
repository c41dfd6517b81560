"""The calls that `AIMessageChunk` shows beside the pieces of calls that one chunk holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from langchain_core.messages import InvalidToolCall
from langchain_core.messages.tool import ToolCall, ToolCallChunk, invalid_tool_call, tool_call
from langchain_core.utils.json import parse_partial_json

from mara_minimax.json_text import parse_object
from mara_minimax.types import JSONObject

_JSON_SPACE: Final = " \t\n\r"
_LONGEST_COMPLETED: Final = 512
"""Length up to which half a piece is completed.

LangChain's parser takes the square of the length for text that no completion makes JSON.
"""


def derive_calls(
    chunks: Sequence[ToolCallChunk],
) -> tuple[list[ToolCall], list[InvalidToolCall]]:
    """Return the valid and the invalid calls that `AIMessageChunk` derives from pieces.

    It completes arguments that are cut off and takes what is then an object. Other than there,
    a long piece has to be one complete object to be a valid call.
    """
    valid: list[ToolCall] = []
    invalid: list[InvalidToolCall] = []
    for chunk in chunks:
        name, text, call_id = chunk["name"], chunk["args"], chunk["id"]
        arguments = _read(text) if text else {}
        if arguments is None:
            invalid.append(invalid_tool_call(name=name, args=text, id=call_id, error=None))
        else:
            valid.append(tool_call(name=name or "", args=arguments, id=call_id))
    return valid, invalid


def _read(text: str) -> JSONObject | None:
    # Most pieces come from the middle of the arguments and begin with something else.
    if not text.lstrip(_JSON_SPACE).startswith("{"):
        return None
    if len(text) > _LONGEST_COMPLETED:
        return parse_object(text)
    try:
        value = parse_partial_json(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
