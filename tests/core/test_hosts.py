"""Which URLs may carry a key, and whose host each one is."""

from __future__ import annotations

import pytest

from mara_minimax.errors import ParameterError
from mara_minimax.failures import error_in_response
from mara_minimax.hosts import address_of, check_url, host_of, is_loopback, owner_of
from mara_minimax.providers import MARA, MINIMAX, MINIMAX_CHINA


@pytest.mark.parametrize(
    "host", ["localhost", "LocalHost.", "127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"]
)
def test_loopback_names_and_addresses(host):
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "10.0.0.1", "example.com", "::", "::ffff:10.0.0.1"])
def test_other_names_and_addresses_are_not_loopback(host):
    assert not is_loopback(host)


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
    ],
)
def test_a_url_that_must_not_carry_a_key_is_refused_without_its_password(url, words):
    with pytest.raises(ParameterError, match=words) as caught:
        check_url(url, allow_http=False)
    assert "secret" not in str(caught.value)


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
        ("https://u:p@example.com/v1", "example.com"),
        ("nothing", ""),
        ("https://[::1", ""),
    ],
)
def test_the_host_of_a_url(url, host):
    assert host_of(url) == host


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
