"""Why a connection fails is told as the HTTP client says it, and a proxy is gone through."""

from __future__ import annotations

import json
import os
import socket
import ssl
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import trustme

from mara_minimax.doctor.probe import Listing, Probe
from mara_minimax.emulator import Emulator
from mara_minimax.emulator.faults import FaultServer, RawAnswer
from mara_minimax.http_library import http_library
from mara_minimax.settings import MiniMaxSettings

http = http_library()
KEY = "sk-9f3a71c2-not-for-your-eyes"


def listed(url: str, **given) -> Listing:
    return Probe(MiniMaxSettings(api_key=KEY, base_url=url, **given), 5).list_models()


def test_a_port_that_refuses_connections_is_told():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    listing = listed(f"http://127.0.0.1:{port}/v1")
    assert listing.status is None
    assert listing.reason == f"connection refused by 127.0.0.1:{port}"


def test_a_server_without_tls_is_told(server: Emulator):
    assert listed(server.base_url.replace("http://", "https://")).reason.startswith("TLS with 127.")


def test_a_certificate_that_nobody_vouches_for_is_told():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    with FaultServer(context=context) as host:
        assert "the certificate of 127.0.0.1 is not trusted" in listed(host.base_url).reason


def test_a_host_that_breaks_off_is_told():
    with FaultServer() as host:
        host.play(lambda _: RawAnswer(end="close"))
        assert "without an answer" in listed(host.base_url).reason


def test_a_reason_shows_no_key():
    def refuse(_):
        raise http.ConnectError(f"no way for {KEY}")

    client = http.Client(transport=http.MockTransport(refuse))
    listing = listed("https://api.minimax.io/v1", http_client=client)
    assert listing.reason == "ConnectError at api.minimax.io:443"


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
