"""Constructing the four public classes in the ways that people bring with them."""

from __future__ import annotations

import asyncio
import copy
import pickle
from typing import Any

import pytest
from langchain_core.load import dumps

from langchain_mara_minimax import ChatMARA, ChatMiniMax
from llama_index_mara_minimax import MARA, MiniMax
from mara_minimax.emulator import Emulator
from mara_minimax.errors import ParameterError


@pytest.fixture(params=[ChatMiniMax, ChatMARA, MiniMax, MARA])
def cls(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture
def server(cls: Any) -> Any:
    with Emulator("minimax" if "MiniMax" in cls.__name__ else "mara") as server:
        yield server


def ask(model: Any) -> Any:
    return model.invoke("Hi") if hasattr(model, "invoke") else model.complete("Hi")


def test_the_model_can_be_given_by_position(cls: Any, server: Emulator) -> None:
    ask(cls("MiniMax-M2.7", api_key=server.api_key, base_url=server.base_url))
    assert [request.body["model"] for request in server.requests] == ["MiniMax-M2.7"]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"timeout": "x"}, "Invalid timeout 'x'"),
        ({"http_client": 5}, "http_client has to be a sync HTTP client.* not int"),
        ({"http_async_client": 5}, "http_async_client has to be an async HTTP client.* not int"),
    ],
)
def test_what_no_call_could_use_is_refused_by_the_constructor(
    cls: Any, arguments: dict[str, Any], problem: str
) -> None:
    with pytest.raises(ParameterError, match=problem):
        cls(api_key="k", **arguments)


def give_key() -> str:
    return Emulator.api_key


async def agive_key() -> str:
    return Emulator.api_key


async def aask(model: Any) -> Any:
    return await (model.ainvoke("Hi") if hasattr(model, "ainvoke") else model.acomplete("Hi"))


def test_a_function_gives_the_key_also_of_copies_and_pickles(cls: Any, server: Emulator) -> None:
    model = cls(api_key=give_key, base_url=server.base_url)
    for kept in (
        model,
        model.model_copy(),
        copy.deepcopy(model),
        pickle.loads(pickle.dumps(model)),
    ):
        ask(kept)
        asyncio.run(aask(kept))
    assert [request.has_key for request in server.requests] == [True] * 8


def test_an_async_function_gives_the_key_in_async_calls_alone(cls: Any, server: Emulator) -> None:
    model = cls(api_key=agive_key, base_url=server.base_url)
    asyncio.run(aask(model))
    with pytest.raises(ParameterError, match="api_key is an async function"):
        ask(model)
    assert [request.has_key for request in server.requests] == [True]


def test_no_dump_names_the_function_of_a_key(cls: Any, server: Emulator) -> None:
    model = cls(api_key=give_key, base_url=server.base_url)
    dumped = dumps(model) if hasattr(model, "invoke") else str(model.to_dict())
    assert "give_key" not in f"{dumped} {model!r} {model.model_dump()}"
