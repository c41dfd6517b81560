"""Keys and headers stay with the host that they were given for, wherever an instance is moved."""

from __future__ import annotations

import copy
import pickle

import pytest
from pydantic import SecretStr

from mara_minimax.errors import MissingAPIKeyError, ParameterError
from mara_minimax.settings import MARASettings, MiniMaxSettings

KEY = "sk-Zq7Xk2Vb4Rm8Tn6WpL3Dc9Hs5Gf1Jy"
GATEWAY = "https://gateway.example/v1"
HEADERS = {"Authorization": "Bearer own", "X-Team": "search"}
HOSTS = {"base_url": "gateway.example", "endpoint": "platform.llmprovider.ai"}


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch):
    for name in ("MINIMAX", "MARA", "LLMPROVIDER"):
        monkeypatch.delenv(f"{name}_API_KEY", raising=False)
        monkeypatch.delenv(f"{name}_BASE_URL", raising=False)


def rebuilt(settings, **update):
    """Do as LangChain's `configurable_fields` does."""
    fields = {name: getattr(settings, name) for name in type(settings).model_fields}
    return type(settings)(**{**fields, **update})


def copied(settings, **update):
    return settings.model_copy(update=update)


def assigned(settings, **update):
    other = copy.copy(settings)
    for name, value in update.items():
        setattr(other, name, value)
    return other


def unpickled(settings, **update):
    return pickle.loads(pickle.dumps(settings)).model_copy(update=update)


def deep(settings, **update):
    return copy.deepcopy(settings).model_copy(update=update, deep=True)


MOVES = pytest.mark.parametrize("move", [copied, rebuilt, assigned, unpickled, deep])
ELSEWHERE = pytest.mark.parametrize(
    "elsewhere", [{"base_url": GATEWAY}, {"endpoint": "llmprovider"}], ids=HOSTS
)


@MOVES
@ELSEWHERE
def test_a_given_key_stays_behind_and_the_error_names_both_hosts(move, elsewhere):
    (field,) = elsewhere
    settings = MiniMaxSettings(api_key=KEY)
    with pytest.raises(MissingAPIKeyError) as caught:
        _ = move(settings, **elsewhere).client
    assert "The API key was given for api.minimax.io" in str(caught.value)
    assert HOSTS[field] in str(caught.value)
    assert KEY not in str(caught.value)


@MOVES
@ELSEWHERE
def test_given_headers_stay_behind_also_where_the_key_is_the_right_one(
    move, elsewhere, monkeypatch
):
    monkeypatch.setenv("MINIMAX_API_KEY", "sk-1")
    settings = MiniMaxSettings(default_headers=HEADERS)
    monkeypatch.setenv("LLMPROVIDER_API_KEY", "sk-2")
    (field,) = elsewhere
    with pytest.raises(MissingAPIKeyError) as caught:
        _ = move(settings, **elsewhere).client
    assert "The header 'Authorization' was given for api.minimax.io" in str(caught.value)
    assert HOSTS[field] in str(caught.value)


@MOVES
@ELSEWHERE
def test_what_is_given_in_the_same_update_is_for_the_new_host(move, elsewhere):
    settings = MiniMaxSettings(api_key=KEY, default_headers=HEADERS)
    update = {**elsewhere, "api_key": "sk-new", "default_headers": {"X-Team": "other"}}
    moved = move(settings, **update)
    assert moved.client._connection.api_key == SecretStr("sk-new")
    assert "sk-new" not in f"{moved.api_key!r} {moved.__dict__}"
    assert "other" not in repr(moved.default_headers)
    again = moved.model_copy(update={"base_url": "https://third.example/v1"})
    (field,) = elsewhere
    with pytest.raises(MissingAPIKeyError, match=f"{HOSTS[field]}.*third.example"):
        _ = again.client


@MOVES
def test_another_url_of_the_same_host_and_any_port_of_this_machine_keep_key_and_headers(move):
    near = MiniMaxSettings(api_key=KEY, default_headers=HEADERS, base_url=GATEWAY)
    moved = move(near, base_url="https://GATEWAY.example.:443/v2")
    assert moved.client._connection.api_key == SecretStr(KEY)
    here = MiniMaxSettings(api_key=KEY, default_headers=HEADERS, base_url="http://127.0.0.1:1/v1")
    assert move(here, base_url="http://localhost:2/v1").client._connection.headers == {
        name: SecretStr(value) for name, value in HEADERS.items()
    }


