"""nginx between client and provider, as gateways configure it: the answer is the provider's."""

from __future__ import annotations

import pytest

from mara_minimax.emulator import CannedReply
from mara_minimax.errors import APITimeoutError
from tests.network.conftest import STREAMS, assert_failed, assert_same
from tests.network.gateways import nginx

LOCATIONS = {
    "buffered": "proxy_buffering on;",
    "unbuffered": "proxy_buffering off;",
    "keep-alive": 'proxy_http_version 1.1; proxy_set_header Connection "";',
    "compressed": """
        gzip on; gzip_min_length 1; gzip_proxied any; gzip_types application/json text/event-stream;
    """,
    "compressed-unbuffered": """
        proxy_buffering off;
        gzip on; gzip_min_length 1; gzip_proxied any; gzip_types application/json text/event-stream;
    """,
}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory, upstream):
    locations = "".join(
        f"location /{name}/v1/ {{ proxy_pass {upstream}/; {directives} }}\n"
        for name, directives in LOCATIONS.items()
    )
    with nginx(tmp_path_factory.mktemp("nginx"), locations) as gateway:
        yield gateway


@pytest.mark.parametrize("location", LOCATIONS)
def test_the_answer_is_that_of_the_provider(location, ask, direct, gateway, server):
    gateway.clear()
    assert_same(ask(gateway.url(f"/{location}")), direct)
    assert len(server.requests) == 1
    (line,) = gateway.requests(1)
    assert ('"gzip"' in line) == location.startswith("compressed")


@pytest.mark.parametrize("form", STREAMS)
def test_the_first_event_comes_before_the_last_is_sent(ask, gateway, server):
    event = {"id": "r", "choices": [{"index": 0, "delta": {"content": "word"}}]}
    first = CannedReply.sse(event)
    first.hold = True
    server.enqueue(first)
    call = ask(gateway.url("/unbuffered"), timeout=1, max_retries=0)
    assert call.text == "word"
    assert_failed(call, APITimeoutError, f"nothing came from 127.0.0.1:{gateway.port} within 1 s")
