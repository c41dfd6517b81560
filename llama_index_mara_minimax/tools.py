"""Tools: LlamaIndex tools to the wire, and calls in a response to tool selections."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from llama_index.core.base.llms.types import (
    ChatResponse,
    ContentBlock,
    ToolCallBlock,
)
from llama_index.core.llms.llm import ToolSelection
from llama_index.core.tools.types import BaseTool

from llama_index_mara_minimax.messages import wire_calls
from mara_minimax.types import JSONObject

ToolChoice = str | bool | JSONObject | None
"""As the core takes it: `"auto"`, `"none"`, `"required"`, `"any"`, a tool's name, or a dict."""


def to_wire_tools(tools: Sequence[BaseTool]) -> list[JSONObject]:
    """Return the function definitions of `tools`, with descriptions of any length."""
    return [tool.metadata.to_openai_tool(skip_length_check=True) for tool in tools]


def tool_selections(response: ChatResponse) -> list[ToolSelection]:
    """Return the calls in `response`, also in one that is still being streamed.

    Streamed responses come with their arguments parsed as far as they go. Arguments of a
    finished call that are no JSON object select no values, so that the tool refuses them
    and the model learns of it; a guess could run a tool with half of an argument.
    """
    blocks = [b for b in response.message.blocks if isinstance(b, ToolCallBlock)]
    if blocks:
        calls: Iterable[tuple[str | None, str, Any]] = (
            (block.tool_call_id, block.tool_name, block.tool_kwargs) for block in blocks
        )
    else:
        calls = (
            (call["id"], call["function"]["name"], call["function"]["arguments"])
            for call in wire_calls(response.message)
        )
    return [
        ToolSelection(
            tool_id=call_id or f"call_{position}",
            tool_name=name,
            tool_kwargs=_to_kwargs(arguments),
        )
        for position, (call_id, name, arguments) in enumerate(calls, 1)
    ]


def keep_first_call(response: ChatResponse) -> ChatResponse:
    """Return `response` with at most one tool call."""
    blocks = response.message.blocks
    calls = [block for block in blocks if isinstance(block, ToolCallBlock)]
    if len(calls) < 2:
        return response
    kept = [b for b in blocks if not isinstance(b, ToolCallBlock) or b is calls[0]]
    return with_calls(response, kept, response.message.additional_kwargs.get("tool_calls", [])[:1])


def with_calls(
    response: ChatResponse, blocks: list[ContentBlock], mirror: list[JSONObject]
) -> ChatResponse:
    """Return a copy of `response` with other blocks and another mirror of its calls."""
    message = response.message.model_copy(
        update={
            "blocks": blocks,
            "additional_kwargs": {**response.message.additional_kwargs, "tool_calls": mirror},
        }
    )
    return response.model_copy(update={"message": message})


def _to_kwargs(arguments: Any) -> JSONObject:
    if isinstance(arguments, str):
        try:
            arguments = json.loads(arguments)
        except (ValueError, RecursionError):
            return {}
    return arguments if isinstance(arguments, dict) else {}
