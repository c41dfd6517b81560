"""`init_chat_model` learns the models when it is asked to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from langchain.chat_models import base, init_chat_model

from langchain_mara_minimax import ChatMARA, ChatMiniMax, register
from mara_minimax.emulator import Emulator
from mara_minimax.errors import MaraMiniMaxError


@pytest.fixture(autouse=True)
def _table(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(base, "_BUILTIN_PROVIDERS", dict(base._BUILTIN_PROVIDERS))
    yield
    base._get_chat_model_creator.cache_clear()


@pytest.mark.parametrize(
    ("name", "kind"), [("minimax:MiniMax-M2.1", ChatMiniMax), ("mara:MiniMax-M2.7", ChatMARA)]
)
def test_names_work_once_registered(name: str, kind: Any) -> None:
    with pytest.raises(ValueError, match="model provider"):
        init_chat_model(name, api_key="k")
    register()
    register()
    model: Any = init_chat_model(name, api_key="k", temperature=0.5)
    assert type(model) is kind
    assert model.model == name.split(":")[1]
    assert model.temperature == 0.5


def test_a_model_chosen_at_run_time_works(server: Emulator) -> None:
    register()
    model = init_chat_model(api_key="k", base_url=server.base_url)
    given = {"configurable": {"model": "MiniMax-M2.1", "model_provider": "minimax"}}
    assert model.invoke("Hello", given).text
    assert server.last_body["model"] == "MiniMax-M2.1"


def test_a_langchain_that_cannot_learn_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(base, "_BUILTIN_PROVIDERS")
    with pytest.raises(MaraMiniMaxError, match="ChatMiniMax"):
        register()


def test_a_langchain_without_remembered_creators_learns_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    creator = base._get_chat_model_creator
    with monkeypatch.context() as patched:
        patched.delattr(base, "_get_chat_model_creator")
        register()
    creator.cache_clear()
    assert type(init_chat_model("minimax:MiniMax-M2.1", api_key="k")) is ChatMiniMax
