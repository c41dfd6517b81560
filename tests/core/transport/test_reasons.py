"""Errors of the connection name the host, a proxy and the reason, and retry what may pass."""

from __future__ import annotations

import errno
import itertools
import socket
import ssl

import openai
import pytest
import trustme

from mara_minimax import errors
from mara_minimax.http_library import http_library
from mara_minimax.providers.endpoints import MINIMAX
from mara_minimax.settings import MiniMaxSettings
from mara_minimax.transport import pools
from mara_minimax.transport.connection_errors import to_provider_error
from mara_minimax.transport.passage import Passage
from tests.core.calls import FORMS, call
from tests.core.raw_server import RawServer

LIBRARY = http_library()
URL = "https://api.minimax.io/v1/chat/completions"


def settings_for(base_url, **fields):
    return MiniMaxSettings(api_key="key-of-mine", base_url=base_url, max_retries=1, **fields)


def failure_of(form, settings):
    with pytest.raises(errors.APIConnectionError) as caught:
        call(settings, form)
    assert isinstance(caught.value, openai.APIConnectionError)
    return caught.value


@pytest.fixture
def fresh_pools():
    """Pools read the proxy variables when they are made."""
    pools._forget_pools()
    yield
    pools._forget_pools()


@pytest.fixture
def closed_port():
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


@FORMS
def test_a_refused_connection_names_its_host_and_is_retried(form, closed_port, sleeps):
    failure = failure_of(form, settings_for(f"http://127.0.0.1:{closed_port}/v1"))
    assert str(failure) == (
        f"The connection to MiniMax failed: connection refused by 127.0.0.1:{closed_port}. "
        "mara-minimax doctor tells more."
    )
    assert len(sleeps) == 1


@FORMS
def test_an_error_has_the_request_without_its_secrets(form, closed_port, sleeps):
    request = failure_of(form, settings_for(f"http://127.0.0.1:{closed_port}/v1")).request
    assert str(request.url) == f"http://127.0.0.1:{closed_port}/v1/chat/completions"
    assert request.method == "POST"
    assert "key-of-mine" not in repr(request.headers.multi_items())
    assert request.read() == b""


@FORMS
def test_a_name_that_dns_does_not_know_is_named_and_not_retried(form, monkeypatch, sleeps):
    def unknown(*_arguments, **_named):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    failure = failure_of(form, settings_for("https://api.minimax.invalid/v1"))
    assert "the name api.minimax.invalid is not known to DNS" in str(failure)
    assert sleeps == []


@FORMS
def test_an_untrusted_certificate_says_what_to_set_and_is_not_retried(form, sleeps):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    with RawServer(lambda _: [], context) as server:
        failure = failure_of(form, settings_for(server.base_url))
    assert "the certificate of 127.0.0.1 is not trusted (" in str(failure)
    assert "set SSL_CERT_FILE, or pass http_client" in str(failure)
    assert sleeps == []


PROXIES = {
    "407 Proxy Authentication Required": ("asks for a password", 0),
    # What tinyproxy answers to a wrong password.
    "401 Unauthorized": ("asks for a password", 0),
    "403 Forbidden": ("answered HTTP 403", 0),
    "429 Too Many Requests": ("answered HTTP 429", 1),
    "502 key-of-mine": ("answered HTTP 502", 1),
}


@FORMS
@pytest.mark.usefixtures("fresh_pools")
@pytest.mark.parametrize("answer", PROXIES)
def test_a_proxy_is_named_with_what_it_answers(form, answer, monkeypatch, sleeps):
    words, retries = PROXIES[answer]
    head = f"HTTP/1.1 {answer}\r\nContent-Length: 0\r\n\r\n".encode()
    with RawServer(lambda _: [head, "close"]) as proxy:
        address = proxy.base_url.removeprefix("http://").removesuffix("/v1")
        monkeypatch.setenv("https_proxy", f"http://someone:some-password@{address}")
        failure = failure_of(form, settings_for("https://api.minimax.invalid/v1"))
    assert f"the proxy {address} {words}." in str(failure)
    assert "some-password" not in str(failure)
    assert "key-of-mine" not in str(failure)
    assert len(sleeps) == retries


@FORMS
@pytest.mark.usefixtures("fresh_pools")
def test_a_proxy_that_is_down_is_blamed_and_not_the_provider(
    form, closed_port, monkeypatch, sleeps
):
    monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{closed_port}")
    failure = failure_of(form, settings_for("https://api.minimax.invalid/v1"))
    assert f"connection refused by the proxy 127.0.0.1:{closed_port}." in str(failure)


@FORMS
@pytest.mark.usefixtures("fresh_pools")
def test_a_proxy_before_plain_http_asks_for_its_password(form, monkeypatch, sleeps):
    head = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
    with RawServer(lambda _: [head]) as proxy:
        monkeypatch.setenv("http_proxy", proxy.base_url.removesuffix("/v1"))
        settings = settings_for("http://api.minimax.invalid/v1", allow_http=True)
        with pytest.raises(errors.BadRequestError, match="A proxy asks for a password"):
            call(settings, form)
        assert proxy.requests == [1]
    assert sleeps == []


