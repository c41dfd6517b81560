"""Convert the core's replies into LlamaIndex's responses."""

from __future__ import annotations

import logging
from contextlib import closing
from functools import partial

from llama_index.core.base.llms.types import (
    ChatMessage,
    ChatResponse,
    ChatResponseAsyncGen,
    ChatResponseGen,
    CompletionResponse,
    CompletionResponseAsyncGen,
    CompletionResponseGen,
    ContentBlock,
    MessageRole,
    TextBlock,
    ThinkingBlock,
    ToolCallBlock,
)

import mara_minimax
from llama_index_mara_minimax.messages import LEAKED_CALLS, REASONING_DETAILS, REFUSAL
from mara_minimax.construction import constructor
from mara_minimax.request.forced_tools import IGNORED_TOOL_CHOICE
from mara_minimax.request.tools import encode_tool_call
from mara_minimax.request.warnings import warn_of_leaked_calls
from mara_minimax.transport.event_loops import UnregisteredAsyncGenerator
from mara_minimax.types import JSONObject, Reasoning, Reply, Usage

_logger = logging.getLogger(__name__)

_make_message = constructor(
    partial(ChatMessage, role=MessageRole.ASSISTANT), blocks=[], additional_kwargs={}
)


def from_reply(reply: Reply, model: str | None = None) -> ChatResponse:
    """Return the response of a plain call, equal in all but the deltas to a stream's last.

    `model` is the one asked for, in case that the provider names none.

    Raises:
        ContentFilterError: The reply is a refusal and holds nothing else.
    """
    if reply.refusal is not None and not (reply.text.strip() or reply.tool_calls):
        raise mara_minimax.errors.ContentFilterError(
            f"The answer is a refusal: {reply.refusal}", request_id=reply.id, partial=reply
        )
    blocks: list[ContentBlock] = []
    if reply.reasoning:
        blocks.append(_thinking_block(reply.reasoning, reply.usage))
    if reply.text or not reply.tool_calls:
        blocks.append(TextBlock(text=reply.text))
    mirror = []
    for call in reply.tool_calls:
        parsed = call.parsed_arguments()
        kwargs = call.arguments if parsed is None else parsed
        blocks.append(ToolCallBlock(tool_call_id=call.id, tool_name=call.name, tool_kwargs=kwargs))
        mirror.append(encode_tool_call(call.id, call.name, call.arguments))
    if reply.finish_reason == "length":
        _logger.warning(
            "The reply %s of %s was cut at its token limit; raise `max_tokens`.",
            reply.id,
            reply.model,
        )
    if reply.leaks_tool_calls:
        warn_of_leaked_calls(reply.model or model or "")
    message = to_message(blocks, mirror)
    message.additional_kwargs.update(mark_kwargs(reply))
    return ChatResponse(
        message=message,
        raw=_raw(reply, model),
        additional_kwargs={
            "finish_reason": reply.finish_reason,
            **_word_kwargs(reply),
            **_counts(reply.usage),
            **_cached(reply.usage),
        },
    )


def mark_kwargs(reply: Reply) -> JSONObject:
    """Return the marks of a reply that is not what was asked for.

    One had to be a call and is none (agents repeat such requests); one is a refusal, one holds
    calls as text.
    """
    marks: JSONObject = {IGNORED_TOOL_CHOICE: True} if reply.ignores_tool_choice else {}
    return {**marks, **_word_kwargs(reply)}


def _word_kwargs(reply: Reply) -> JSONObject:
    """Return the marks of what the text is, which stand in the response too."""
    marks: JSONObject = {LEAKED_CALLS: True} if reply.leaks_tool_calls else {}
    if reply.refusal is not None:
        marks[REFUSAL] = reply.refusal
    return marks


def to_completion(response: ChatResponse) -> CompletionResponse:
    """Return a chat response as a completion: the text without the reasoning."""
    return CompletionResponse(
        text=response.message.content or "",
        delta=response.delta,
        raw=response.raw,
        additional_kwargs=response.additional_kwargs,
    )


def to_completions(responses: ChatResponseGen) -> CompletionResponseGen:
    """Yield each of the `responses` of a stream as a completion."""
    with closing(responses):
        for response in responses:
            yield to_completion(response)


async def ato_completions(responses: ChatResponseAsyncGen) -> CompletionResponseAsyncGen:
    """Yield each of the `responses` of a stream as a completion."""
    async with UnregisteredAsyncGenerator(responses) as owned:
        async for response in owned:
            yield to_completion(response)


def _thinking_block(reasoning: Reasoning, usage: Usage | None) -> ThinkingBlock:
    record = reasoning.to_record()
    if reasoning.details is not None:
        record[REASONING_DETAILS] = reasoning.details
    return ThinkingBlock(
        content=reasoning.text,
        num_tokens=usage.reasoning_tokens if usage else None,
        additional_information=record,
    )


def to_message(blocks: list[ContentBlock], mirror: list[JSONObject]) -> ChatMessage:
    """Return an assistant's message of `blocks`; `mirror` are its calls in wire form."""
    return _make_message(
        {
            "blocks": blocks,
            # Structured programs of LlamaIndex look here to learn that a message calls tools.
            "additional_kwargs": {"tool_calls": mirror} if mirror else {},
        }
    )


def _raw(reply: Reply, model: str | None) -> JSONObject:
    raw = {
        **reply.metadata,
        "id": reply.id,
        "model": reply.model or model,
        "finish_reason": reply.finish_reason,
    }
    if reply.usage:
        # Token counters take the counts from here and trip over a missing or null one.
        raw["usage"] = {**reply.usage.raw, **_counts(reply.usage), **_details(reply.usage)}
    return raw


def _details(usage: Usage) -> JSONObject:
    """Return the counts of parts where OpenAI has them, if the host has them elsewhere."""
    places = {
        "prompt_tokens_details": ("cached_tokens", usage.cache_read_tokens),
        "completion_tokens_details": ("reasoning_tokens", usage.reasoning_tokens),
    }
    return {
        place: {name: count}
        for place, (name, count) in places.items()
        if count is not None and not usage.raw.get(place)
    }


def _cached(usage: Usage | None) -> JSONObject:
    """Return the tokens that the prompt cache gave and took, as LlamaIndex's Anthropic class."""
    counts = {
        "cache_read_input_tokens": usage.cache_read_tokens if usage else None,
        "cache_creation_input_tokens": usage.cache_creation_tokens if usage else None,
    }
    return {name: count for name, count in counts.items() if count is not None}


def _counts(usage: Usage | None) -> JSONObject:
    if usage is None:
        return {}
    return {
        "prompt_tokens": usage.input_tokens,
        "completion_tokens": usage.output_tokens,
        "total_tokens": usage.total_tokens,
    }
