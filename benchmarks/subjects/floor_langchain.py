"""What LangChain itself costs: a chat model that yields chunks without a request.

It builds what the smallest honest adapter has to build: a message chunk for each piece, with
the piece in it, and the counts at the end. LangChain's core adds ids and callbacks itself.
"""

# ruff: noqa: ARG002 - the signatures are the framework's

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.messages.ai import UsageMetadata
from langchain_core.messages.tool import tool_call_chunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult

from benchmarks.wire import Part

_USAGE = UsageMetadata(input_tokens=10, output_tokens=20, total_tokens=30)


class ScriptedChatModel(BaseChatModel):
    """Yields known pieces."""

    pieces: tuple[tuple[Part, str], ...]
    pause: float
    """Seconds before each, 0 for none."""

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def _generate(
        self, messages: Any, stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> ChatResult:
        text = "".join(piece for _, piece in self.pieces)
        message = AIMessage(content=text, usage_metadata=_USAGE)
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _stream(
        self, messages: Any, stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> Iterator[ChatGenerationChunk]:
        opened = False
        for part, piece in self.pieces:
            if self.pause:
                time.sleep(self.pause)
            chunk = ChatGenerationChunk(message=_message(part, piece, opened))
            opened = True
            if run_manager is not None:
                run_manager.on_llm_new_token(chunk.text, chunk=chunk)
            yield chunk
        yield _last()

    async def _astream(
        self, messages: Any, stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> AsyncIterator[ChatGenerationChunk]:
        opened = False
        for part, piece in self.pieces:
            if self.pause:
                await asyncio.sleep(self.pause)
            chunk = ChatGenerationChunk(message=_message(part, piece, opened))
            opened = True
            if run_manager is not None:
                await run_manager.on_llm_new_token(chunk.text, chunk=chunk)
            yield chunk
        yield _last()


def _message(part: Part, piece: str, opened: bool) -> AIMessageChunk:
    if part == "text":
        return AIMessageChunk(content=piece)
    if part == "reasoning":
        return AIMessageChunk(content="", additional_kwargs={"reasoning_content": piece})
    name, call_id = (None, None) if opened else ("save", "call_1")
    call = tool_call_chunk(name=name, args=piece, id=call_id, index=0)
    return AIMessageChunk(content="", tool_call_chunks=[call])


def _last() -> ChatGenerationChunk:
    message = AIMessageChunk(content="", usage_metadata=_USAGE, chunk_position="last")
    return ChatGenerationChunk(message=message, generation_info={"finish_reason": "stop"})
