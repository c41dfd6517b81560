"""Headers of calls: sent as given, and told apart by the cache without being shown."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from langchain_core.caches import InMemoryCache
from pydantic import SecretStr

from langchain_mara_minimax import ChatMiniMax
from mara_minimax.emulator import Emulator

FORMS = pytest.mark.parametrize("form", [str, SecretStr], ids=["plain", "hidden"])


@FORMS
def test_headers_of_a_stream_are_sent(form: Any, model: ChatMiniMax, server: Emulator) -> None:
    async def collect(chunks: AsyncIterator[Any]) -> list[Any]:
        return [chunk async for chunk in chunks]

    headers = {"X-Call": form("given-value")}
    assert list(model.stream("Hi", extra_headers=headers))
    assert asyncio.run(collect(model.astream("Hi", extra_headers=headers)))
    assert [request.headers["x-call"] for request in server.requests] == ["given-value"] * 2


def test_default_headers_are_given_as_text_and_shown_as_hidden_values(
    make_model: Callable[..., ChatMiniMax], server: Emulator
) -> None:
    model = make_model(default_headers={"X-One": "1", "X-Two": SecretStr("2")})
    assert model.default_headers == {"X-One": SecretStr("1"), "X-Two": SecretStr("2")}
    assert "1" not in repr(model.default_headers)
    model.invoke("Hi")
    assert server.requests[-1].headers["x-one"] == "1"
    assert server.requests[-1].headers["x-two"] == "2"


@FORMS
def test_calls_that_differ_in_their_headers_share_no_cached_answer(
    form: Any, make_model: Callable[..., ChatMiniMax], server: Emulator
) -> None:
    cache = InMemoryCache()
    model = make_model(cache=cache)
    for tenant in ("tenant-one", "tenant-two", "tenant-one"):
        model.invoke("Hi", extra_headers={"X-Tenant": form(tenant)})
    sent = [request.headers["x-tenant"] for request in server.requests]
    assert sent == ["tenant-one", "tenant-two"]
    assert "tenant-one" not in repr(cache._cache)


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
