"""nginx loses its upstream, or is slow, in the middle of an answer."""

from __future__ import annotations

import pytest

from mara_minimax.errors import APIConnectionError, APITimeoutError, IncompleteStreamError
from tests.faults.forms import streams
from tests.network.conftest import STREAMS, assert_failed
from tests.network.gateways import nginx

LOCATIONS = """
    location /silent/v1/ {{ proxy_pass {upstream}/; proxy_buffering off; }}
    location /late/v1/ {{
        proxy_pass {upstream}/; proxy_buffering off; proxy_read_timeout 300ms;
    }}
"""


@pytest.fixture(scope="module")
def gateway(tmp_path_factory, upstream):
    locations = LOCATIONS.format(upstream=upstream)
    with nginx(tmp_path_factory.mktemp("nginx"), locations) as gateway:
        yield gateway


@pytest.mark.parametrize("form", STREAMS)
def test_an_upstream_that_falls_silent_cuts_the_stream(ask, gateway, server):
    server.scenario = "stalled"
    call = ask(gateway.url("/late"))
    assert_failed(
        call,
        APIConnectionError,
        f"the connection was closed by 127.0.0.1:{gateway.port} in the middle of its answer",
    )
    assert call.pieces
    assert call.error.partial.reasoning.text
    assert len(server.requests) == 1


def test_a_silence_longer_than_the_users_limit_names_the_gateway(form, ask, gateway, server, waits):
    server.scenario = "stalled"
    call = ask(gateway.url("/silent"), timeout=0.5)
    assert_failed(call, APITimeoutError, f"nothing came from 127.0.0.1:{gateway.port} within 0.5 s")
    # What a stream gave out is not asked for again.
    assert len(server.requests) == (1 if streams(form) else 3)


@pytest.mark.parametrize("form", STREAMS)
def test_an_upstream_that_drops_its_connection_cuts_the_stream(ask, gateway, server):
    server.scenario = "cut-connection"
    call = ask(gateway.url("/silent"))
    # nginx asks with HTTP/1.0, in which that is an end like any other.
    assert_failed(call, IncompleteStreamError, "ended before the reply was complete")
    assert call.error.partial.reasoning.text
    assert len(server.requests) == 1
