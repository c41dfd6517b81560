"""Convert the deltas of a stream into LlamaIndex's responses.

Every response of a stream carries the whole message so far, because agents and memories keep
the last one they saw. Blocks that a delta does not change are shared between responses.
"""

from __future__ import annotations

from typing import Any

from llama_index.core.base.llms.types import (
    ChatMessage,
    ChatResponse,
    ContentBlock,
    TextBlock,
    ThinkingBlock,
    ToolCallBlock,
)

from llama_index_mara_minimax.replies import from_reply, to_message
from llama_index_mara_minimax.structured import shape_response
from llama_index_mara_minimax.tools import with_calls
from mara_minimax.construction import constructor
from mara_minimax.encoded_request import EncodedRequest
from mara_minimax.json_text import parse_partial_object
from mara_minimax.reply.growth import Growth
from mara_minimax.request.tools import encode_tool_call
from mara_minimax.types import Delta, JSONObject, ToolCallDelta

_make_response = constructor(ChatResponse, message=ChatMessage(), delta="", additional_kwargs={})
_make_text_block = constructor(TextBlock, text="")
# Validation would copy the arguments each time.
_make_call_block = constructor(ToolCallBlock, tool_call_id="", tool_name="", tool_kwargs={})


class ChunkBuilder:
    """Turn the deltas of one stream into responses, the last of which is that of `from_reply`."""

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
            {"message": self._so_far(), "delta": delta.text, "additional_kwargs": thinking}
        )

    def _add(self, delta: Delta) -> None:
        if delta.reasoning:
            self._reasoning += delta.reasoning
            self._thinking_block = ThinkingBlock(content=self._reasoning)
        if delta.text:
            self._text += delta.text
            self._text_block = _make_text_block({"text": self._text})
        for piece in delta.tool_calls:
            if piece.index not in self._calls:
                self._calls[piece.index] = _StreamedCall(piece.index)
            self._calls[piece.index].add(piece)

    def _so_far(self) -> ChatMessage:
        blocks: list[ContentBlock] = []
        if self._thinking_block:
            blocks.append(self._thinking_block)
        if self._text_block:
            blocks.append(self._text_block)
        elif not self._calls:
            blocks.append(TextBlock(text=""))
        if not self._calls:
            return to_message(blocks, [])
        calls = list(self._calls.values())
        blocks.extend(call.block for call in calls)
        return to_message(blocks, [call.mirror for call in calls])


class _StreamedCall:
    """A tool call that is still arriving."""

    __slots__ = ("_arguments", "_growth", "_id", "_kwargs", "_name", "block", "mirror")

    def __init__(self, index: int) -> None:
        # Tool selections need an id from the first chunk on; the reply's own replaces this one.
        self._id = f"call_{index + 1}"
        self._name = ""
        self._arguments = ""
        self._kwargs: JSONObject = {}
        self._growth = Growth()

    def add(self, piece: ToolCallDelta) -> None:
        """Take a delta and build the block and its mirror anew; the former ones stay as given."""
        self._id = piece.id or self._id
        self._name = piece.name or self._name
        if piece.arguments:
            self._arguments += piece.arguments
            if self._growth.is_due(len(self._arguments)):
                self._kwargs = parse_partial_object(self._arguments) or self._kwargs
        self.block = _make_call_block(
            {"tool_call_id": self._id, "tool_name": self._name, "tool_kwargs": self._kwargs}
        )
        self.mirror = encode_tool_call(self._id, self._name, self._arguments)


class StreamShaper:
    """Do for the responses of a stream what `shape_response` does for one.

    It reads text for the call that the text spells. A long one is not read again each time,
    and the call found last is shown in between.
    """

    def __init__(self, request: EncodedRequest, *, one_call: bool) -> None:
        """Start before the first response."""
        self._request = request
        self._one_call = one_call
        self._changes_nothing = request.forced is None and not one_call
        self._growth = Growth()
        self._blocks: list[ContentBlock] = []
        self._mirror: list[Any] = []

    def shape(self, response: ChatResponse) -> ChatResponse:
        """Return the next `response` as the call asks for it."""
        if self._changes_nothing:
            return response
        blocks = response.message.blocks
        if (
            self._growth.is_due(len(response.message.content or ""))
            or "finish_reason" in response.additional_kwargs
            or any(isinstance(block, ToolCallBlock) for block in blocks)
        ):
            shaped = shape_response(response, self._request, one_call=self._one_call)
            self._blocks = shaped.message.blocks[len(blocks) :]
            self._mirror = shaped.message.additional_kwargs.get("tool_calls", [])
            return shaped
        if not self._blocks:
            return response
        return with_calls(response, [*blocks, *self._blocks], self._mirror)
