"""Shape the responses of one stream, without reading all that came at each of them."""

from __future__ import annotations

from typing import Any, Final

from llama_index.core.base.llms.types import ChatResponse, ContentBlock, ToolCallBlock

from llama_index_mara_minimax.structured import shape_response
from llama_index_mara_minimax.tools import with_calls
from mara_minimax.encoded_request import EncodedRequest

_ALWAYS_READ: Final = 512
"""Length up to which a text is read at every response."""


class StreamShaper:
    """Do for the responses of a stream what `shape_response` does for one.

    It reads text for the call that the text spells. A long one is read again only after it
    grew by a sixteenth, and the call found last is shown in between: reading it each time
    would cost the square of its length.
    """

    def __init__(self, request: EncodedRequest, *, one_call: bool) -> None:
        """Start before the first response."""
        self._request = request
        self._one_call = one_call
        self._read_length = 0
        self._blocks: list[ContentBlock] = []
        self._mirror: list[Any] = []

    def shape(self, response: ChatResponse) -> ChatResponse:
        """Return the next `response` as the call asks for it."""
        blocks = response.message.blocks
        length = len(response.message.content or "")
        grew = length <= _ALWAYS_READ or length >= self._read_length * 17 // 16
        called = any(isinstance(block, ToolCallBlock) for block in blocks)
        if grew or called or "finish_reason" in response.additional_kwargs:
            shaped = shape_response(response, self._request, one_call=self._one_call)
            self._read_length = length
            self._blocks = shaped.message.blocks[len(blocks) :]
            self._mirror = shaped.message.additional_kwargs.get("tool_calls", [])
            return shaped
        if not self._blocks:
            return response
        return with_calls(response, [*blocks, *self._blocks], self._mirror)