@MOVES
@ELSEWHERE
def test_a_key_of_the_environment_is_read_as_a_constructor_would(move, elsewhere, monkeypatch):
    monkeypatch.setenv("MINIMAX_API_KEY", "sk-minimax")
    monkeypatch.setenv("LLMPROVIDER_API_KEY", "sk-llmprovider")
    expected = MiniMaxSettings(**elsewhere).client._connection
    moved = move(MiniMaxSettings(), **elsewhere).client._connection
    assert (moved.api_key, moved.base_url) == (expected.api_key, expected.base_url)


@MOVES
def test_a_key_of_the_environment_never_moves_to_another_providers_host(move, monkeypatch):
    monkeypatch.setenv("MARA_API_KEY", KEY)
    settings = MARASettings()
    with pytest.raises(ParameterError, match="host of MiniMax, but the key in MARA_API_KEY"):
        _ = move(settings, base_url="https://api.minimax\u3002io./v1").client


@MOVES
def test_a_url_of_one_providers_variable_is_not_the_url_of_another(move, monkeypatch):
    monkeypatch.setenv("MINIMAX_API_KEY", "sk-minimax")
    monkeypatch.setenv("LLMPROVIDER_API_KEY", "sk-llmprovider")
    monkeypatch.setenv("MINIMAX_BASE_URL", GATEWAY)
    settings = MiniMaxSettings()
    moved = move(settings, endpoint="llmprovider").client._connection
    assert moved.base_url == "https://platform.llmprovider.ai/v1"
    assert moved.api_key == SecretStr("sk-llmprovider")
    given = {"endpoint": "llmprovider", "base_url": "https://other.example/v1"}
    assert move(settings, **given).endpoint_url == "https://other.example/v1"


@MOVES
def test_the_variables_key_is_asked_for_by_giving_none(move, monkeypatch):
    settings = MiniMaxSettings(api_key=KEY)
    monkeypatch.setenv("LLMPROVIDER_API_KEY", "sk-2")
    moved = move(settings, endpoint="llmprovider", api_key=None)
    assert moved.client._connection.api_key == SecretStr("sk-2")


def test_a_key_that_is_assigned_is_hidden_and_for_the_host_of_the_instance():
    settings = MiniMaxSettings(api_key=KEY)
    settings.base_url = GATEWAY
    settings.api_key = "sk-new"
    assert "sk-new" not in repr(settings.api_key)
    assert settings.client._connection.api_key == SecretStr("sk-new")
    settings.base_url = None
    with pytest.raises(MissingAPIKeyError, match=r"gateway.example.*api.minimax.io"):
        _ = settings.client


@pytest.mark.parametrize("key", [b"sk-secret", 5])
def test_a_copy_refuses_a_key_of_another_type(key):
    with pytest.raises(ParameterError, match="api_key has to be text"):
        MiniMaxSettings(api_key=KEY).model_copy(update={"api_key": key})


def test_a_pickle_carries_what_was_given_encoded():
    settings = MARASettings(api_key="sk-secret", default_headers={"X": "hidden"})
    data = pickle.dumps(settings)
    assert b"sk-secret" not in data
    assert b"hidden" not in data
    loaded = pickle.loads(data)
    assert loaded == settings
    assert loaded.default_headers == {"X": SecretStr("hidden")}


def test_a_pickle_leaves_a_key_of_the_environment_out(monkeypatch):
    monkeypatch.setenv("MINIMAX_API_KEY", "sk-1")
    monkeypatch.setenv("MINIMAX_BASE_URL", GATEWAY)
    data = pickle.dumps(MiniMaxSettings())
    assert b"sk-1" not in data
    monkeypatch.setenv("MINIMAX_API_KEY", "sk-2")
    monkeypatch.delenv("MINIMAX_BASE_URL")
    loaded = pickle.loads(data)
    assert loaded.api_key == SecretStr("sk-2")
    assert loaded.model_copy(update={"endpoint": "china"}).endpoint_url == GATEWAY
