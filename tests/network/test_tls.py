"""TLS with an authority of one's own: trusted, not trusted, and used wrongly."""

from __future__ import annotations

import datetime

import pytest

from mara_minimax import errors
from tests.network.conftest import assert_failed, assert_same
from tests.network.gateways import secure_nginx

PAST = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)


@pytest.fixture(scope="module")
def passed(upstream):
    """The directive that hands calls to the emulator."""
    return f"location /v1/ {{ proxy_pass {upstream}/; }}"


@pytest.fixture(scope="module")
def provider(tmp_path_factory, authority, passed):
    with secure_nginx(tmp_path_factory.mktemp("tls"), authority, passed, "127.0.0.1") as provider:
        yield provider


@pytest.fixture(scope="module")
def expired(tmp_path_factory, authority, passed):
    folder = tmp_path_factory.mktemp("expired")
    with secure_nginx(folder, authority, passed, "127.0.0.1", not_after=PAST) as provider:
        yield provider


@pytest.fixture(scope="module")
def demanding(tmp_path_factory, authority, passed):
    """A provider that wants a certificate from its clients too."""
    wants = f"ssl_client_certificate {authority.file}; ssl_verify_client on;"
    folder = tmp_path_factory.mktemp("demanding")
    with secure_nginx(folder, authority, f"{wants}\n{passed}", "127.0.0.1") as provider:
        yield provider


def test_an_authority_of_the_environment_is_trusted(ask, direct, provider, trusted, server):
    assert_same(ask(provider.url()), direct)
    assert len(server.requests) == 1


def test_an_authority_of_a_users_own_client_is_trusted(ask, direct, provider, own_clients, server):
    assert_same(ask(provider.url(), **own_clients()), direct)
    assert len(server.requests) == 1


def test_an_unknown_authority_says_what_to_set(ask, provider, fresh_pools, server, waits):
    call = ask(provider.url())
    assert_failed(
        call,
        errors.APIConnectionError,
        "the certificate of 127.0.0.1 is not trusted (",
        "set SSL_CERT_FILE, or pass http_client",
    )
    assert waits == []
    assert server.requests == []


def test_a_certificate_of_another_host_names_the_host(ask, provider, trusted, server, waits):
    call = ask(provider.url(host="localhost"))
    assert_failed(
        call, errors.APIConnectionError, "the certificate of localhost is not trusted (", "ostname"
    )
    assert waits == []
    assert server.requests == []


def test_a_certificate_that_has_expired_says_so(ask, expired, trusted, server, waits):
    call = ask(expired.url())
    assert_failed(call, errors.APIConnectionError, "certificate has expired")
    assert waits == []
    assert server.requests == []


def test_a_client_without_its_certificate_reads_the_page(ask, demanding, trusted, server, waits):
    call = ask(demanding.url())
    assert_failed(call, errors.BadRequestError, "No required SSL certificate was sent")
    assert waits == []
    assert server.requests == []


def test_a_client_with_its_certificate_is_answered(
    ask, direct, demanding, authority, own_clients, server
):
    context = authority.context()
    authority.certify(context, "client.example")
    assert_same(ask(demanding.url(), **own_clients(verify=context)), direct)
    assert len(server.requests) == 1


def test_plain_http_to_a_secure_port_reads_the_page(ask, provider, server, waits):
    call = ask(f"http://127.0.0.1:{provider.port}/v1")
    assert_failed(call, errors.BadRequestError, "The plain HTTP request was sent to HTTPS port")
    assert waits == []
    assert server.requests == []


def test_tls_to_a_plain_port_names_host_and_reason(ask, trusted, server, waits):
    port = server.base_url.split("/")[2]
    call = ask(f"https://{port}/v1")
    assert_failed(call, errors.APIConnectionError, f"TLS with {port} failed (")
