"""Tools: LlamaIndex tools to the wire, and calls in a response to tool selections."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any, Final

from llama_index.core.base.llms.types import (
    ChatResponse,
    ContentBlock,
    ToolCallBlock,
)
from llama_index.core.llms.llm import ToolSelection
from llama_index.core.program.function_program import get_function_tool
from llama_index.core.tools.function_tool import FunctionTool
from llama_index.core.tools.types import BaseTool, ToolMetadata
from typing_extensions import override

import mara_minimax
from llama_index_mara_minimax.messages import wire_calls
from mara_minimax.json_text import parse_object
from mara_minimax.reply.decoder import CUT_REASONS
from mara_minimax.types import JSONObject

_BROKEN: Final = " (its arguments are not one complete JSON object)"

ToolChoice = str | bool | JSONObject | None
"""As the core takes it: `"auto"`, `"none"`, `"required"`, `"any"`, a tool's name, or a dict."""


def to_wire_tools(tools: Sequence[BaseTool]) -> list[JSONObject]:
    """Return the function definitions of `tools`, with descriptions of any length.

    Raises `ParameterError` for what is no list of tools.
    """
    if not isinstance(tools, Sequence) or not all(isinstance(tool, BaseTool) for tool in tools):
        raise mara_minimax.errors.ParameterError(
            f"tools has to be a list of BaseTool objects, not {tools!r}."
        )
    return [_sendable(tool.metadata).to_openai_tool(skip_length_check=True) for tool in tools]


def names_without_code(tools: Sequence[BaseTool]) -> list[str]:
    """Return the names of the `tools` that only describe an object: nothing can run for them.

    Such is what `get_function_tool` makes of a pydantic class for structured prediction, be it
    for this package's program or for one of the framework's. All others count as code.
    """
    return [_sendable(tool.metadata).get_name() for tool in tools if _builds_object(tool)]


def callable_tools(tools: Sequence[BaseTool]) -> list[BaseTool]:
    """Return `tools` such that a call of what `to_wire_tools` sent finds and runs them.

    LlamaIndex sends `Result_int_` for a tool named `Result[int]` and then looks for the name it
    sent; and it cannot call a tool whose schema is recursive.
    """
    return [_callable_tool(tool) for tool in tools]


def tool_selections(response: ChatResponse) -> list[ToolSelection]:
    """Return the calls in `response`, also in one that is still being streamed.

    Streamed responses come with their arguments parsed as far as they go. A finished call
    whose arguments are no JSON object must run nothing: neither half an argument nor the
    tool's defaults. It selects a tool that does not exist, with a name that says why, so that
    an agent tells the model. A tool may change its arguments, so they are a copy: those in the
    message go back to the model.
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
    selections = []
    for position, (call_id, name, arguments) in enumerate(calls, 1):
        kwargs = None if _is_cut(response, arguments) else to_kwargs(arguments)
        selections.append(
            ToolSelection(
                tool_id=call_id or f"call_{position}",
                tool_name=name if kwargs is not None else name + _BROKEN,
                tool_kwargs=copy.deepcopy(kwargs or {}),
            )
        )
    return selections


def refuse_broken_calls(response: ChatResponse) -> None:
    """Raise `InvalidReplyError` if a finished `response` has a call that cannot be run."""
    finish_reason = response.additional_kwargs.get("finish_reason")
    if not finish_reason:
        return
    for block in response.message.blocks:
        if not isinstance(block, ToolCallBlock):
            continue
        if _is_cut(response, block.tool_kwargs) or to_kwargs(block.tool_kwargs) is None:
            raise mara_minimax.errors.InvalidReplyError(
                f"The arguments of the call of {block.tool_name!r} are not one complete JSON "
                f"object (finish reason {finish_reason!r}). A higher max_tokens may help.",
                retryable=True,
            )


def _is_cut(response: ChatResponse, arguments: Any) -> bool:
    """Whether a call was cut at the token limit, even if a server's parser closed its JSON.

    Replies of this package have the arguments of such a call as text, those of others parsed.
    """
    reason = response.additional_kwargs.get("finish_reason")
    return reason in CUT_REASONS and isinstance(arguments, str)


def refuse_unfinished_calls(response: ChatResponse) -> None:
    """Raise `InvalidReplyError` if a stream lasts, or broke, inside a call of `response`.

    Blocks show arguments as far as they go; the mirror has the text as it arrived.
    """
    if response.additional_kwargs.get("finish_reason"):
        return
    mirror = response.message.additional_kwargs.get("tool_calls")
    for call in mirror if isinstance(mirror, list) else ():
        function = call.get("function") if isinstance(call, dict) else None
        text = function.get("arguments") if isinstance(function, dict) else None
        # No text at all is a whole call once the stream has ended, and none before.
        if isinstance(text, str) and (not text or to_kwargs(text) is None):
            raise mara_minimax.errors.InvalidReplyError(
                f"The arguments of the call of {call['function'].get('name')!r} are not one "
                "complete JSON object (the stream has not ended).",
                retryable=True,
            )


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


def to_kwargs(arguments: Any) -> JSONObject | None:
    """Return arguments, parsed or as text, as keyword arguments; `None` if they are broken."""
    if isinstance(arguments, str):
        return parse_object(arguments or "{}")
    return arguments if isinstance(arguments, dict) else None


def _builds_object(tool: BaseTool) -> bool:
    """Whether the tool's function is the one inside `get_function_tool`, and no callback follows.

    Where an instrumentation has replaced either function, the tool counts as code.
    """
    if type(tool) is not FunctionTool or getattr(tool, "_callback", None) is not None:
        return False
    builder = getattr(get_function_tool, "__code__", None)
    code = getattr(tool.fn, "__code__", None)
    return any(code is constant for constant in getattr(builder, "co_consts", ()) if constant)


class _SendableMetadata(ToolMetadata):
    """Metadata whose name can be sent and whose parameters stand at the top of the schema."""

    @override
    def get_parameters_dict(self) -> JSONObject:
        parameters: JSONObject = super().get_parameters_dict()
        if "properties" in parameters or self.fn_schema is None:
            return parameters
        # Pydantic puts a class that contains itself under `$defs` and refers to it.
        schema = self.fn_schema.model_json_schema()
        name = schema.get("$ref", "").rpartition("/")[2]
        if not name:
            return {**parameters, "properties": {}}
        target = schema["$defs"][name]
        kept = {key: target[key] for key in ("type", "properties", "required") if key in target}
        return {**kept, "$defs": schema["$defs"]}


def _sendable(metadata: ToolMetadata) -> ToolMetadata:
    if type(metadata) is not ToolMetadata:
        # A class of its own knows better how it is sent.
        return metadata
    values = {field.name: getattr(metadata, field.name) for field in fields(metadata)}
    return _SendableMetadata(**{**values, "name": metadata._sanitize_name(metadata.name)})


def _callable_tool(tool: BaseTool) -> BaseTool:
    sendable = _sendable(tool.metadata)
    recursive = "properties" not in tool.metadata.get_parameters_dict()
    if not (recursive or sendable.name != tool.metadata.name) or not hasattr(tool, "_metadata"):
        return tool
    renamed = copy.copy(tool)
    renamed._metadata = sendable
    return renamed
