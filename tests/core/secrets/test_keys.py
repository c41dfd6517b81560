"""A key goes to the host that it was given for; a variable's is read for each host anew."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from mara_minimax.errors import MissingAPIKeyError, ParameterError
from mara_minimax.providers.endpoints import LLMPROVIDER, MARA, MINIMAX, MINIMAX_CHINA
from mara_minimax.secrets.keys import usable_key
from mara_minimax.settings import MARASettings

GATEWAY = "https://gateway.example/v1"


def key_for(given, provider, url=None):
    return usable_key(given, provider, url or provider.base_url, "X")


@pytest.mark.parametrize("given", [" sk-1\n", SecretStr(" sk-1\n")], ids=["text", "hidden"])
def test_a_given_key_is_bound_to_its_host(given):
    key = key_for(given, MINIMAX)
    assert key.get_secret_value() == "sk-1"
    assert (key.host, key.variable) == ("api.minimax.io", "")


@pytest.mark.parametrize(
    ("provider", "url", "host"),
    [
        (MINIMAX, GATEWAY, "gateway.example"),
        (MINIMAX_CHINA, None, "api.minimaxi.com"),
        (LLMPROVIDER, None, "platform.llmprovider.ai"),
    ],
)
def test_a_given_key_does_not_go_to_another_host_and_the_error_names_both(
    provider, url, host, monkeypatch
):
    monkeypatch.setenv(provider.key_variable, "sk-of-the-environment")
    key = key_for(SecretStr("sk-1"), MINIMAX)
    with pytest.raises(MissingAPIKeyError, match=f"api.minimax.io.* {host}"):
        key_for(key, provider, url)


def test_a_given_key_stays_where_the_host_stays():
    key = key_for(SecretStr("sk-1"), MINIMAX, GATEWAY)
    assert key_for(key, LLMPROVIDER, "https://GATEWAY.example.:443/other") is key


def test_a_key_of_the_environment_is_kept_while_host_and_provider_stay(monkeypatch):
    monkeypatch.setenv("MINIMAX_API_KEY", "sk-1")
    key = key_for(None, MINIMAX)
    assert (key.host, key.variable) == ("api.minimax.io", "MINIMAX_API_KEY")
    monkeypatch.setenv("MINIMAX_API_KEY", "sk-2")
    assert key_for(key, MINIMAX) is key


@pytest.mark.parametrize(
    ("provider", "url"), [(MINIMAX, GATEWAY), (MINIMAX_CHINA, None), (LLMPROVIDER, None)]
)
def test_a_key_of_the_environment_is_read_anew_for_another_host(provider, url, monkeypatch):
    monkeypatch.setenv("MINIMAX_API_KEY", "sk-1")
    key = key_for(None, MINIMAX)
    monkeypatch.setenv(provider.key_variable, "sk-2")
    moved = key_for(key, provider, url)
    assert (moved.get_secret_value(), moved.variable) == ("sk-2", provider.key_variable)


def test_a_key_of_the_environment_is_read_anew_for_another_provider_at_the_same_host(monkeypatch):
    monkeypatch.setenv("MINIMAX_API_KEY", "sk-1")
    key = key_for(None, MINIMAX, GATEWAY)
    with pytest.raises(MissingAPIKeyError, match="LLMPROVIDER_API_KEY"):
        key_for(key, LLMPROVIDER, GATEWAY)


@pytest.mark.parametrize("url", [MARA.base_url, f"{MARA.base_url.replace('.ai/', '.ai./')}"])
def test_a_key_of_the_environment_does_not_go_to_another_providers_host(url, monkeypatch):
    monkeypatch.setenv("MINIMAX_API_KEY", "sk-1")
    with pytest.raises(ParameterError, match="host of MARA Cloud.*MINIMAX_API_KEY"):
        key_for(None, MINIMAX, url)
    with pytest.raises(ParameterError, match="host of MARA Cloud.*MINIMAX_API_KEY"):
        key_for(key_for(None, MINIMAX), MINIMAX, url)
    assert key_for(SecretStr("sk-2"), MINIMAX, url) == SecretStr("sk-2")


@pytest.mark.parametrize("key", [b"sk-secret", ["sk-secret"], 5])
def test_a_key_of_another_type_is_refused_without_being_quoted(key):
    with pytest.raises(ParameterError, match="api_key has to be text, or a function") as caught:
        MARASettings(api_key=key)
    assert "sk-secret" not in str(caught.value)
