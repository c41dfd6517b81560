"""The core and both adapters behind one face, so that each rule is tested through all three.

A framework is imported by its caller alone: scripts of the tests start in a fraction of the time.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Generator
from typing import Any, Protocol

from mara_minimax.settings import MiniMaxSettings

QUESTION = "What is 1+1?"


class Caller(Protocol):
    """An instance to ask; streams give out whatever pieces it gives out."""

    model: Any

    def call(self, **parameters: Any) -> str: ...
    async def acall(self, **parameters: Any) -> str: ...
    def stream(self, **parameters: Any) -> Generator[Any, None, None]: ...
    async def astream(self, **parameters: Any) -> AsyncGenerator[Any, None]: ...


class CoreCaller:
    def __init__(self, base_url: str, **settings: Any) -> None:
        defaults = {"api_key": "key", "base_url": base_url, "max_retries": 0}
        self.model = MiniMaxSettings(**{**defaults, **settings})

    def _request(self, stream: bool, parameters: Any) -> Any:
        message = {"role": "user", "content": QUESTION}
        return self.model.encode([message], stream=stream, **parameters)

    def call(self, **parameters):
        return self.model.client.complete(self._request(False, parameters)).text

    async def acall(self, **parameters):
        return (await self.model.client.acomplete(self._request(False, parameters))).text

    def stream(self, **parameters):
        return self.model.client.stream(self._request(True, parameters))

    async def astream(self, **parameters):
        return self.model.client.astream(self._request(True, parameters))


class LangChainCaller:
    def __init__(self, base_url: str, **settings: Any) -> None:
        defaults = {"api_key": "key", "base_url": base_url, "max_retries": 0}
        from langchain_mara_minimax import ChatMiniMax

        self.model = ChatMiniMax(**{**defaults, **settings})

    def call(self, **parameters):
        return self.model.invoke(QUESTION, **parameters).text

    async def acall(self, **parameters):
        return (await self.model.ainvoke(QUESTION, **parameters)).text

    def stream(self, **parameters):
        return self.model.stream(QUESTION, **parameters)

    async def astream(self, **parameters):
        return self.model.astream(QUESTION, **parameters)


class LlamaIndexCaller:
    def __init__(self, base_url: str, **settings: Any) -> None:
        defaults = {"api_key": "key", "base_url": base_url, "max_retries": 0}
        from llama_index.core.base.llms.types import ChatMessage

        from llama_index_mara_minimax import MiniMax

        self._messages = [ChatMessage(QUESTION)]
        self.model = MiniMax(**{**defaults, **settings})

    def call(self, **parameters):
        return self.model.chat(self._messages, **parameters).message.content

    async def acall(self, **parameters):
        return (await self.model.achat(self._messages, **parameters)).message.content

    def stream(self, **parameters):
        return self.model.stream_chat(self._messages, **parameters)

    async def astream(self, **parameters):
        return await self.model.astream_chat(self._messages, **parameters)


CALLERS: dict[str, Callable[..., Caller]] = {
    "core": CoreCaller,
    "langchain": LangChainCaller,
    "llama_index": LlamaIndexCaller,
}
