"""Convert the core's replies into LangChain's messages."""

from __future__ import annotations

from collections.abc import Sequence

from langchain_core.messages import AIMessage, InvalidToolCall
from langchain_core.messages.ai import InputTokenDetails, OutputTokenDetails, UsageMetadata
from langchain_core.messages.tool import (
    ToolCall,
    invalid_tool_call,
    tool_call,
)
from langchain_core.outputs import ChatGeneration, ChatResult

from langchain_mara_minimax.messages import (
    CALL_RECORD,
    REASONING_DETAILS,
    REASONING_RECORD,
    REASONING_TEXT,
    REFUSAL,
)
from mara_minimax.json_text import to_json_text
from mara_minimax.reply.usage import decode_usage
from mara_minimax.request.forced_tools import IGNORED_TOOL_CHOICE
from mara_minimax.request.warnings import warn_of_leaked_calls
from mara_minimax.types import JSONObject, Reply, Usage

LEAKED_CALLS = "leaked_tool_calls"
"""Whether the text holds markup of tool calls, in `response_metadata`."""
_SHARED = ("model_name", "token_usage")
_BAD_ARGUMENTS = "The arguments are not one complete JSON object."
_CUT = "The answer was cut within this call; a higher max_tokens may help."


def from_reply(reply: Reply, *, provider: str, model: str) -> AIMessage:
    """Return the message that LangChain shows for a whole reply."""
    kwargs = {**reasoning_kwargs(reply), **call_kwargs(reply), **mark_kwargs(reply)}
    if reply.reasoning and reply.reasoning.text:
        kwargs[REASONING_TEXT] = reply.reasoning.text
    valid: list[ToolCall] = []
    invalid: list[InvalidToolCall] = []
    for call in reply.tool_calls:
        arguments = call.parsed_arguments()
        if arguments is not None and call.name:
            valid.append(tool_call(name=call.name, args=arguments, id=call.id))
        else:
            error = "The call has no name." if arguments is not None else _BAD_ARGUMENTS
            error = _CUT if call.is_cut else error
            invalid.append(
                invalid_tool_call(name=call.name, args=call.arguments, id=call.id, error=error)
            )
    return AIMessage(
        content=reply.text,
        additional_kwargs=kwargs,
        tool_calls=valid,
        invalid_tool_calls=invalid,
        usage_metadata=to_usage_metadata(reply.usage),
        response_metadata=to_response_metadata(reply, provider=provider, model=model),
    )


def reasoning_kwargs(reply: Reply) -> JSONObject:
    """Return the parts of a reply's reasoning that are said once, also in a stream."""
    if reply.reasoning is None:
        return {}
    kwargs: JSONObject = {REASONING_RECORD: reply.reasoning.to_record()}
    if reply.reasoning.details:
        kwargs[REASONING_DETAILS] = reply.reasoning.details
    return kwargs


def call_kwargs(reply: Reply) -> JSONObject:
    """Return the calls as received, in order, where LangChain's fields cannot say that.

    It keeps arguments parsed, and valid calls apart from broken ones.
    """
    parsed = [call.parsed_arguments() for call in reply.tool_calls]
    rewritten = any(
        arguments is None or to_json_text(arguments) != call.arguments
        for call, arguments in zip(reply.tool_calls, parsed, strict=True)
    )
    if not rewritten:
        return {}
    return {CALL_RECORD: [{"id": c.id, "arguments": c.arguments} for c in reply.tool_calls]}


def mark_kwargs(reply: Reply) -> JSONObject:
    """Return the marks of a reply that is not what was asked for.

    One had to be a call and is none (agents repeat such requests); one is a refusal.
    """
    marks: JSONObject = {IGNORED_TOOL_CHOICE: True} if reply.ignores_tool_choice else {}
    if reply.refusal is not None:
        marks[REFUSAL] = reply.refusal
    return marks


def to_response_metadata(reply: Reply, *, provider: str, model: str) -> JSONObject:
    """Return what the provider said about the reply; `model` stands in for an unnamed one.

    Warns of calls that stand in the text as markup.
    """
    metadata: JSONObject = {
        **reply.metadata,
        "model_provider": provider,
        "model_name": reply.model or model,
        "finish_reason": reply.finish_reason,
    }
    if reply.leaks_tool_calls:
        metadata[LEAKED_CALLS] = True
        warn_of_leaked_calls(metadata["model_name"])
    if reply.id:
        metadata["id"] = reply.id
    if reply.usage:
        metadata["token_usage"] = reply.usage.raw
    return metadata


def to_usage_metadata(usage: Usage | None) -> UsageMetadata | None:
    """Return the token counts; details that the provider did not give are absent."""
    if usage is None:
        return None
    counts = UsageMetadata(
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        total_tokens=usage.total_tokens,
    )
    details = InputTokenDetails()
    if usage.cache_read_tokens is not None:
        details["cache_read"] = usage.cache_read_tokens
    if usage.cache_creation_tokens is not None:
        details["cache_creation"] = usage.cache_creation_tokens
    if details:
        counts["input_token_details"] = details
    if usage.reasoning_tokens is not None:
        counts["output_token_details"] = OutputTokenDetails(reasoning=usage.reasoning_tokens)
    return counts


def to_result(message: AIMessage) -> ChatResult:
    """Return `message` as LangChain's result of a call."""
    metadata = message.response_metadata
    info = {"finish_reason": metadata["finish_reason"]}
    # LangChain merges these into `response_metadata`, so they repeat what stands there.
    shared = {name: metadata[name] for name in _SHARED if name in metadata}
    generation = ChatGeneration(message=message, generation_info=info)
    return ChatResult(generations=[generation], llm_output=shared)


def combine_outputs(outputs: Sequence[JSONObject]) -> JSONObject:
    """Return what several results have in common: their model, and their token counts added up.

    The provider's rates and times are left out, since they cannot be added, and so is whatever
    else stands where a count belongs.
    """
    combined = {"model_name": outputs[0]["model_name"]} if outputs else {}
    usages = [usage for output in outputs if (usage := decode_usage(output.get("token_usage")))]
    if usages:
        combined["token_usage"] = {
            "prompt_tokens": sum(usage.input_tokens for usage in usages),
            "completion_tokens": sum(usage.output_tokens for usage in usages),
            "total_tokens": sum(usage.total_tokens for usage in usages),
        }
    return combined
