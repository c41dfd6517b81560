"""trio runs coroutines without asyncio, which this package needs."""

from __future__ import annotations

import pytest
import trio
from llama_index.core.base.llms.types import ChatMessage

from llama_index_mara_minimax import MARA, MiniMax
from mara_minimax.errors import ParameterError

QUESTION = [ChatMessage("What is 1+1?")]


@pytest.fixture(params=[MiniMax, MARA])
def llm(request, server, mara_server):
    emulator = server if request.param is MiniMax else mara_server
    return request.param(api_key="key-of-mine", base_url=emulator.base_url)


@pytest.fixture
def requests(server, mara_server):
    """Return what reached the providers."""
    return lambda: [*server.requests, *mara_server.requests]


async def drain(llm):
    return [response async for response in await llm.astream_chat(QUESTION)]


ASKED = {
    "achat": lambda llm: trio.run(llm.achat, QUESTION),
    "acomplete": lambda llm: trio.run(llm.acomplete, "What is 1+1?"),
    "astream_chat": lambda llm: trio.run(drain, llm),
    "alist_models": lambda llm: trio.run(llm.alist_models),
}


@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED)
def test_an_async_call_says_that_it_needs_asyncio(ask, llm, requests):
    with pytest.raises(ParameterError, match="No asyncio event loop is running") as caught:
        ask(llm)
    assert "trio.to_thread.run_sync" in str(caught.value)
    assert requests() == []


def test_a_sync_call_in_a_thread_is_answered(llm, requests):
    answer = trio.run(trio.to_thread.run_sync, llm.chat, QUESTION)
    assert "2" in answer.message.content
    assert len(requests()) == 1
