"""A key and headers stay with the host they were given for, however a model is moved."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Iterator
from typing import Any

import pytest
from langchain_core.runnables import ConfigurableField

from langchain_mara_minimax import ChatMARA, ChatMiniMax
from llama_index_mara_minimax import MARA, MiniMax
from mara_minimax.errors import MissingAPIKeyError, ParameterError
from mara_minimax.providers import endpoints as providers
from tests.secrets.callers import KEY_VARIABLES, call_once, fresh_pools
from tests.secrets.canary import DEFAULT_HEADERS, KEY, SENT_HEADERS, displays, leaks
from tests.secrets.host import Host

URL = "http://elsewhere.example/v1"


def copied(model: Any, **update: Any) -> Any:
    return model.model_copy(update=update)


def rebuilt(model: Any, **update: Any) -> Any:
    fields = {name: getattr(model, name) for name in type(model).model_fields}
    return type(model)(**{**fields, **update})


def configured(model: Any, **update: Any) -> Any:
    fields: Any = {name: ConfigurableField(id=name) for name in update}
    return model.configurable_fields(**fields).prepare({"configurable": update})[0]


def bound(model: Any, **update: Any) -> Any:
    """A configurable model that was bound to parameters before it is moved."""
    fields: Any = {name: ConfigurableField(id=name) for name in update}
    return model.configurable_fields(**fields).bind(stop=["x"]).with_config(configurable=update)


def unpickled(model: Any, **update: Any) -> Any:
    return pickle.loads(pickle.dumps(model)).model_copy(update=update)


def deep(model: Any, **update: Any) -> Any:
    return copy.deepcopy(model).model_copy(update=update, deep=True)


def assigned(model: Any, **update: Any) -> Any:
    model = model.model_copy()
    for name, value in update.items():
        setattr(model, name, value)
    return model


def read(model: Any, **update: Any) -> Any:
    """From the dict that LlamaIndex writes, with the secrets that it leaves out."""
    secrets = {"api_key": model.api_key, "default_headers": model.default_headers}
    return type(model).from_dict({**model.to_dict(), **update}, **secrets)


ANY = (copied, rebuilt, unpickled, deep, assigned)
MOVES = [
    pytest.param(cls, move, id=f"{cls.__name__}-{move.__name__}")
    for cls in (ChatMiniMax, ChatMARA, MiniMax, MARA)
    for move in (*ANY, *((configured, bound) if cls in (ChatMiniMax, ChatMARA) else (read,)))
]
OF_MINIMAX = [move for move in MOVES if move.values[0] in (ChatMiniMax, MiniMax)]


def send(model: Any) -> None:
    """Call a model, or what LangChain made of one."""
    if hasattr(model, "invoke"):
        model.invoke("Hi")
    else:
        call_once(model)


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    """The host at `URL`, to which a proxy stands in for the way."""
    with Host() as host, fresh_pools():
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{host.port}")
        yield host


@pytest.mark.parametrize(("cls", "move"), MOVES)
def test_a_key_that_was_given_does_not_go_to_another_host(
    cls: Any, move: Any, host: Host, elsewhere: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY_VARIABLES[cls.__name__], "key-of-the-environment")
    model = cls(api_key=KEY, base_url=host.base_url, allow_http=True, max_retries=0)
    with pytest.raises(
        MissingAPIKeyError, match="API key .*localhost.*elsewhere.example"
    ) as caught:
        send(move(model, base_url=URL))
    assert elsewhere.received == []
    assert leaks(displays(caught.value)) == set()
    send(model)
    assert host.received[-1].header("authorization") == f"Bearer {KEY}"


@pytest.mark.parametrize(("cls", "move"), MOVES)
def test_headers_that_were_given_do_not_go_to_another_host(
    cls: Any, move: Any, host: Host, elsewhere: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY_VARIABLES[cls.__name__], KEY)
    settings: Any = {"base_url": host.base_url, "allow_http": True, "max_retries": 0}
    model = cls(default_headers=DEFAULT_HEADERS, **settings)
    with pytest.raises(MissingAPIKeyError, match="'X-Team' .*localhost.*elsewhere.example"):
        send(move(model, base_url=URL))
    assert elsewhere.received == []
    send(move(model, base_url=host.base_url.replace("127.0.0.1", "localhost")))
    assert host.received[-1].header("x-team") == DEFAULT_HEADERS["X-Team"]


@pytest.mark.parametrize(("cls", "move"), MOVES)
def test_a_key_and_headers_of_the_same_update_go_to_the_new_host(
    cls: Any, move: Any, host: Host, elsewhere: Host
) -> None:
    model = cls(
        api_key=KEY,
        base_url=host.base_url,
        allow_http=True,
        default_headers=DEFAULT_HEADERS,
        max_retries=0,
    )
    new = {"api_key": "the-other-key", "default_headers": {"X-Team": "another"}}
    if move is read:
        moved = cls.from_dict({**model.to_dict(), "base_url": URL}, **new)
    else:
        moved = move(model, base_url=URL, **new)
    send(moved)
    assert elsewhere.received[-1].line.startswith(f"POST {URL}/chat/completions")
    assert elsewhere.received[-1].header("authorization") == "Bearer the-other-key"
    assert elsewhere.received[-1].header("x-team") == "another"
    assert host.received == []


@pytest.mark.parametrize(("cls", "move"), MOVES)
def test_a_key_of_the_environment_goes_where_a_constructor_would_send_it(
    cls: Any, move: Any, host: Host, elsewhere: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY_VARIABLES[cls.__name__], KEY)
    model = cls(base_url=host.base_url, allow_http=True, max_retries=0)
    monkeypatch.setenv(KEY_VARIABLES[cls.__name__], "key-of-later")
    send(move(model, base_url=URL))
    assert elsewhere.received[-1].header("authorization") == "Bearer key-of-later"
    foreign = providers.MINIMAX.base_url if cls in (ChatMARA, MARA) else providers.MARA.base_url
    with pytest.raises(ParameterError, match=f"is a host of .*{KEY_VARIABLES[cls.__name__]}"):
        send(move(model, base_url=foreign))


@pytest.mark.parametrize(("cls", "move"), OF_MINIMAX)
@pytest.mark.parametrize("endpoint", ["llmprovider", "china"])
def test_a_model_moved_to_another_provider_leaves_its_key_behind(
    cls: Any, move: Any, endpoint: str
) -> None:
    there = {"llmprovider": "platform.llmprovider.ai", "china": "api.minimaxi.com"}[endpoint]
    with pytest.raises(MissingAPIKeyError, match=f"api.minimax.io.*{there}"):
        send(move(cls(api_key=KEY), endpoint=endpoint))


@pytest.mark.parametrize(("cls", "move"), OF_MINIMAX)
def test_a_model_moved_to_another_provider_asks_for_that_ones_variable(
    cls: Any, move: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINIMAX_API_KEY", KEY)
    model = cls()
    with pytest.raises(MissingAPIKeyError, match="LLMPROVIDER_API_KEY"):
        send(move(model, endpoint="llmprovider"))
    if move is not bound:
        monkeypatch.setenv("LLMPROVIDER_API_KEY", "the-other-key")
        connection = move(model, endpoint="llmprovider").client._connection
        assert connection.api_key.get_secret_value() == "the-other-key"


@pytest.mark.parametrize(("cls", "move"), OF_MINIMAX)
def test_authorization_among_the_headers_does_not_move_to_another_provider(
    cls: Any, move: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINIMAX_API_KEY", "a-key")
    monkeypatch.setenv("LLMPROVIDER_API_KEY", "another-key")
    model = cls(default_headers={"Authorization": f"Bearer {KEY}"})
    with pytest.raises(MissingAPIKeyError, match=r"'Authorization' .*api\.minimax\.io"):
        send(move(model, endpoint="llmprovider"))


@pytest.mark.parametrize(("first", "second"), [(ChatMiniMax, ChatMARA), (MARA, MiniMax)])
def test_the_key_and_headers_of_one_model_are_not_those_of_another(
    first: Any, second: Any, host: Host
) -> None:
    model = first(api_key=KEY, default_headers=DEFAULT_HEADERS)
    with pytest.raises(MissingAPIKeyError, match="API key"):
        second(api_key=model.api_key)
    with pytest.raises(MissingAPIKeyError, match="X-Team"):
        second(api_key="k", default_headers=model.default_headers)
    other = second(api_key="k", base_url=host.base_url)
    with pytest.raises(MissingAPIKeyError, match="X-Team"):
        call_once(other, extra_headers=model.default_headers)
    assert host.received == []


@pytest.mark.parametrize("cls", [MiniMax, MARA])
@pytest.mark.parametrize("move", ANY)
def test_headers_in_additional_kwargs_stay_with_their_host_too(
    cls: Any, move: Any, host: Host, elsewhere: Host
) -> None:
    given: Any = {"additional_kwargs": {"extra_headers": SENT_HEADERS}, "allow_http": True}
    llm = cls(api_key="k", base_url=host.base_url, **given)
    with pytest.raises(MissingAPIKeyError, match="'X-Call' .*localhost.*elsewhere.example"):
        call_once(move(llm, base_url=URL, api_key="k2"))
    assert elsewhere.received == []
    call_once(move(llm, base_url=URL, api_key="k2", **given))
    assert elsewhere.received[-1].header("x-call") == SENT_HEADERS["X-Call"]
