"""Translate messages of these providers into LangChain's standard content blocks.

`content_blocks`, `output_version="v1"` and `stream_events(version="v3")` all ask the
translators registered here for the blocks of a message or of one chunk.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.messages.block_translators import register_translator
from langchain_core.messages.content import (
    KNOWN_BLOCK_TYPES,
    ContentBlock,
    NonStandardContentBlock,
    ReasoningContentBlock,
    TextContentBlock,
    ToolCall,
    ToolCallChunk,
)

from langchain_mara_minimax.messages import BLOCK_ORDER, REASONING_TEXT, REFUSAL
from mara_minimax.providers.endpoints import PROVIDER_NAMES

_INDICES = {"reasoning": "lc_rs", "text": "lc_txt"}
"""Beginnings of LangChain's own indices, as `lc_tc` is of calls'.

`tests/langchain/test_blocks.py::test_blocks_are_the_same_however_a_model_is_called` fails where
LangChain merges by others.
"""


def translate_message(message: AIMessage) -> list[ContentBlock]:
    """Return reasoning, text and tool calls of a whole message: so ordered, or as they came.

    A refusal stands behind them.
    """
    blocks: list[Any] = [*_spoken_blocks(message), *_tool_call_blocks(message)]
    ordered = _in_order(blocks, message.additional_kwargs.get(BLOCK_ORDER))
    return [*ordered, *_refusal_blocks(message)]


def translate_chunk(chunk: AIMessageChunk) -> list[ContentBlock]:
    """Return what one chunk adds, or the blocks of a whole message once the last one is merged.

    Each kind of block has its own index. Chunks merge by index alone, and without one
    LangChain numbers blocks 0, 1, 2 … as kinds alternate, where they meet the 0, 1, 2 … of
    parallel tool calls: a call would be merged into the reasoning. Of string indices only
    those that begin with `lc_` take part in merging.
    """
    if chunk.chunk_position == "last":
        return _numbered(translate_message(chunk), {})
    blocks = _numbered(_spoken_blocks(chunk), getattr(chunk, "block_numbers", {}))
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


def _numbered(blocks: Sequence[ContentBlock], first: Mapping[str, int]) -> list[ContentBlock]:
    """Give blocks of reasoning and text the index of their kind, counting from `first`."""
    numbers = {kind: count(first.get(kind, 0)) for kind in _INDICES}
    for block in blocks:
        if block["type"] in ("reasoning", "text"):
            block["index"] = f"{_INDICES[block['type']]}_{next(numbers[block['type']])}"
    return list(blocks)


def _in_order(blocks: list[Any], order: object) -> list[Any]:
    """Return `blocks` as `order` says, reasoning and text cut into the pieces that they were.

    Where `order` is none that `block_order.py` writes, the blocks stay as they are.
    """
    if not (order and isinstance(order, list | tuple) and all(map(_is_place, order))):
        return blocks
    texts = {block["type"]: block[block["type"]] for block in blocks if block["type"] in _INDICES}
    for kind, text in texts.items():
        if sum(length for part, length in order if part == kind) != len(text):
            return blocks  # The message was edited.
    calls = [block for block in blocks if block["type"] not in _INDICES]
    ordered: list[Any] = []
    for kind, value in order:
        if kind in texts:
            ordered.append({"type": kind, kind: texts[kind][:value]})
            texts[kind] = texts[kind][value:]
        elif calls and calls[0]["id"] == value:
            ordered.append(calls.pop(0))
    return [*ordered, *calls]


def _is_place(place: object) -> bool:
    """Whether `place` is a kind of block with its length, or with the id of its call."""
    match place:
        case ["reasoning" | "text", int(length)]:
            return length >= 0
        case ["tool_call", str() | None]:
            return True
    return False


def _spoken_blocks(message: AIMessage) -> list[ReasoningContentBlock | TextContentBlock]:
    if not isinstance(message.content, str):
        # Not made by these classes; LangChain then reads the blocks itself.
        raise NotImplementedError
    blocks: list[ReasoningContentBlock | TextContentBlock] = []
    reasoning = message.additional_kwargs.get(REASONING_TEXT)
    if reasoning and isinstance(reasoning, str):
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


def _refusal_blocks(message: AIMessage) -> list[Any]:
    """Return the refusal; before langchain-core 1.7.5 a block of a kind that is not standard."""
    refusal = message.additional_kwargs.get(REFUSAL)
    if not isinstance(refusal, str):
        return []
    block = {"type": "refusal", "refusal": refusal}
    if "refusal" in KNOWN_BLOCK_TYPES:
        return [block]
    return [NonStandardContentBlock(type="non_standard", value=block)]


def register_translators() -> None:
    """Make LangChain use the translators for every provider of this package."""
    for provider in PROVIDER_NAMES:
        register_translator(provider, translate_message, translate_chunk)
