"""Translate messages of these providers into LangChain's standard content blocks.

`content_blocks`, `output_version="v1"` and `stream_events(version="v3")` all ask the
translators registered here for the blocks of a message or of one chunk.
"""

from __future__ import annotations

from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.messages.block_translators import register_translator
from langchain_core.messages.content import (
    ContentBlock,
    ReasoningContentBlock,
    TextContentBlock,
    ToolCall,
    ToolCallChunk,
)

from langchain_mara_minimax.messages import REASONING_TEXT
from mara_minimax.providers import PROVIDERS


def translate_message(message: AIMessage) -> list[ContentBlock]:
    """Return reasoning, text and tool calls of a whole message, in this order."""
    return [*_spoken_blocks(message), *_tool_call_blocks(message)]


def translate_chunk(chunk: AIMessageChunk) -> list[ContentBlock]:
    """Return what one chunk adds, or the blocks of a whole message once the last one is merged.

    Each kind of block has its own index. Chunks merge by index alone, and without one
    LangChain numbers blocks 0, 1, 2 … as kinds alternate, where they meet the 0, 1, 2 … of
    parallel tool calls: a call would be merged into the reasoning. Of string indices only
    those that begin with `lc_` take part in merging.
    """
    blocks = _spoken_blocks(chunk)
    for block in blocks:
        block["index"] = "lc_rs_0" if block["type"] == "reasoning" else "lc_txt_0"
    if chunk.chunk_position == "last":
        return [*blocks, *_tool_call_blocks(chunk)]
    pieces = [
        ToolCallChunk(
            type="tool_call_chunk",
            id=call["id"],
            name=call["name"],
            args=call["args"],
            index=f"lc_tc_{call['index']}",
        )
        for call in chunk.tool_call_chunks
    ]
    return [*blocks, *pieces]


def _spoken_blocks(message: AIMessage) -> list[ReasoningContentBlock | TextContentBlock]:
    if not isinstance(message.content, str):
        # Not made by these classes; LangChain then reads the blocks itself.
        raise NotImplementedError
    blocks: list[ReasoningContentBlock | TextContentBlock] = []
    if reasoning := message.additional_kwargs.get(REASONING_TEXT):
        blocks.append(ReasoningContentBlock(type="reasoning", reasoning=reasoning))
    if message.content:
        blocks.append(TextContentBlock(type="text", text=message.content))
    return blocks


def _tool_call_blocks(message: AIMessage) -> list[ToolCall]:
    """Return the valid calls; LangChain adds `invalid_tool_calls` where it wants them."""
    return [
        ToolCall(type="tool_call", id=call["id"], name=call["name"], args=call["args"])
        for call in message.tool_calls
    ]


def register_translators() -> None:
    """Make LangChain use the translators for every provider of this package."""
    for provider in {provider.name for provider in PROVIDERS}:
        register_translator(provider, translate_message, translate_chunk)
