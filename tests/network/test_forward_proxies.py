"""Forward proxies that ask for a password: by the variables of the environment, or a client."""

from __future__ import annotations

import pytest

from mara_minimax.errors import APIConnectionError
from tests.network.conftest import assert_failed, assert_same
from tests.network.forward_proxies import FORBIDDEN, HOST, PASSWORD, squid, tinyproxy
from tests.network.gateways import secure_nginx

WRONG = "wrong-password"


@pytest.fixture(scope="module")
def provider(tmp_path_factory, authority, upstream):
    """The emulator behind TLS."""
    passed = f"location /v1/ {{ proxy_pass {upstream}/; }}"
    folder = tmp_path_factory.mktemp("nginx")
    with secure_nginx(folder, authority, passed, HOST, FORBIDDEN, "127.0.0.1") as provider:
        yield provider


@pytest.fixture(scope="module")
def squid_proxy():
    with squid() as proxy:
        yield proxy


@pytest.fixture(scope="module")
def tiny_proxy(tmp_path_factory):
    with tinyproxy(tmp_path_factory.mktemp("tinyproxy")) as proxy:
        yield proxy


class BySquid:
    """Calls that the environment sends through squid, which alone knows the host's name."""

    def __init__(self, proxy, ask, provider, monkeypatch):
        self.proxy, self._ask, self._provider = proxy, ask, provider
        self._monkeypatch = monkeypatch

    def ask(self, password=PASSWORD, port=None, host=HOST):
        self._monkeypatch.setenv("https_proxy", self.proxy.url(password))
        return self._ask(f"https://{host}:{port or self._provider.port}/v1")


class ByTinyproxy:
    """Calls that a user's own HTTP clients send through tinyproxy."""

    def __init__(self, proxy, ask, provider, own_clients):
        self.proxy, self._ask, self._provider = proxy, ask, provider
        self._own_clients = own_clients

    def ask(self, password=PASSWORD, port=None):
        clients = self._own_clients(proxy=self.proxy.url(password))
        call = self._ask(f"https://127.0.0.1:{port or self._provider.port}/v1", **clients)
        assert self.proxy.requests(1) >= 1, "the call took another way"
        return call


@pytest.fixture(params=["squid", "tinyproxy"])
def way(request, ask, provider, own_clients, trusted, monkeypatch):
    proxy = request.getfixturevalue("squid_proxy" if request.param == "squid" else "tiny_proxy")
    proxy.clear()
    if request.param == "squid":
        return BySquid(proxy, ask, provider, monkeypatch)
    return ByTinyproxy(proxy, ask, provider, own_clients)


def test_the_answer_is_that_of_the_provider(way, direct, server):
    assert_same(way.ask(), direct)
    assert len(server.requests) == 1


@pytest.mark.parametrize("password", [WRONG, ""])
def test_a_wrong_password_is_asked_for_once(password, way, server, waits):
    call = way.ask(password)
    assert_failed(call, APIConnectionError, f"the proxy {way.proxy.address} asks for a password.")
    assert WRONG not in str(call.error)
    assert waits == []
    assert way.proxy.requests(1) == 1
    assert server.requests == []


def test_a_provider_that_the_proxy_cannot_reach_is_asked_for_again(way, closed_port, server, waits):
    call = way.ask(port=closed_port)
    assert_failed(call, APIConnectionError, f"the proxy {way.proxy.address} answered HTTP 50")
    assert PASSWORD not in str(call.error)
    assert len(waits) == 2
    assert server.requests == []


@pytest.fixture
def by_squid(squid_proxy, ask, provider, trusted, monkeypatch):
    squid_proxy.clear()
    return BySquid(squid_proxy, ask, provider, monkeypatch)


def test_a_host_that_the_proxy_forbids_is_asked_for_once(by_squid, server, waits):
    call = by_squid.ask(host=FORBIDDEN)
    assert_failed(call, APIConnectionError, f"the proxy {by_squid.proxy.address} answered HTTP 403")
    assert waits == []
    assert by_squid.proxy.requests(1) == 1
    assert server.requests == []


def test_an_untrusted_certificate_behind_a_proxy_names_both(
    by_squid, server, waits, monkeypatch, fresh_pools
):
    monkeypatch.delenv("SSL_CERT_FILE")
    call = by_squid.ask()
    assert_failed(
        call,
        APIConnectionError,
        f"the certificate of {HOST} is not trusted",
        "set SSL_CERT_FILE, or pass http_client",
        f"through the proxy {by_squid.proxy.address}",
    )
    assert waits == []
    assert server.requests == []


def test_a_proxy_that_is_down_is_named(ask, closed_port, trusted, monkeypatch, server, waits):
    monkeypatch.setenv("https_proxy", f"http://someone:{PASSWORD}@127.0.0.1:{closed_port}")
    call = ask(f"https://{HOST}/v1")
    assert_failed(
        call, APIConnectionError, f"connection refused by the proxy 127.0.0.1:{closed_port}"
    )
    assert PASSWORD not in str(call.error)
    assert len(waits) == 2
