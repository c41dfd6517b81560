"""`limiter=`, in every form of a call and in every copy of a model."""

from __future__ import annotations

import asyncio
import copy
import pickle
from collections.abc import Iterator
from typing import Any

import pytest
from langchain_core.load import dumps
from langchain_core.rate_limiters import InMemoryRateLimiter
from llama_index.core.base.llms.types import ChatMessage
from pydantic import ValidationError

import langchain_mara_minimax
import llama_index_mara_minimax
import mara_minimax
from langchain_mara_minimax import ChatMARA, ChatMiniMax
from llama_index_mara_minimax import MARA, MiniMax
from mara_minimax import RateLimiter
from mara_minimax.emulator import Emulator
from mara_minimax.transport.limiter import Permit
from mara_minimax.types import Usage

CLASSES = [ChatMiniMax, ChatMARA, MiniMax, MARA]


class Counting(RateLimiter):
    """Remembers the requests that it let go, and the tokens that they used."""

    def __init__(self) -> None:
        super().__init__(requests_per_minute=60_000)
        self.waits: list[str] = []
        self.tokens: list[int | None] = []

    def acquire(self, size: int) -> Permit:
        self.waits.append("sync")
        return super().acquire(size)

    async def aacquire(self, size: int) -> Permit:
        self.waits.append("async")
        return await super().aacquire(size)

    def succeed(self, permit: Permit, usage: Usage | None) -> None:
        self.tokens.append(usage and usage.total_tokens)
        super().succeed(permit, usage)


@pytest.fixture(params=CLASSES)
def cls(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture
def server(cls: Any) -> Iterator[Emulator]:
    with Emulator("minimax" if "MiniMax" in cls.__name__ else "mara") as server:
        yield server


def make(cls: Any, server: Emulator, **given: Any) -> Any:
    return cls(api_key=server.api_key, base_url=server.base_url, **given)


def ask(model: Any, form: str) -> None:
    """Make one call in a form that both frameworks have, under LangChain's name."""
    if hasattr(model, "invoke"):
        calls = {"invoke": model.invoke, "ainvoke": model.ainvoke}
        calls |= {"stream": model.stream, "astream": model.astream}
        question: Any = "Hi"
    else:
        calls = {"invoke": model.chat, "ainvoke": model.achat}
        calls |= {"stream": model.stream_chat, "astream": model.astream_chat}
        question = [ChatMessage("Hi")]

    async def later() -> None:
        answer = calls[form](question)
        if form == "ainvoke" or asyncio.iscoroutine(answer):
            answer = await answer
        if form == "astream":
            async for _ in answer:
                pass

    if form.startswith("a"):
        asyncio.run(later())
    elif form == "stream":
        list(calls[form](question))
    else:
        calls[form](question)


@pytest.mark.parametrize("form", ["invoke", "ainvoke", "stream", "astream"])
def test_each_request_asks_the_limiter_and_tells_it_what_was_used(
    cls: Any, server: Emulator, form: str
) -> None:
    limiter = Counting()
    ask(make(cls, server, limiter=limiter), form)
    assert limiter.waits == ["async" if form.startswith("a") else "sync"]
    assert len(limiter.tokens) == len(server.requests) == 1
    assert (limiter.tokens[0] or 0) > 0


def test_models_and_their_copies_share_the_limiter(cls: Any, server: Emulator) -> None:
    limiter = Counting()
    model = make(cls, server, limiter=limiter)
    copies = [
        model,
        model.model_copy(),
        model.model_copy(update={"temperature": 0.5}),
        model.model_copy(deep=True),
        copy.deepcopy(model),
        make(cls, server, limiter=limiter),
    ]
    if hasattr(model, "bind"):
        copies.append(model.bind(stop=["x"]))
    for each in copies:
        ask(each, "invoke")
    assert len(limiter.waits) == len(server.requests) == len(copies)


def test_a_pickle_has_a_limiter_with_the_same_limits(cls: Any, server: Emulator) -> None:
    model = make(cls, server, limiter=RateLimiter(requests_per_minute=70, max_wait=9))
    restored = pickle.loads(pickle.dumps(model))
    ask(restored, "invoke")
    assert restored.limiter is not model.limiter
    assert repr(restored.limiter) == repr(model.limiter)


def test_no_dump_and_no_display_has_the_limiter(cls: Any, server: Emulator) -> None:
    model = make(cls, server, limiter=RateLimiter(requests_per_minute=70))
    dumped = dumps(model) if hasattr(model, "invoke") else str(model.to_dict())
    assert "RateLimiter" not in f"{dumped} {model!r} {model.model_dump()}"


def test_a_limiter_of_another_kind_is_refused(cls: Any) -> None:
    other: Any = InMemoryRateLimiter()
    with pytest.raises(ValidationError, match="instance of RateLimiter"):
        cls(api_key="k", limiter=other)


def test_it_has_one_name_everywhere() -> None:
    packages = (mara_minimax, langchain_mara_minimax, llama_index_mara_minimax)
    assert {package.RateLimiter for package in packages} == {RateLimiter}
    assert all("RateLimiter" in package.__all__ for package in packages)


def test_langchains_own_limiter_is_asked_too() -> None:
    own = InMemoryRateLimiter(requests_per_second=1000)
    limiter = Counting()
    with Emulator("minimax") as server:
        model = make(ChatMiniMax, server, limiter=limiter, rate_limiter=own)
        ask(model, "invoke")
    assert model.rate_limiter is own
    assert limiter.waits == ["sync"]
