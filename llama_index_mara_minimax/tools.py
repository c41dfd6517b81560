"""Tools: LlamaIndex tools to the wire, and calls in a response to tool selections."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final

from llama_index.core.base.llms.types import (
    ChatMessage,
    ChatResponse,
    ContentBlock,
    MessageRole,
    ToolCallBlock,
)
from llama_index.core.llms.llm import ToolSelection
from llama_index.core.program.function_program import get_function_tool
from llama_index.core.tools.function_tool import FunctionTool
from llama_index.core.tools.types import BaseTool, ToolMetadata
from typing_extensions import override

import mara_minimax
from llama_index_mara_minimax.messages import to_wire_calls
from mara_minimax.json_text import parse_object
from mara_minimax.reply.finish_reasons import CUT
from mara_minimax.request.tools import ToolChoice
from mara_minimax.types import JSONObject

if TYPE_CHECKING:
    from mara_minimax.errors import InvalidReplyError

_UNSENDABLE: Final = re.compile(r"[^a-zA-Z0-9_-]")
"""Characters that LlamaIndex does not send in a name."""

_BROKEN: Final = " (its arguments are not one complete JSON object)"


def to_wire_tools(tools: Sequence[BaseTool], *, strict: bool | None = None) -> list[JSONObject]:
    """Return the function definitions of `tools`, with descriptions of any length.

    `strict` says whether arguments must match the schema, for providers that support it.

    Raises:
        ParameterError: `tools` are no list of tools.
    """
    if not isinstance(tools, Sequence) or not all(isinstance(tool, BaseTool) for tool in tools):
        raise mara_minimax.errors.ParameterError(
            f"tools has to be a list of BaseTool objects, not {tools!r}."
        )
    wire = [_sendable(tool.metadata).to_openai_tool(skip_length_check=True) for tool in tools]
    if strict is not None:
        for tool in wire:
            tool["function"]["strict"] = strict
    return wire


def prepare_chat(  # noqa: PLR0917 - the order of LlamaIndex's own method
    tools: Sequence[BaseTool],
    user_msg: str | ChatMessage | None = None,
    chat_history: Sequence[ChatMessage] | None = None,
    verbose: bool = False,  # noqa: ARG001 - LlamaIndex's
    allow_parallel_tool_calls: bool = False,
    tool_required: bool = False,
    tool_choice: ToolChoice = None,
    strict: bool | None = None,
    **kwargs: Any,
) -> JSONObject:
    """Return the arguments of `chat` for a call with tools; `chat_history` is not changed."""
    if isinstance(user_msg, str):
        user_msg = ChatMessage(role=MessageRole.USER, content=user_msg)
    new = () if user_msg is None else (user_msg,)
    prepared: JSONObject = {"messages": [*(chat_history or ()), *new], **kwargs}
    if wire_tools := to_wire_tools(tools, strict=strict):
        prepared["tools"] = wire_tools
        if not allow_parallel_tool_calls:
            prepared["parallel_tool_calls"] = False
    if without_code := names_without_code(tools):
        prepared["tools_without_code"] = without_code
    if tool_required and tool_choice in (None, "auto"):
        tool_choice = "required"
    if tool_choice is not None:
        prepared["tool_choice"] = tool_choice
    return prepared


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


def tool_selections(response: ChatResponse, *, required: bool) -> list[ToolSelection]:
    """Return the calls in `response`, also in one that is still being streamed.

    Streamed responses come with their arguments parsed as far as they go. A finished call
    whose arguments are no JSON object must run nothing: neither half an argument nor the
    tool's defaults. It selects a tool that does not exist, with a name that says why, so that
    an agent tells the model. A tool may change its arguments, so they are a copy: those in the
    message go back to the model.

    Raises:
        ValueError: There is none, and one is `required`.
        InvalidReplyError: There is one that cannot be run, and one is `required`.
    """
    if required:
        refuse_broken_calls(response)
        refuse_unfinished_calls(response)
    blocks = [b for b in response.message.blocks if isinstance(b, ToolCallBlock)]
    if blocks:
        calls: Iterable[tuple[str | None, str, Any]] = (
            (block.tool_call_id, block.tool_name, block.tool_kwargs) for block in blocks
        )
    else:
        calls = (
            (call["id"], call["function"]["name"], call["function"]["arguments"])
            for call in to_wire_calls(response.message)
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
    if required and not selections:
        raise ValueError("Expected at least one tool call, but got 0 tool calls.")
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
            raise _broken_call(
                block.tool_name, f"finish reason {finish_reason!r}). A higher max_tokens may help."
            )


def _is_cut(response: ChatResponse, arguments: Any) -> bool:
    """Whether a call was cut at the token limit, even if a server's parser closed its JSON.

    Replies of this package have the arguments of such a call as text, those of others parsed.
    """
    reason = response.additional_kwargs.get("finish_reason")
    return reason in CUT and isinstance(arguments, str)


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
            raise _broken_call(call["function"].get("name"), "the stream has not ended).")


def _broken_call(name: object, ending: str) -> InvalidReplyError:
    return mara_minimax.errors.InvalidReplyError(
        f"The arguments of the call of {name!r} are not one complete JSON object ({ending}",
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
    # `_callback` is LlamaIndex's own; its guard in tests/llama_index/test_forced_tools.py is
    # `test_only_what_the_framework_makes_of_a_class_runs_no_code`.
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
    if metadata.name is not None:
        values["name"] = _UNSENDABLE.sub("_", metadata.name)
    return _SendableMetadata(**values)


def _callable_tool(tool: BaseTool) -> BaseTool:
    sendable = _sendable(tool.metadata)
    recursive = "properties" not in tool.metadata.get_parameters_dict()
    if not (recursive or sendable.name != tool.metadata.name) or not hasattr(tool, "_metadata"):
        return tool
    renamed = copy.copy(tool)
    # LlamaIndex's own tools keep it there; `tests/llama_index/test_structured_schemas.py` and
    # `test_predict_and_call.py` fail when they do not.
    renamed._metadata = sendable  # noqa: SLF001 - the tests that guard it are named above
    return renamed
