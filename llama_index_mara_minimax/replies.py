"""Replies and deltas of the core to LlamaIndex responses.

Every response of a stream carries the whole message so far, because agents and memories keep
the last one they saw. Blocks that a delta does not change are shared between responses.
"""

from __future__ import annotations

import logging
from functools import partial

from llama_index.core.base.llms.types import (
    ChatMessage,
    ChatResponse,
    CompletionResponse,
    ContentBlock,
    MessageRole,
    TextBlock,
    ThinkingBlock,
    ToolCallBlock,
)

from llama_index_mara_minimax.messages import DETAILS_KEY, wire_call
from mara_minimax.construction import constructor
from mara_minimax.json_text import parse_partial_object
from mara_minimax.request.forced_tools import IGNORED_TOOL_CHOICE
from mara_minimax.types import Delta, JSONObject, Reasoning, Reply, ToolCallDelta, Usage

_logger = logging.getLogger(__name__)

_ALWAYS_PARSED = 512
"""Length up to which streamed arguments are parsed at every delta."""

_make_message = constructor(
    partial(ChatMessage, role=MessageRole.ASSISTANT), blocks=[], additional_kwargs={}
)
_make_response = constructor(ChatResponse, message=ChatMessage(), delta="", additional_kwargs={})
# Validation would copy the arguments each time.
_make_call_block = constructor(ToolCallBlock, tool_call_id="", tool_name="", tool_kwargs={})


def from_reply(reply: Reply, model: str | None = None) -> ChatResponse:
    """Return the response of a plain call, equal in all but the deltas to a stream's last.

    `model` is the one asked for, in case that the provider names none.
    """
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
        mirror.append(wire_call(call.id, call.name, call.arguments))
    if reply.finish_reason == "length":
        _logger.warning(
            "The reply %s of %s was cut at its token limit; raise `max_tokens`.",
            reply.id,
            reply.model,
        )
    message = _message(blocks, mirror)
    if reply.ignores_tool_choice:
        # A reply that had to be a call and is none; agents repeat such requests.
        message.additional_kwargs[IGNORED_TOOL_CHOICE] = True
    return ChatResponse(
        message=message,
        raw=_raw(reply, model),
        additional_kwargs={"finish_reason": reply.finish_reason, **_counts(reply.usage)},
    )


def to_completion(response: ChatResponse) -> CompletionResponse:
    """Return a chat response as a completion: the text without the reasoning."""
    return CompletionResponse(
        text=response.message.content or "",
        delta=response.delta,
        raw=response.raw,
        additional_kwargs=response.additional_kwargs,
    )


class ReplyStream:
    """The state of one streamed reply: feed it deltas, get cumulative responses."""

    __slots__ = ("_calls", "_model", "_reasoning", "_text", "_text_block", "_thinking_block")

    def __init__(self, model: str | None = None) -> None:
        """Start with an empty message; `model` as in `from_reply`."""
        self._model = model
        self._text = ""
        self._reasoning = ""
        self._text_block: TextBlock | None = None
        self._thinking_block: ThinkingBlock | None = None
        self._calls: dict[int, _StreamedCall] = {}

    def from_delta(self, delta: Delta) -> ChatResponse:
        """Return the response for `delta`, its message being all that came so far."""
        thinking = {"thinking_delta": delta.reasoning} if delta.reasoning else {}
        if delta.reply is not None:
            response = from_reply(delta.reply, self._model)
            response.delta = delta.text
            response.additional_kwargs.update(thinking)
            return response
        self._add(delta)
        return _make_response(
            {"message": self._message(), "delta": delta.text, "additional_kwargs": thinking}
        )

    def _add(self, delta: Delta) -> None:
        if delta.reasoning:
            self._reasoning += delta.reasoning
            self._thinking_block = ThinkingBlock(content=self._reasoning)
        if delta.text:
            self._text += delta.text
            self._text_block = TextBlock(text=self._text)
        for piece in delta.tool_calls:
            if piece.index not in self._calls:
                self._calls[piece.index] = _StreamedCall(piece.index)
            self._calls[piece.index].add(piece)

    def _message(self) -> ChatMessage:
        blocks: list[ContentBlock] = []
        if self._thinking_block:
            blocks.append(self._thinking_block)
        if self._text_block:
            blocks.append(self._text_block)
        elif not self._calls:
            blocks.append(TextBlock(text=""))
        calls = list(self._calls.values())
        blocks.extend(call.block for call in calls)
        return _message(blocks, [call.mirror for call in calls])


class _StreamedCall:
    """A tool call that is still arriving."""

    __slots__ = ("_arguments", "_id", "_kwargs", "_name", "_parsed_length", "block", "mirror")

    def __init__(self, index: int) -> None:
        # Tool selections need an id from the first chunk on; the reply's own replaces this one.
        self._id = f"call_{index + 1}"
        self._name = ""
        self._arguments = ""
        self._kwargs: JSONObject = {}
        self._parsed_length = 0

    def add(self, piece: ToolCallDelta) -> None:
        """Take a delta and build the block and its mirror anew; the former ones stay as given."""
        self._id = piece.id or self._id
        self._name = piece.name or self._name
        if piece.arguments:
            self._arguments += piece.arguments
            self._parse()
        self.block = _make_call_block(
            {"tool_call_id": self._id, "tool_name": self._name, "tool_kwargs": self._kwargs}
        )
        self.mirror = wire_call(self._id, self._name, self._arguments)

    def _parse(self) -> None:
        """Read what is there of the arguments.

        Long ones only after they grew by a sixteenth: reading them at every delta would cost
        the square of their length.
        """
        length = len(self._arguments)
        if length > _ALWAYS_PARSED and length < self._parsed_length * 17 // 16:
            return
        self._parsed_length = length
        if (kwargs := parse_partial_object(self._arguments)) is not None:
            self._kwargs = kwargs


def _thinking_block(reasoning: Reasoning, usage: Usage | None) -> ThinkingBlock:
    record = reasoning.to_record()
    if reasoning.details is not None:
        record[DETAILS_KEY] = reasoning.details
    return ThinkingBlock(
        content=reasoning.text,
        num_tokens=usage.reasoning_tokens if usage else None,
        additional_information=record,
    )


def _message(blocks: list[ContentBlock], mirror: list[JSONObject]) -> ChatMessage:
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


def _counts(usage: Usage | None) -> JSONObject:
    if usage is None:
        return {}
    return {
        "prompt_tokens": usage.input_tokens,
        "completion_tokens": usage.output_tokens,
        "total_tokens": usage.total_tokens,
    }
