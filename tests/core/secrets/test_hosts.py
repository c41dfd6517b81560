"""Which URLs may carry a key, and whose host each one is."""

from __future__ import annotations

import copy
import pickle

import pytest

from mara_minimax.errors import ParameterError
from mara_minimax.failures.answers import error_in_response
from mara_minimax.http_library import http_library
from mara_minimax.providers.endpoints import MARA, MINIMAX, MINIMAX_CHINA
from mara_minimax.secrets.hosts import (
    EnvironmentURL,
    address_of,
    check_url,
    host_of,
    is_local,
    owner_of,
    resolve_url,
)

MINIMAX_HOST = [
    "https://api.minimax.io/v1",
    "https://API.MiniMax.IO/v1",
    "https://api.minimax.io:443/v1",
    "https://api.minimax.io./v1",
    "https://api.minimax\u3002io/v1",
    "https://api.minimax\uff0eio/v1",
    "https://api\uff61minimax.io\u3002/v1",
    "http://api.minimax.io/v1",
]
"""One host, however its name is written: with the dots of IDNA, and with the one at the end."""


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LocalHost.",
        "localhost\u3002",
        "127.0.0.1",
        "127.9.9.9",
        "127\u30020\u30020\u30021",
        "[::1]",
        "[::ffff:127.0.0.1]",
    ],
)
@pytest.mark.parametrize("port", ["", ":1", ":8000"])
def test_loopback_names_and_addresses_are_one_host_whatever_the_port(host, port):
    assert is_local(f"http://{host}{port}/v1")
    assert host_of(f"http://{host}{port}/v1") == "localhost"


@pytest.mark.parametrize(
    "host",
    ["0.0.0.0", "10.0.0.1", "example.com", "[::]", "[::ffff:10.0.0.1]", "localhost.example.com"],
)
def test_other_names_and_addresses_are_not_loopback(host):
    assert not is_local(f"http://{host}/v1")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("api.minimax.io/v1", "base_url='api.minimax.io/v1' has no scheme"),
        ("ftp://example.com", "has no scheme"),
        ("https:///v1", "has no scheme"),
        ("https://[::1/v1", "has no scheme"),
        ("https://example.com:port/v1", "has no scheme"),
        ("http://example.com/v1", "to example.com over http://"),
        ("https://user:secret@example.com/v1", "user name or password for example.com"),
        ("user:secret@example.com/v1", "has no scheme"),
        ("https://user:secret@a\u200b.io/v1", "user name or password"),
        ("https://api.m\u200binimax.io/v1", "names a host that cannot be looked up"),
        ("https://./v1", "names a host that cannot be looked up"),
    ],
)
def test_a_url_that_must_not_carry_a_key_is_refused_without_its_password(url, words):
    with pytest.raises(ParameterError, match=words) as caught:
        check_url(url, allow_http=False)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/text/chatcompletion_v2/"])
def test_the_address_of_a_call_is_refused_as_a_base(path):
    with pytest.raises(ParameterError, match="is the address of a call.*https://host/v1"):
        check_url(f"https://example.com{path}", allow_http=False)


@pytest.mark.parametrize("url", ["https://example.com/v1", "http://localhost:8000/v1"])
def test_https_and_loopback_pass(url):
    check_url(url, allow_http=False)


def test_the_opt_in_lets_plain_http_pass():
    check_url("http://example.com/v1", allow_http=True)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://Example.com/v1", "example.com"),
        ("https://example.com:443/v1", "example.com"),
        ("http://example.com:443/v1", "example.com:443"),
        ("https://example.com:8443/v1", "example.com:8443"),
        ("https://u:p@example.com/v1", "example.com"),
        ("https://M\u00dcNCHEN.example/v1", "xn--mnchen-3ya.example"),
        ("https://XN--mnchen-3ya.example/v1", "xn--mnchen-3ya.example"),
        ("nothing", ""),
        ("https://[::1", ""),
    ],
)
def test_the_host_of_a_url(url, host):
    assert host_of(url) == host


@pytest.mark.parametrize("url", MINIMAX_HOST)
def test_a_host_is_the_one_that_is_dialled_however_it_is_written(url):
    dialled = http_library().URL(url)
    assert dialled.raw_host.rstrip(b".") == b"api.minimax.io"
    assert host_of(url) == "api.minimax.io"
    assert owner_of(url) is MINIMAX


def test_the_owner_of_a_host():
    assert owner_of("https://api.minimax.io/v2") is MINIMAX
    assert owner_of("https://api.minimaxi.com") is MINIMAX_CHINA
    assert owner_of(MARA.base_url) is MARA
    assert owner_of("https://example.com/v1") is None


def test_an_address_has_nothing_secret():
    url = "https://user:secret@example.com:8/v1?key=secret#secret"
    assert address_of(url) == "https://example.com:8/v1"
    assert address_of("/v2?key=secret") == "/v2"
    assert "secret" not in address_of("https://[secret")


def test_a_redirect_names_its_target_without_its_secrets():
    target = "https://user:secret@example.com/v1?key=secret"
    error = error_in_response(307, None, {"location": target}, MINIMAX)
    assert "a redirect to https://example.com/v1, which is not followed" in str(error)
    assert "secret" not in str(error)
    assert not error.retryable


def test_the_url_that_was_given_counts_before_the_variable(monkeypatch):
    monkeypatch.setenv("MARA_BASE_URL", "https://two.example/v1")
    assert resolve_url(" https://one.example/v1\n", "MARA_BASE_URL") == "https://one.example/v1"
    assert resolve_url(" ", "MARA_BASE_URL") == "https://two.example/v1"
    monkeypatch.delenv("MARA_BASE_URL")
    assert resolve_url(None, "MARA_BASE_URL") is None


def test_the_url_of_another_providers_variable_was_not_given(monkeypatch):
    monkeypatch.setenv("MARA_BASE_URL", "https://two.example/v1")
    url = resolve_url(None, "MARA_BASE_URL")
    assert isinstance(url, EnvironmentURL)
    assert resolve_url(url, "MARA_BASE_URL") is url
    assert resolve_url(url, "MINIMAX_BASE_URL") is None


@pytest.mark.parametrize(
    "again", [copy.copy, copy.deepcopy, lambda u: pickle.loads(pickle.dumps(u))]
)
def test_copies_and_pickles_keep_where_a_url_came_from(again, monkeypatch):
    monkeypatch.setenv("MARA_BASE_URL", "https://two.example/v1")
    url = again(resolve_url(None, "MARA_BASE_URL"))
    assert (url, url.variable) == ("https://two.example/v1", "MARA_BASE_URL")
