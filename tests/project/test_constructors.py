"""Constructing the four public classes in the ways that people bring with them."""

from __future__ import annotations

from typing import Any

import pytest

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
