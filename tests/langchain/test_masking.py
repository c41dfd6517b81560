"""Masking hides header values from traces, and changes nothing else of LangChain's calls."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from langchain_core.caches import InMemoryCache
from langchain_core.language_models import BaseChatModel
from langchain_core.runnables import RunnableGenerator
from langchain_core.runnables.base import coerce_to_runnable

from langchain_mara_minimax import ChatMiniMax
from langchain_mara_minimax.masked import MaskedChatModel
from mara_minimax.emulator import Emulator

PUBLIC = sorted(name for name in dir(BaseChatModel) if not name.startswith("_"))


@pytest.mark.parametrize(
    "kind",
    [inspect.isgeneratorfunction, inspect.isasyncgenfunction, inspect.iscoroutinefunction],
)
def test_every_method_is_of_the_kind_that_langchain_made_it(kind: Callable[[Any], bool]) -> None:
    kinds = {name for name in PUBLIC if kind(getattr(BaseChatModel, name))}
    assert kinds
    assert {name for name in PUBLIC if kind(getattr(MaskedChatModel, name))} == kinds


def test_a_runnable_made_of_transform_streams_sync_and_async(
    model: ChatMiniMax, server: Emulator
) -> None:
    runnable = RunnableGenerator(model.transform, model.atransform)  # type: ignore[arg-type]

    async def collect() -> list[Any]:
        return [chunk async for chunk in runnable.astream("What is 17 + 25?")]

    for chunks in (list(runnable.stream("What is 17 + 25?")), asyncio.run(collect())):
        assert len(chunks) > 1
        assert "42" in "".join(chunk.text for chunk in chunks)
    assert [request.body["stream"] for request in server.requests] == [True, True]


@pytest.mark.parametrize("method", ["transform", "atransform"])
def test_a_streaming_method_becomes_a_streaming_runnable(method: str, model: ChatMiniMax) -> None:
    assert isinstance(coerce_to_runnable(getattr(model, method)), RunnableGenerator)


def test_masked_streams_still_send_the_headers(model: ChatMiniMax, server: Emulator) -> None:
    async def collect(chunks: AsyncIterator[Any]) -> list[Any]:
        return [chunk async for chunk in chunks]

    sync: Iterator[Any] = model.stream("Hi", extra_headers={"X-Call": "given-value"})
    assert list(sync)
    assert asyncio.run(collect(model.astream("Hi", extra_headers={"X-Call": "given-value"})))
    assert [request.headers["x-call"] for request in server.requests] == ["given-value"] * 2


def test_models_that_differ_in_their_headers_share_no_cached_answer(
    make_model: Callable[..., ChatMiniMax], server: Emulator
) -> None:
    cache = InMemoryCache()
    for tenant in ("tenant-one", "tenant-two", "tenant-one"):
        make_model(cache=cache, default_headers={"X-Tenant": tenant}).invoke("Hi")
    assert [request.headers["x-tenant"] for request in server.requests] == [
        "tenant-one",
        "tenant-two",
    ]
    assert "tenant-one" not in repr(cache._cache)


def test_a_header_of_the_call_counts_in_place_of_the_models_own_whatever_its_case(
    make_model: Callable[..., ChatMiniMax], server: Emulator
) -> None:
    cache = InMemoryCache()
    for own, given in (("one", "two"), ("two", "one"), ("one", "two")):
        model = make_model(cache=cache, default_headers={"X-Tenant": own})
        model.invoke("Hi", extra_headers={"x-tenant": given})
    assert len(server.requests) == 2
