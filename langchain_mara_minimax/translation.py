"""Raise the core's errors as those of `errors.py`, which are not loaded before there is one."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing, contextmanager
from typing import Any, cast

from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessageChunk
from langchain_core.outputs import LLMResult
from langchain_core.runnables import RunnableConfig
from typing_extensions import override

from mara_minimax.transport.event_loops import running_event_loop


@contextmanager
def translate_errors() -> Iterator[None]:
    """Raise the core's errors as those of `langchain_mara_minimax.errors`."""
    try:
        yield
    except Exception as error:
        core = sys.modules.get("mara_minimax.errors")
        # Another thread may be importing the module: then it has no class yet.
        kind = getattr(core, "MaraMiniMaxError", None)
        if kind is None or not isinstance(error, kind):
            raise
        # Loads the openai SDK, as the core's errors do; with one of them it is there already.
        from langchain_mara_minimax.errors import translate

        translated = translate(error)
        if translated is error:
            raise
        raise translated from error


class TranslatingChatModel(BaseChatModel):
    """A LangChain chat model whose constructor raises the translated errors.

    Stands behind the core's settings, which hide keys before this frame holds them. LangChain
    needs asyncio before it asks the model for anything, and fails in its own words without it:
    test_an_async_call_says_that_it_needs_asyncio.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Take the fields; what is wrong with them is an error of LangChain's families too."""
        with translate_errors():
            super().__init__(*args, **kwargs)

    @override
    async def agenerate(self, *args: Any, **kwargs: Any) -> LLMResult:
        """Generate as LangChain does, where asyncio runs."""
        with translate_errors():
            running_event_loop()
        return await super().agenerate(*args, **kwargs)

    @override
    def astream(
        self,
        input: LanguageModelInput,
        config: RunnableConfig | None = None,
        *,
        stop: list[str] | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[AIMessageChunk]:
        """Stream as LangChain does, where asyncio runs."""
        chunks = super().astream(input, config, stop=stop, **kwargs)
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            # A generator begins with its first step, which may be in a loop.
            return _stream_in_asyncio(cast("AsyncGenerator[AIMessageChunk, None]", chunks))
        return chunks


async def _stream_in_asyncio(
    chunks: AsyncGenerator[AIMessageChunk, None],
) -> AsyncIterator[AIMessageChunk]:
    with translate_errors():
        running_event_loop()
    async with aclosing(chunks):
        async for chunk in chunks:
            yield chunk
