"""Hosts that close idle connections: the next call takes another one, and no retry."""

from __future__ import annotations

import time

import pytest

from tests.network.conftest import assert_same
from tests.network.gateways import nginx
from tests.network.programs import free_port, running

DIRECTIVES = {
    "at-once": "keepalive_timeout 0;",
    "after-a-pause": "keepalive_timeout 100ms;",
    "after-two": "keepalive_requests 2;",
}
HAPROXY = """
defaults
    mode http
    timeout connect 1s
    timeout client 30s
    timeout server 30s
    timeout http-keep-alive 100ms
frontend entrance
    bind 127.0.0.1:{port}
    default_backend emulated
backend emulated
    server one {upstream}
"""


@pytest.fixture(scope="module", params=DIRECTIVES)
def gateway(request, tmp_path_factory, upstream):
    passed = f"location /v1/ {{ proxy_pass {upstream}/; }}"
    folder = tmp_path_factory.mktemp("nginx")
    with nginx(folder, f"{DIRECTIVES[request.param]}\n{passed}") as gateway:
        yield gateway


def ask_with_pauses(ask, base_url, direct, server, waits):
    for _ in range(5):
        assert_same(ask(base_url, max_retries=0), direct)
        # Longer than the host keeps a connection that nobody uses.
        time.sleep(0.25)
    assert len(server.requests) == 5
    # A call over a connection that was gone is repeated without being counted.
    assert set(waits) <= {0.0}


def test_nginx_closes_idle_connections(ask, direct, gateway, server, waits):
    ask_with_pauses(ask, gateway.url(), direct, server, waits)


def test_haproxy_closes_idle_connections(ask, direct, server, waits, tmp_path_factory, upstream):
    port, folder = free_port(), tmp_path_factory.mktemp("haproxy")
    config = folder / "haproxy.cfg"
    config.write_text(HAPROXY.format(port=port, upstream=upstream.split("/")[2]))
    with running("haproxy", "-db", "-f", config, port=port, folder=folder):
        ask_with_pauses(ask, f"http://127.0.0.1:{port}/v1", direct, server, waits)
