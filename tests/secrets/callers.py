"""The four classes and all forms in which each is called."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from llama_index.core.base.llms.types import ChatMessage

from langchain_mara_minimax import ChatMARA, ChatMiniMax
from llama_index_mara_minimax import MARA, MiniMax
from mara_minimax.transport import pools as connections

CLASSES: tuple[Any, ...] = (ChatMiniMax, ChatMARA, MiniMax, MARA)
Call = Callable[..., object]


async def _drain(iterator: Any) -> list[Any]:
    return [item async for item in iterator]


async def _drain_awaited(coroutine: Any) -> list[Any]:
    return [item async for item in await coroutine]


def _question() -> list[ChatMessage]:
    return [ChatMessage(role="user", content="Hi")]


LANGCHAIN: dict[str, Call] = {
    "invoke": lambda m, **k: m.invoke("Hi", **k),
    "ainvoke": lambda m, **k: asyncio.run(m.ainvoke("Hi", **k)),
    "stream": lambda m, **k: list(m.stream("Hi", **k)),
    "astream": lambda m, **k: asyncio.run(_drain(m.astream("Hi", **k))),
}
LLAMA_INDEX: dict[str, Call] = {
    "chat": lambda m, **k: m.chat(_question(), **k),
    "achat": lambda m, **k: asyncio.run(m.achat(_question(), **k)),
    "stream_chat": lambda m, **k: list(m.stream_chat(_question(), **k)),
    "astream_chat": lambda m, **k: asyncio.run(_drain_awaited(m.astream_chat(_question(), **k))),
    "complete": lambda m, **k: m.complete("Hi", **k),
    "acomplete": lambda m, **k: asyncio.run(m.acomplete("Hi", **k)),
    "stream_complete": lambda m, **k: list(m.stream_complete("Hi", **k)),
    "astream_complete": lambda m, **k: asyncio.run(_drain_awaited(m.astream_complete("Hi", **k))),
}


def forms_of(cls: Any) -> dict[str, Call]:
    return LANGCHAIN if cls in (ChatMiniMax, ChatMARA) else LLAMA_INDEX


def call_once(model: Any, **parameters: Any) -> object:
    """Call a model in the simplest form that its framework has."""
    return next(iter(forms_of(type(model)).values()))(model, **parameters)


@contextmanager
def fresh_pools() -> Iterator[None]:
    """Calls inside make HTTP pools anew, which read the environment."""
    _drop_pools()
    yield
    _drop_pools()


def _drop_pools() -> None:
    connections._close_sync_pool()
    connections._forget_pools()


EVERY_CALL = [(cls, form) for cls in CLASSES for form in forms_of(cls)]
"""The four forms of each LangChain class and the eight of each LlamaIndex class."""
CALL_IDS = [f"{cls.__name__}-{form}" for cls, form in EVERY_CALL]
KEY_VARIABLES = {
    "ChatMiniMax": "MINIMAX_API_KEY",
    "ChatMARA": "MARA_API_KEY",
    "MiniMax": "MINIMAX_API_KEY",
    "MARA": "MARA_API_KEY",
}
