"""Why a connection fails is found by going there step by step."""

from __future__ import annotations

import json
import os
import socket
import ssl
import subprocess
import sys
import threading
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import trustme

from mara_minimax.doctor.network import explain_connection
from mara_minimax.emulator import Emulator


@contextmanager
def listening(answer):
    """Yield the port of a server that takes one connection and does this with it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve():
            connection, _ = listener.accept()
            with connection:
                answer(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(5)


def test_a_host_that_has_no_name_is_told_from_one_that_refuses(monkeypatch):
    monkeypatch.setattr("urllib.request.getproxies", dict)
    monkeypatch.setattr("mara_minimax.doctor.network.getproxies", dict)

    def unknown(*_args, **_options):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert "'nowhere.invalid' is not known to DNS" in explain_connection(
        "https://nowhere.invalid/v1", 1
    )


def test_a_server_without_tls_is_named_as_that(server: Emulator):
    url = server.base_url.replace("http://", "https://")
    assert "does not speak TLS" in explain_connection(url, 5)


def test_a_port_that_takes_connections_is_not_blamed(server: Emulator):
    assert "takes connections" in explain_connection(server.base_url, 5)


def test_a_proxy_of_the_environment_is_named(monkeypatch):
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    assert "a proxy is set" in explain_connection("https://nowhere.invalid/v1", 1)


def test_a_host_that_goes_past_the_proxy_is_examined_itself(monkeypatch, server):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert "takes connections" in explain_connection(server.base_url, 5)


def test_a_proxy_for_other_hosts_only_is_named_for_those(monkeypatch):
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert "a proxy is set" in explain_connection("https://nowhere.invalid/v1", 1)


def test_a_closed_port_refuses_connections():
    # Bound and not listening: the port stays free of others and refuses.
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{bound.getsockname()[1]}/v1"
        assert "refuses connections (" in explain_connection(url, 5)


@pytest.fixture
def authority():
    return trustme.CA()


@pytest.fixture
def tls_port(authority):
    """A host with a certificate of that authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)

    def shake_hands(connection):
        with suppress(OSError):
            context.wrap_socket(connection, server_side=True).close()

    with listening(shake_hands) as port:
        yield port


def test_a_certificate_that_nobody_vouches_for_is_named(tls_port):
    reason = explain_connection(f"https://127.0.0.1:{tls_port}/v1", 5)
    assert reason.startswith("the certificate of 127.0.0.1 is not trusted (")


def test_a_certificate_that_the_environment_vouches_for_is_not_blamed(
    tls_port, authority, monkeypatch, tmp_path
):
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    assert "takes connections" in explain_connection(f"https://127.0.0.1:{tls_port}/v1", 5)


def test_a_host_that_says_nothing_is_named_after_the_timeout():
    def listen_to_the_end(connection):
        while connection.recv(10_000):
            pass

    with listening(listen_to_the_end) as port:
        reason = explain_connection(f"https://127.0.0.1:{port}/v1", 0.2)
    assert reason == f"127.0.0.1:{port} did not answer within 0.2 s"


def test_the_doctor_goes_through_the_proxy_of_the_environment_as_other_calls_do():
    asked = []

    class Proxy(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_error(503)

        do_POST = do_GET

        def log_message(self, *_):
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Proxy)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    proxy = f"http://127.0.0.1:{server.server_port}"
    url = "http://nowhere.invalid/v1"
    environment = {**os.environ, "http_proxy": proxy, "no_proxy": "", "MINIMAX_API_KEY": "any"}
    command = ["doctor", "--base-url", url, "--allow-http", "--json"]
    finished = subprocess.run(
        [sys.executable, "-m", "mara_minimax", *command],
        capture_output=True,
        text=True,
        env=environment,
    )
    server.shutdown()
    server.server_close()
    assert asked == [f"{url}/models", f"{url}/chat/completions"]
    assert json.loads(finished.stdout)["requests"] == 2
