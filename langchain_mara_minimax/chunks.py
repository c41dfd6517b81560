"""Convert the deltas of a stream into LangChain's chunks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from langchain_core.messages import AIMessageChunk
from langchain_core.messages.tool import ToolCallChunk, tool_call_chunk
from langchain_core.outputs import ChatGenerationChunk

from langchain_mara_minimax.block_order import BlockOrder
from langchain_mara_minimax.chunk_objects import make_chunk
from langchain_mara_minimax.replies import (
    call_kwargs,
    mark_kwargs,
    reasoning_kwargs,
    to_response_metadata,
    to_usage_metadata,
)
from mara_minimax.json_text import parse_object
from mara_minimax.types import Delta, Reply, ToolCallDelta

INVALIDATING_SUFFIX: Final = '{]"{]'
"""What makes arguments unreadable, whatever comes before it.

`AIMessageChunk` reads arguments as unfinished JSON and completes them, so a call that was cut
off (`{"path": "/tm`) would be run with wrong arguments. It has no field that says "invalid";
only arguments that no completion can mend have that effect. `{]` closes an object as a list,
which LangChain's parser takes as beyond mending as soon as it sees it. Inside a string it is
text, also behind a backslash; then the quote ends the string, and it stands there once more.
"""


class ChunkBuilder:
    """Turn the deltas of one stream into chunks that merge into the message of `from_reply`.

    Merging chunks joins strings, adds integers and fails on booleans, so whatever is said
    once stands on the last chunk alone, which carries no content. `model_provider` is on all
    of them: `content_blocks` of every chunk needs it, and equal providers merge into one.
    """

    def __init__(self, *, provider: str, model: str) -> None:
        """`model` is the one asked for, in case that the provider names none."""
        self._provider = provider
        self._model = model
        self._order = BlockOrder()
        self._arguments: dict[int, list[str]] = {}

    def from_delta(self, delta: Delta) -> list[ChatGenerationChunk]:
        """Return the chunks of one delta: its content, then on the last delta all the rest."""
        if not delta.tool_calls and delta.reply is None:
            self._order.add(delta)
            return [self._make(delta.text, delta.reasoning, [])]
        chunks: list[ChatGenerationChunk] = []
        calls = _tool_call_chunks(delta)
        if calls:
            for piece in delta.tool_calls:
                self._arguments.setdefault(piece.index, []).append(piece.arguments)
        if delta.text or delta.reasoning or calls:
            self._order.add(delta, calls)
            chunks.append(self._make(delta.text, delta.reasoning, calls))
        if delta.reply is not None:
            chunks.append(self._last_chunk(delta.reply))
        return chunks

    def abort(self) -> list[ChatGenerationChunk]:
        """Return what has to follow the chunks so far when the stream breaks: mostly nothing.

        Half a tool call would look like a call with other arguments to whoever adds up the
        chunks that came before the error.
        """
        arguments = {index: "".join(pieces) for index, pieces in self._arguments.items()}
        calls = [
            tool_call_chunk(name=None, args=INVALIDATING_SUFFIX, id=None, index=index)
            for index, text in arguments.items()
            if parse_object(text) is None
        ]
        return [self._make("", "", calls)] if calls else []

    def _make(self, text: str, reasoning: str, calls: list[ToolCallChunk]) -> ChatGenerationChunk:
        return make_chunk(self._provider, text, reasoning, calls, self._order.numbers)

    def _last_chunk(self, reply: Reply) -> ChatGenerationChunk:
        # Reasoning that ends in a closing tag alone is told from text only at the end, when
        # it has already been streamed as text. It then stays there, and is sent back there.
        told_late = reply.reasoning and reply.reasoning.text and not self._order.reasoned
        kwargs = {} if told_late else reasoning_kwargs(reply)
        message = AIMessageChunk(
            content="",
            additional_kwargs={
                **kwargs,
                **call_kwargs(reply),
                **mark_kwargs(reply),
                **self._order.to_kwargs(reply),
            },
            usage_metadata=to_usage_metadata(reply.usage),
            response_metadata=to_response_metadata(
                reply, provider=self._provider, model=self._model
            ),
            chunk_position="last",
        )
        info = {"finish_reason": reply.finish_reason} if reply.finish_reason else None
        return ChatGenerationChunk(message=message, generation_info=info)


def _tool_call_chunks(delta: Delta) -> list[ToolCallChunk]:
    """Return the pieces of calls in `delta`, one for each call; a chunk must not hold two."""
    pieces = delta.tool_calls
    if delta.reply is not None:
        pieces = (*pieces, *_invalidating_pieces(delta.reply))
    calls: dict[int, list[ToolCallDelta]] = {}
    for piece in pieces:
        calls.setdefault(piece.index, []).append(piece)
    return [_tool_call_chunk(index, pieces) for index, pieces in calls.items()]


def _tool_call_chunk(index: int, pieces: Sequence[ToolCallDelta]) -> ToolCallChunk:
    return tool_call_chunk(
        name=next((piece.name for piece in pieces if piece.name), None),
        args="".join([piece.arguments for piece in pieces]),
        id=next((piece.id for piece in pieces if piece.id), None),
        index=index,
    )


def _invalidating_pieces(reply: Reply) -> list[ToolCallDelta]:
    """Return a piece for each bad call of the finished `reply` that keeps it from being run.

    It follows the provider's own text in `args` of the invalid call; a call that was not
    streamed has that text alone.
    """
    return [
        ToolCallDelta(call.index, None, None, INVALIDATING_SUFFIX)
        for call in reply.tool_calls
        if call.parsed_arguments() is None or not call.name
    ]
