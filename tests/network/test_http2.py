"""HTTP/2, by a user's own clients: many calls share one connection."""

from __future__ import annotations

import pytest

from mara_minimax import errors
from tests.faults.forms import FORMS, make_model, run
from tests.network.conftest import STREAMS, assert_failed, assert_same, at_once
from tests.network.gateways import secure_nginx

ASYNC_FORMS = [form for form in FORMS if form.startswith("a")]
"""Threads share no connection here: the HTTP library then loses an answer now and then, which is
asked for again (httpcore2 2.16, tried 2026-11)."""
LOCATIONS = """
    location /v1/ {{ proxy_pass {upstream}/; proxy_http_version 1.1; proxy_buffering off; }}
"""


@pytest.fixture(scope="module")
def locations(upstream):
    return LOCATIONS.format(upstream=upstream)


@pytest.fixture(scope="module")
def shared(tmp_path_factory, authority, locations):
    folder = tmp_path_factory.mktemp("http2")
    with secure_nginx(folder, authority, locations, "127.0.0.1", http2=True) as provider:
        yield provider


@pytest.fixture(scope="module")
def leaving(tmp_path_factory, authority, locations):
    """A provider that says goodbye (GOAWAY) after three requests of a connection."""
    folder = tmp_path_factory.mktemp("leaving")
    directives = f"keepalive_requests 3;\n{locations}"
    with secure_nginx(folder, authority, directives, "127.0.0.1", http2=True) as provider:
        yield provider


@pytest.fixture
def clients(own_clients):
    return own_clients(http2=True)


def test_the_answer_is_that_of_the_provider(ask, direct, shared, clients, server):
    shared.clear()
    assert_same(ask(shared.url(), **clients), direct)
    assert len(server.requests) == 1
    (line,) = shared.requests(1)
    assert line.startswith("HTTP/2.0 200")


@pytest.mark.parametrize("form", ASYNC_FORMS)
def test_calls_at_once_share_a_connection(form, direct, runner, shared, clients, server):
    shared.clear()
    model = make_model(form, "minimax", shared.url(), **clients)
    # The HTTP library opens a connection for each call that comes before it knows the protocol.
    assert_same(run(model, form, runner), direct)
    for call in at_once([model] * 12, form, runner):
        assert_same(call, direct)
    assert len(server.requests) == 13
    connections = {line.rpartition(" ")[2] for line in shared.requests(13)}
    assert len(connections) == 1


@pytest.mark.parametrize("form", STREAMS)
def test_a_stream_that_is_cut_is_a_connection_error(ask, shared, clients, server):
    server.scenario = "cut-connection"
    call = ask(shared.url(), **clients)
    assert_failed(call, errors.APIConnectionError, f"127.0.0.1:{shared.port}")
    assert call.error.partial.reasoning.text
    assert len(server.requests) == 1


def test_calls_go_on_after_the_host_says_goodbye(ask, direct, leaving, clients, server, waits):
    for _ in range(7):
        assert_same(ask(leaving.url(), **clients), direct)
    # The HTTP library gives up the answer that was on its way: it is asked for again, at once.
    assert set(waits) == {0.0}
    assert len(server.requests) == 7 + len(waits)


@pytest.mark.parametrize("form", ASYNC_FORMS)
def test_a_reply_that_never_ends_leaves_other_calls_alone(
    form, direct, runner, shared, clients, server
):
    shared.clear()
    models = [
        make_model(
            form,
            "minimax",
            shared.url(),
            default_headers={"x-emulator-scenario": scenario},
            timeout=3,
            **clients,
        )
        for scenario in ("never-closes", "slow")
    ]
    for call in at_once(models, form, runner):
        assert_same(call, direct)
    assert len(server.requests) == 2
