"""trio runs coroutines without asyncio, which LangChain and this package need."""

from __future__ import annotations

import asyncio
import contextlib

import pytest
import trio

from langchain_mara_minimax import ChatMARA, ChatMiniMax
from langchain_mara_minimax.errors import ChatParameterError


@pytest.fixture(params=[ChatMiniMax, ChatMARA])
def model(request, server, mara_server):
    emulator = server if request.param is ChatMiniMax else mara_server
    return request.param(api_key="key-of-mine", base_url=emulator.base_url)


@pytest.fixture
def requests(server, mara_server):
    """Return what reached the providers."""
    return lambda: [*server.requests, *mara_server.requests]


async def drain(model):
    return [chunk async for chunk in model.astream("What is 1+1?")]


ASKED = {
    "ainvoke": lambda model: trio.run(model.ainvoke, "What is 1+1?"),
    "astream": lambda model: trio.run(drain, model),
    "alist_models": lambda model: trio.run(model.alist_models),
}


@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED)
def test_an_async_call_says_that_it_needs_asyncio(ask, model, requests):
    with pytest.raises(ChatParameterError, match="No asyncio event loop is running") as caught:
        ask(model)
    assert "trio.to_thread.run_sync" in str(caught.value)
    assert requests() == []


def test_a_sync_call_in_a_thread_is_answered(model, requests):
    answer = trio.run(trio.to_thread.run_sync, model.invoke, "What is 1+1?")
    assert "2" in answer.text
    assert len(requests()) == 1


async def test_a_stream_that_is_made_without_a_loop_is_answered_in_one(model, requests):
    stream = await asyncio.to_thread(model.astream, "What is 1+1?")
    async with contextlib.aclosing(stream) as chunks:
        text = "".join([chunk.text async for chunk in chunks])
    assert "2" in text
    assert len(requests()) == 1