def chained(*links):
    """Return the first exception, caused by the next one, and so on."""
    for link, cause in itertools.pairwise(links):
        link.__cause__ = cause
    return links[0]


CONNECT = LIBRARY.ConnectError
NO_TLS = ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number")
NO_TLS.reason = "WRONG_VERSION_NUMBER"
REASONS = [
    (
        [CONNECT("x"), socket.gaierror(socket.EAI_AGAIN, "again")],
        "DNS does not tell the address of api.minimax.io",
        True,
    ),
    (
        [CONNECT("x"), NO_TLS],
        "TLS with api.minimax.io:443 failed (WRONG_VERSION_NUMBER)",
        True,
    ),
    (
        [LIBRARY.ReadError("x"), ConnectionResetError(errno.ECONNRESET, "reset")],
        "the connection was broken by api.minimax.io:443",
        True,
    ),
    (
        [CONNECT("x"), OSError(errno.EHOSTUNREACH, "No route to host")],
        "there is no way to api.minimax.io:443",
        True,
    ),
    (
        [LIBRARY.RemoteProtocolError("Server disconnected without sending a response.")],
        "closed by api.minimax.io:443 without an answer",
        True,
    ),
    (
        [LIBRARY.RemoteProtocolError("peer closed connection without sending complete message")],
        "closed by api.minimax.io:443 in the middle of its answer",
        True,
    ),
    (
        [LIBRARY.RemoteProtocolError("illegal status line")],
        "what api.minimax.io:443 sent is not proper HTTP",
        True,
    ),
    # What h2 says of a host that ends a stream, or says goodbye.
    (
        [LIBRARY.RemoteProtocolError("<StreamReset stream_id:1, error_code:7, remote_reset:True>")],
        "the connection was broken by api.minimax.io:443",
        True,
    ),
    (
        [LIBRARY.RemoteProtocolError("<ConnectionTerminated error_code:0, last_stream_id:5>")],
        "the connection was broken by api.minimax.io:443",
        True,
    ),
    ([LIBRARY.ReadError("x")], "ReadError at api.minimax.io:443", True),
    ([LIBRARY.UnsupportedProtocol("x")], "the HTTP client takes no proxy of this kind", False),
    # A handshake that takes too long is interrupted while it waits.
    (
        [LIBRARY.ConnectTimeout("x"), ssl.SSLWantReadError()],
        "no connection to api.minimax.io:443 within 5 s",
        True,
    ),
    ([LIBRARY.ProxyError("socks")], "api.minimax.io:443 refused", True),
    ([LIBRARY.ConnectTimeout("x")], "no connection to api.minimax.io:443 within 5 s", True),
    ([LIBRARY.PoolTimeout("x")], "no connection of the pool was free within 600 s", True),
    ([LIBRARY.WriteTimeout("x")], "api.minimax.io:443 did not take the request in time", True),
    ([LIBRARY.ReadTimeout("x")], "nothing came from api.minimax.io:443 within 30 s", True),
]


@pytest.mark.parametrize(("links", "words", "may_pass"), REASONS)
def test_an_exception_says_its_reason(links, words, may_pass):
    timeout = {"connect": 5.0, "pool": 600.0, "write": None, "read": 30.0}
    request = LIBRARY.Request("POST", URL, extensions={"timeout": timeout})
    failure = to_provider_error(chained(*links), MINIMAX, request, Passage())
    assert words in str(failure)
    assert failure.retryable is may_pass


def test_what_fails_behind_a_proxy_names_both():
    passage = Passage()
    passage.trace("connection.connect_tcp.started", {"host": "proxy.local", "port": 3128})
    request = LIBRARY.Request("POST", URL)
    refusal = chained(CONNECT("x"), NO_TLS)
    failure = to_provider_error(refusal, MINIMAX, request, passage)
    assert "TLS with api.minimax.io:443 failed" in str(failure)
    assert "through the proxy proxy.local:3128." in str(failure)
    unknown = chained(CONNECT("x"), socket.gaierror(socket.EAI_NONAME, "?"))
    failure = to_provider_error(unknown, MINIMAX, request, passage)
    assert "the name proxy.local of the proxy is not known to DNS" in str(failure)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_users_async_client_in_another_loop_is_named_as_the_reason(emulator):
    own = openai.DefaultAsyncHttpxClient()
    settings = settings_for(emulator.base_url, http_async_client=own)
    call(settings, "acomplete")
    failure = failure_of("acomplete", settings)
    assert "its connections belong to another event loop" in str(failure)
    assert "Pass an http_async_client for each loop, or none." in str(failure)
    assert not failure.retryable
