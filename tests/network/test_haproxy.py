"""haproxy between client and provider: its queue, its timeouts, its own retries and pages."""

from __future__ import annotations

import pytest

from mara_minimax import errors
from tests.faults.forms import make_model
from tests.network.conftest import STREAMS, assert_failed, assert_same, at_once
from tests.network.programs import free_port, running

CONFIG = """
global
    log stdout format raw local0 err
defaults
    mode http
    timeout connect 100ms
    timeout client 30s
    timeout server {server_timeout}
    timeout queue {queue_timeout}
    retries 0
frontend entrance
    bind 127.0.0.1:{port}
    http-request deny deny_status 429 if {{ path_beg /limited/ }}
    use_backend refusing if {{ path_beg /dead/ }}
    use_backend doubled if {{ path_beg /spare/ }}
    default_backend emulated
backend emulated
    http-request replace-path /[^/]+(/v1/.*) \\1
    filter compression
    compression algo gzip
    compression type application/json text/event-stream
    server one {upstream} maxconn 1
backend refusing
    server gone 127.0.0.1:{closed_port}
backend doubled
    http-request replace-path /[^/]+(/v1/.*) \\1
    retries 1
    option redispatch 1
    balance first
    server gone 127.0.0.1:{closed_port}
    server one {upstream}
"""


class Haproxy:
    """A running haproxy."""

    def __init__(self, port):
        self.address = f"127.0.0.1:{port}"

    def url(self, prefix="/any"):
        return f"http://{self.address}{prefix}/v1"


@pytest.fixture(scope="module")
def start(tmp_path_factory, upstream):
    """Run haproxy with timeouts: `with start(server="1s", queue="1s") as haproxy`."""
    from contextlib import contextmanager

    @contextmanager
    def start(*, server="30s", queue="30s"):
        port, folder = free_port(), tmp_path_factory.mktemp("haproxy")
        config = folder / "haproxy.cfg"
        config.write_text(
            CONFIG.format(
                port=port,
                closed_port=free_port(),
                upstream=upstream.split("/")[2],
                server_timeout=server,
                queue_timeout=queue,
            )
        )
        with running("haproxy", "-db", "-f", config, port=port, folder=folder):
            yield Haproxy(port)

    return start


@pytest.fixture(scope="module")
def haproxy(start):
    with start() as haproxy:
        yield haproxy


@pytest.fixture(scope="module")
def hasty(start):
    with start(server="300ms", queue="100ms") as haproxy:
        yield haproxy


def test_the_answer_is_that_of_the_provider(ask, direct, haproxy, server):
    assert_same(ask(haproxy.url()), direct)
    assert len(server.requests) == 1


def test_calls_that_wait_in_the_queue_are_all_answered(form, direct, runner, haproxy, server):
    models = [make_model(form, "minimax", haproxy.url()) for _ in range(8)]
    for call in at_once(models, form, runner):
        assert_same(call, direct)
    assert len(server.requests) == 8


def test_a_call_that_waits_too_long_in_the_queue_is_a_server_error(
    form, runner, hasty, late_answers
):
    models = [make_model(form, "minimax", hasty.url(), max_retries=0) for _ in range(2)]
    calls = at_once(models, form, runner)
    for call in calls:
        assert_failed(call, errors.ServerError)
    assert {call.error.status_code for call in calls} == {503, 504}


def test_a_dead_backend_is_a_server_error_after_three_requests(ask, haproxy, server, waits):
    call = ask(haproxy.url("/dead"))
    assert_failed(call, errors.ServerError, "503 Service Unavailable")
    assert call.error.status_code == 503
    assert len(waits) == 2
    assert server.requests == []


def test_a_backend_that_takes_over_answers_the_one_request(ask, direct, haproxy, server, waits):
    assert_same(ask(haproxy.url("/spare")), direct)
    assert len(server.requests) == 1
    assert waits == []


def test_a_limit_of_the_gateway_is_a_rate_limit(ask, haproxy, server, waits):
    call = ask(haproxy.url("/limited"))
    assert_failed(call, errors.RateLimitError, "429 Too Many Requests")
    assert len(waits) == 2
    assert server.requests == []


def test_a_provider_that_says_nothing_in_time_is_a_server_error(ask, hasty, waits, late_answers):
    call = ask(hasty.url())
    assert_failed(call, errors.ServerError, "504 Gateway Time-out")
    assert call.error.status_code == 504
    assert len(waits) == 2


@pytest.mark.parametrize("form", STREAMS)
def test_a_provider_that_falls_silent_leaves_a_cut_stream(ask, hasty, server):
    server.scenario = "stalled"
    call = ask(hasty.url())
    assert_failed(
        call, errors.APIConnectionError, f"closed by {hasty.address} in the middle of its answer"
    )
    assert call.error.partial.reasoning.text
    assert len(server.requests) == 1
