"""A model can be written down, copied and read again, and its key never shows."""

from __future__ import annotations

import copy
import json
import multiprocessing
import pickle
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import cloudpickle
import pytest
from langchain_core.load import dumpd, dumps, loads

from langchain_mara_minimax import ChatMARA, ChatMiniMax
from mara_minimax.emulator import Emulator

pytestmark = pytest.mark.filterwarnings("ignore::langchain_core._api.LangChainBetaWarning")
SECRETS = {"api_key": "KEY-SECRET", "default_headers": {"x-key": "HEADER-SECRET"}}
MODELS = [
    pytest.param(lambda: ChatMiniMax(**SECRETS), "MINIMAX_API_KEY", id="minimax"),
    pytest.param(
        lambda: ChatMiniMax(endpoint="llmprovider", **SECRETS), "LLMPROVIDER_API_KEY", id="llmp"
    ),
    pytest.param(lambda: ChatMARA(top_k=40, **SECRETS), "MARA_API_KEY", id="mara"),
]


@pytest.mark.parametrize(("build", "variable"), MODELS)
def test_a_dump_holds_the_name_of_the_key_and_no_secret(build: Any, variable: str) -> None:
    model = build()
    assert dumpd(model)["kwargs"]["api_key"] == {"lc": 1, "type": "secret", "id": [variable]}
    for text in (dumps(model), repr(model), str(model), json.dumps(model.model_dump())):
        assert "SECRET" not in text


@pytest.mark.parametrize(("build", "variable"), MODELS)
def test_a_dump_can_be_loaded(build: Any, variable: str) -> None:
    model = build()
    loaded = loads(
        dumps(model),
        secrets_map={variable: "KEY-SECRET"},
        valid_namespaces=["langchain_mara_minimax"],
        allowed_objects=[type(model)],
    )
    assert type(loaded) is type(model)
    assert loaded.api_key.get_secret_value() == "KEY-SECRET"
    assert loaded.asdict() == model.asdict()
    assert dumps(loaded) == dumps(model)


@pytest.mark.parametrize(
    "keep",
    [
        pytest.param(lambda model: pickle.loads(pickle.dumps(model)), id="pickle"),
        pytest.param(lambda model: pickle.loads(cloudpickle.dumps(model)), id="cloudpickle"),
        pytest.param(copy.copy, id="copy"),
        pytest.param(copy.deepcopy, id="deepcopy"),
        pytest.param(lambda model: model.model_copy(), id="model_copy"),
    ],
)
def test_a_copy_works_also_after_the_first_call(
    model: ChatMiniMax, server: Emulator, keep: Any
) -> None:
    model.invoke("Hello")
    kept = keep(model)
    assert kept.invoke("Hello").text
    assert kept == model
    assert len(server.requests) == 2


def test_a_model_works_in_threads(model: ChatMiniMax) -> None:
    with ThreadPoolExecutor(8) as pool:
        texts = list(pool.map(lambda _: model.invoke("Hello").text, range(16)))
    assert all(texts)


def _ask(model: Any, answers: Any) -> None:
    answers.put(model.invoke("Hello").text)


def test_a_model_works_after_a_fork(model: ChatMiniMax) -> None:
    model.invoke("Hello")
    context = multiprocessing.get_context("fork")
    answers = context.Queue()
    process = context.Process(target=_ask, args=(model, answers))
    process.start()
    assert answers.get(timeout=30)
    process.join(30)
    assert process.exitcode == 0
    assert model.invoke("Hello").text
