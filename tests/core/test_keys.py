"""A key knows its provider and host, and whether a pickle carries it."""

from __future__ import annotations

import pickle

import pytest
from pydantic import SecretStr

from mara_minimax.errors import MissingAPIKeyError, ParameterError
from mara_minimax.keys import ProviderKey, usable_key
from mara_minimax.providers import LLMPROVIDER, MARA, MINIMAX
from mara_minimax.settings import MARASettings, MiniMaxSettings


def key_for(given, provider, url=None):
    return usable_key(given, provider, url or provider.base_url, "X")


def test_a_given_key_is_bound_to_its_provider_and_host():
    key = key_for(SecretStr(" sk-1\n"), MINIMAX)
    assert key.get_secret_value() == "sk-1"
    assert (key.owner, key.host, key.from_variable) == (
        "MINIMAX_API_KEY",
        "api.minimax.io",
        False,
    )


def test_a_key_of_another_provider_does_not_count(monkeypatch):
    key = key_for(SecretStr("sk-1"), MINIMAX)
    with pytest.raises(MissingAPIKeyError, match="LLMPROVIDER_API_KEY"):
        key_for(key, LLMPROVIDER)
    monkeypatch.setenv("LLMPROVIDER_API_KEY", "sk-2")
    assert key_for(key, LLMPROVIDER) == SecretStr("sk-2")


def test_a_key_stays_where_the_host_stays():
    gateway = "https://gateway.example/v1"
    key = key_for(SecretStr("sk-1"), MINIMAX, gateway)
    assert key_for(key, LLMPROVIDER, gateway) is key


def test_a_key_of_the_environment_does_not_go_to_another_providers_host(monkeypatch):
    monkeypatch.setenv("MINIMAX_API_KEY", "sk-1")
    with pytest.raises(ParameterError, match="host of MARA Cloud.*MINIMAX_API_KEY"):
        key_for(None, MINIMAX, MARA.base_url)
    assert key_for(SecretStr("sk-2"), MINIMAX, MARA.base_url) == SecretStr("sk-2")


def test_keys_are_equal_by_their_text():
    first = ProviderKey("k", owner="A", host="a", from_variable=True)
    second = ProviderKey("k", owner="B", host="b", from_variable=False)
    assert first == second == SecretStr("k")
    assert hash(first) == hash(second)
    assert first != SecretStr("other")
    assert first != "k"


def test_a_key_of_another_type_is_refused_without_being_quoted():
    with pytest.raises(ParameterError, match="api_key has to be text, not bytes") as caught:
        MARASettings(api_key=b"sk-secret")
    assert "sk-secret" not in str(caught.value)


def test_a_pickle_carries_what_was_given_encoded():
    settings = MARASettings(api_key="sk-secret", default_headers={"X": "hidden"})
    data = pickle.dumps(settings)
    assert b"sk-secret" not in data
    assert b"hidden" not in data
    loaded = pickle.loads(data)
    assert loaded == settings
    assert loaded.default_headers == {"X": "hidden"}


def test_a_pickle_leaves_a_key_of_the_environment_out(monkeypatch):
    monkeypatch.setenv("MINIMAX_API_KEY", "sk-1")
    monkeypatch.setenv("MINIMAX_BASE_URL", "https://gateway.example/v1")
    data = pickle.dumps(MiniMaxSettings())
    monkeypatch.setenv("MINIMAX_API_KEY", "sk-2")
    loaded = pickle.loads(data)
    assert loaded.api_key == SecretStr("sk-2")
    assert loaded.model_copy(update={"endpoint": "china"}).endpoint_url == loaded.base_url
