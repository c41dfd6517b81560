"""A pickle for workers carries a key only if it was passed as an argument, and never plainly."""

from __future__ import annotations

import copy
import multiprocessing
import pickle
from collections.abc import Callable
from typing import Any

import cloudpickle
import pytest

from langchain_mara_minimax import ChatMARA, ChatMiniMax
from llama_index_mara_minimax import MiniMax
from mara_minimax.errors import MissingAPIKeyError
from tests.secrets.callers import KEY_VARIABLES, call_once
from tests.secrets.canary import (
    CALL_HEADER,
    CANARIES,
    DEFAULT_HEADERS,
    KEY,
    SENT_HEADERS,
    TEAM_HEADER,
    leaks,
)
from tests.secrets.host import Host
from tests.secrets.worker import work

DUMPS = {"pickle": pickle.dumps, "cloudpickle": cloudpickle.dumps}
DUMPED = pytest.mark.parametrize("dump", DUMPS.values(), ids=DUMPS)
COPIES: dict[str, Callable[[Any], Any]] = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "model_copy": lambda model: model.model_copy(),
    "deep model_copy": lambda model: model.model_copy(deep=True),
}


@pytest.fixture
def given(cls: Any, host: Host) -> Any:
    """A model whose key was passed."""
    return cls(api_key=KEY, base_url=host.base_url, default_headers=DEFAULT_HEADERS)


@pytest.fixture
def found(cls: Any, host: Host, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A model whose key came from the environment."""
    monkeypatch.setenv(KEY_VARIABLES[cls.__name__], KEY)
    return cls(base_url=host.base_url)


@DUMPED
def test_a_pickle_holds_no_key_of_the_environment_in_any_form(found: Any, dump: Any) -> None:
    assert leaks(dump(found)) == set()


@DUMPED
def test_a_loaded_model_reads_the_key_of_its_own_environment(
    cls: Any, found: Any, dump: Any, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = dump(found)
    monkeypatch.setenv(KEY_VARIABLES[cls.__name__], "key-of-the-worker")
    call_once(pickle.loads(data))
    assert host.received[-1].header("authorization") == "Bearer key-of-the-worker"


@DUMPED
def test_a_model_can_be_loaded_without_a_key_and_called_once_there_is_one(
    cls: Any, found: Any, dump: Any, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = dump(found)
    monkeypatch.delenv(KEY_VARIABLES[cls.__name__])
    loaded = pickle.loads(data)
    with pytest.raises(MissingAPIKeyError, match=KEY_VARIABLES[cls.__name__]):
        call_once(loaded)
    assert host.received == []
    monkeypatch.setenv(KEY_VARIABLES[cls.__name__], KEY)
    call_once(loaded)
    assert host.received[-1].header("authorization") == f"Bearer {KEY}"


@DUMPED
def test_a_pickle_carries_a_key_and_headers_that_were_passed_but_not_plainly(
    given: Any, dump: Any, host: Host
) -> None:
    data = dump(given)
    assert KEY.encode() not in data
    assert TEAM_HEADER.encode() not in data
    call_once(pickle.loads(data))
    assert host.received[-1].header("authorization") == f"Bearer {KEY}"
    assert host.received[-1].header("x-team") == TEAM_HEADER


def test_headers_in_additional_kwargs_travel_in_the_same_way(host: Host) -> None:
    llm = MiniMax(
        api_key=KEY,
        base_url=host.base_url,
        additional_kwargs={"extra_headers": SENT_HEADERS, "top_p": 0.5},
    )
    data = pickle.dumps(llm)
    for secret in CANARIES.values():
        assert secret.encode() not in data
    call_once(pickle.loads(data))
    assert host.received[-1].header("x-call") == CALL_HEADER
    assert b'"top_p":0.5' in host.received[-1].body


@DUMPED
def test_a_loaded_model_equals_the_dumped_one(given: Any, found: Any, dump: Any) -> None:
    for model in (given, found):
        loaded = pickle.loads(dump(model))
        assert loaded.model_dump(exclude={"callback_manager"}) == model.model_dump(
            exclude={"callback_manager"}
        )
        assert loaded.api_key == model.api_key


@pytest.mark.parametrize("make", COPIES.values(), ids=COPIES)
def test_a_copy_in_the_process_keeps_key_and_headers(given: Any, make: Any, host: Host) -> None:
    call_once(make(given))
    assert host.received[-1].header("authorization") == f"Bearer {KEY}"
    assert host.received[-1].header("x-team") == TEAM_HEADER


def test_pickling_leaves_the_model_as_it_was(given: Any, host: Host) -> None:
    pickle.dumps(given)
    call_once(given)
    assert host.received[-1].header("authorization") == f"Bearer {KEY}"


def test_a_moved_model_leaves_its_key_behind_also_after_a_pickle() -> None:
    loaded = pickle.loads(pickle.dumps(ChatMiniMax(api_key=KEY)))
    with pytest.raises(MissingAPIKeyError, match="api.minimax.io.*platform.llmprovider.ai"):
        call_once(loaded.model_copy(update={"endpoint": "llmprovider"}))


@pytest.mark.parametrize(
    ("cls", "origin"), [(ChatMiniMax, "found"), (ChatMARA, "given"), (MiniMax, "found")]
)
def test_a_spawned_worker_can_call(
    cls: Any, origin: str, host: Host, request: pytest.FixtureRequest
) -> None:
    context = multiprocessing.get_context("spawn")
    answers = context.Queue()
    process = context.Process(target=work, args=(request.getfixturevalue(origin), answers))
    process.start()
    assert "2" in answers.get(timeout=60)
    process.join(30)
    assert process.exitcode == 0
    assert host.received[-1].header("authorization") == f"Bearer {KEY}"
