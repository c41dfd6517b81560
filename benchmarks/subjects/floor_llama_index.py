"""What LlamaIndex itself costs: an LLM that yields responses without a request.

It builds what the smallest honest adapter has to build: for each piece a response whose
message holds everything so far, with the framework's own classes and decorators.
"""

# ruff: noqa: ARG002 - the signatures are the framework's

from __future__ import annotations

import asyncio
import time
from typing import Any

from llama_index.core.base.llms.types import (
    ChatMessage,
    ChatResponse,
    ChatResponseAsyncGen,
    ChatResponseGen,
    CompletionResponse,
    CompletionResponseGen,
    ContentBlock,
    LLMMetadata,
    MessageRole,
    TextBlock,
    ThinkingBlock,
    ToolCallBlock,
)
from llama_index.core.llms import CustomLLM
from llama_index.core.llms.callbacks import llm_chat_callback, llm_completion_callback

from benchmarks.wire import Part


class ScriptedLLM(CustomLLM):
    """Yields known pieces."""

    pieces: tuple[tuple[Part, str], ...]
    pause: float
    """Seconds before each, 0 for none."""

    @property
    def metadata(self) -> LLMMetadata:
        return LLMMetadata(model_name="scripted", is_chat_model=True)

    @llm_completion_callback()
    def complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponse:
        return CompletionResponse(text="".join(piece for _, piece in self.pieces))

    @llm_completion_callback()
    def stream_complete(
        self, prompt: str, formatted: bool = False, **kwargs: Any
    ) -> CompletionResponseGen:
        raise NotImplementedError

    @llm_chat_callback()
    def stream_chat(self, messages: Any, **kwargs: Any) -> ChatResponseGen:
        def responses() -> ChatResponseGen:
            for response in self._responses():
                if self.pause:
                    time.sleep(self.pause)
                yield response

        return responses()

    @llm_chat_callback()
    async def astream_chat(self, messages: Any, **kwargs: Any) -> ChatResponseAsyncGen:
        async def responses() -> ChatResponseAsyncGen:
            for response in self._responses():
                if self.pause:
                    await asyncio.sleep(self.pause)
                yield response

        return responses()

    def _responses(self) -> ChatResponseGen:
        parts: dict[Part, str] = {}
        for part, piece in self.pieces:
            parts[part] = parts.get(part, "") + piece
            message = ChatMessage(
                role=MessageRole.ASSISTANT,
                blocks=_blocks(parts),
                additional_kwargs=_mirror(parts) if "arguments" in parts else {},
            )
            yield ChatResponse(
                message=message,
                delta=piece if part == "text" else "",
                additional_kwargs={"thinking_delta": piece} if part == "reasoning" else {},
            )


def _blocks(parts: dict[Part, str]) -> list[ContentBlock]:
    blocks: list[ContentBlock] = []
    if "reasoning" in parts:
        blocks.append(ThinkingBlock(content=parts["reasoning"]))
    if "text" in parts:
        blocks.append(TextBlock(text=parts["text"]))
    if "arguments" in parts:
        blocks.append(ToolCallBlock(tool_name="save", tool_kwargs=parts["arguments"]))
    return blocks


def _mirror(parts: dict[Part, str]) -> dict[str, Any]:
    """Return the calls in the provider's form, where structured programs look for them."""
    function = {"name": "save", "arguments": parts["arguments"]}
    return {"tool_calls": [{"id": "call_1", "type": "function", "function": function}]}
