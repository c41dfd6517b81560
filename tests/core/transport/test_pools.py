"""HTTP requests as they are built, and pools: shared, bound to their event loop and process."""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import sys
import threading
import weakref

import openai
import pytest
from pydantic import SecretStr

from mara_minimax import errors
from mara_minimax.http_library import http_library, tls_context
from mara_minimax.providers.endpoints import MARA, MINIMAX
from mara_minimax.settings import MiniMaxSettings
from mara_minimax.transport import pools as connections
from mara_minimax.transport.connection import Connection
from mara_minimax.transport.pools import async_pool, sync_pool
from tests.core.calls import USER, call


@pytest.fixture(autouse=True)
def _fresh_pools():
    connections._forget_pools()


def connection(**fields):
    defaults = {"provider": MINIMAX, "base_url": "http://127.0.0.1:9/v1", "api_key": "k"}
    given = {**defaults, **fields}
    return Connection(**{**given, "api_key": SecretStr(given["api_key"])})


def built(pool=None, *, content=b"{}", headers=None, timeout=None, **fields):
    pool = pool or sync_pool(connection())
    return connection(**fields).build(
        pool, "POST", "/chat", content=content, headers=headers, timeout=timeout
    )


@pytest.mark.parametrize(
    "fields", [{}, {"api_key": "other"}, {"base_url": "http://127.0.0.1:8/v1"}, {"timeout": 3}]
)
def test_all_connections_share_one_pool(fields):
    assert sync_pool(connection(**fields)) is sync_pool(connection())


def test_a_request_goes_to_the_path_below_the_base_url():
    assert str(built().url) == "http://127.0.0.1:9/v1/chat"
    assert str(built(base_url="http://127.0.0.1:9/v1/").url) == "http://127.0.0.1:9/v1/chat"


def test_a_request_carries_key_and_type_and_nothing_of_the_sdk():
    headers = built().headers
    assert headers["authorization"] == "Bearer k"
    assert headers["content-type"] == "application/json"
    assert headers["user-agent"].startswith("mara-minimax/")
    assert not [name for name in headers if name.startswith("x-stainless")]


def test_headers_of_a_call_win_over_those_of_the_connection_whatever_their_case():
    own = {"X-A": SecretStr("connection"), "x-b": SecretStr("connection"), "user-agent": "mine"}
    pool = sync_pool(connection())
    call = {"x-a": "call", "AUTHORIZATION": "Basic x"}
    request = connection(headers=own).build(pool, "POST", "/chat", headers=call)
    sent = request.headers
    assert sent.get_list("x-a") == ["call"]
    assert sent.get_list("x-b") == ["connection"]
    assert sent.get_list("authorization") == ["Basic x"]
    assert sent.get_list("user-agent") == ["mine"]


def test_secrets_are_the_key_and_the_headers_that_say_something():
    given = connection(headers={"X-A": SecretStr("of the model"), "Accept": SecretStr("text/html")})
    assert given.sent_secrets({"X-B": "of the call", "x-c": None}) == (
        "k", "of the model", "of the call"
    )  # fmt: skip


def test_a_header_that_is_omitted_is_not_sent():
    assert "authorization" not in built(headers={"Authorization": openai.omit}).headers


@pytest.mark.parametrize(
    ("fields", "timeout"),
    [
        # Waiting for a free connection has a limit of its own.
        ({"timeout": 3}, {"connect": 3, "read": 3, "write": 3, "pool": 600}),
        ({"timeout": 900}, {"connect": 900, "read": 900, "write": 900, "pool": 900}),
        ({}, {"connect": 5, "read": 600, "write": 600, "pool": 600}),
        (
            {"timeout": openai.Timeout(3, pool=1)},
            {"connect": 3, "read": 3, "write": 3, "pool": 1},
        ),
    ],
)
def test_the_timeout_reaches_the_request(fields, timeout):
    assert built(**fields).extensions["timeout"] == timeout


def test_the_timeout_of_a_call_wins_over_the_connections():
    pool = sync_pool(connection())
    request = connection(timeout=3).build(pool, "POST", "/chat", timeout=7)
    assert request.extensions["timeout"]["read"] == 7


def test_a_users_client_keeps_the_timeout_that_it_was_given():
    with openai.DefaultHttpxClient(timeout=11) as own:
        assert built(own).extensions["timeout"]["read"] == 11


def test_a_users_client_without_a_timeout_of_its_own_waits_as_long_as_models_reason():
    with http_library().Client() as own:
        assert own.timeout == openai.Timeout(5.0)
        assert built(own).extensions["timeout"]["read"] == 600


async def pool_of_this_loop():
    assert async_pool(connection()) is async_pool(connection(api_key="other"))
    return async_pool(connection())


def test_an_event_loop_has_its_own_pool_and_closes_it_when_it_ends():
    pools = [asyncio.run(pool_of_this_loop()) for _ in range(5)]
    assert len({id(pool) for pool in pools}) == 5
    assert all(pool.is_closed for pool in pools)
    assert not connections._loop_pools


def test_a_pool_goes_with_a_loop_that_nobody_closes():
    loop = asyncio.new_event_loop()
    pool = weakref.ref(loop.run_until_complete(pool_of_this_loop()))
    gc.collect()
    assert loop.run_until_complete(pool_of_this_loop()) is pool()
    loop.close()
    del loop
    gc.collect()
    assert pool() is None
    assert not connections._loop_pools


def test_a_loop_that_announces_no_end_is_served_all_the_same():
    async def client():
        with_hooks = sys.get_asyncgen_hooks()
        sys.set_asyncgen_hooks(None, None)
        try:
            return async_pool(connection())
        finally:
            sys.set_asyncgen_hooks(*with_hooks)

    assert not asyncio.run(client()).is_closed


async def test_closing_twice_closes_nothing_of_a_successor():
    first = async_pool(connection())
    (ended,) = connections._loop_pools
    await ended.aclose()
    second = async_pool(connection())
    await ended.aclose()
    assert first.is_closed
    assert not second.is_closed


async def test_a_users_http_client_is_not_closed_with_the_loop():
    async with openai.DefaultAsyncHttpxClient() as own:
        async_pool(connection(http_async_client=own))
        async_pool(connection())
        await next(iter(connections._loop_pools)).aclose()
        assert not own.is_closed


def test_the_pool_of_sync_calls_is_closed_with_the_process(monkeypatch):
    monkeypatch.setattr(threading, "active_count", lambda: 1)
    connections._close_sync_pool()
    pool = sync_pool(connection())
    connections._close_sync_pool()
    assert pool.is_closed


def test_idle_connections_of_sync_calls_are_closed_beside_a_daemon_thread(monkeypatch, emulator):
    settings = MiniMaxSettings(api_key="key", base_url=emulator.base_url)
    used = settings.client.stream(settings.encode(USER, stream=True))
    next(used)
    call(settings, "complete")
    pool = sync_pool(connection())
    assert len(connections._connections_of(pool)) == 2
    monkeypatch.setattr(threading, "active_count", lambda: 2)
    connections._close_sync_pool()
    states = [each.is_closed() for each in connections._connections_of(pool)]
    assert sorted(states) == [False, True]
    assert list(used)
    assert not pool.is_closed


def test_the_pools_of_all_loops_share_what_is_slow_to_make():
    tls_context.cache_clear()
    for _ in range(3):
        asyncio.run(pool_of_this_loop())
    sync_pool(connection())
    assert tls_context.cache_info().misses == 1


async def test_own_http_clients_take_the_place_of_the_pools():
    async with openai.DefaultAsyncHttpxClient() as own_async:
        with openai.DefaultHttpxClient() as own:
            given = connection(http_client=own, http_async_client=own_async)
            assert sync_pool(given) is own
            assert async_pool(given) is own_async


@pytest.mark.parametrize("form", ["acomplete", "astream"])
def test_without_an_asyncio_loop_an_async_call_says_what_it_needs(form, settings, emulator):
    """As under trio, which runs coroutines by itself."""
    request = settings.encode(USER, stream=form == "astream")
    started = getattr(settings.client, form)(request)
    step = started if form == "acomplete" else started.__anext__()
    with pytest.raises(errors.ParameterError, match="No asyncio event loop is running"):
        step.send(None)
    assert emulator.requests == []


def test_a_socks_proxy_without_its_package_says_what_is_missing(monkeypatch):
    def fail(**_):
        raise ImportError("Using SOCKS proxy, but the 'socksio' package is not installed.")

    monkeypatch.setattr(http_library(), "Client", fail)
    with pytest.raises(errors.ParameterError, match="a SOCKS proxy needs the package socksio"):
        sync_pool(connection())


def test_a_connection_shows_neither_key_nor_headers():
    headers = {"X-Auth": SecretStr("hidden")}
    shown = repr(connection(api_key="sk-secret", headers=headers, provider=MARA))
    assert "sk-secret" not in shown
    assert "hidden" not in shown


def _count_in_child(queue):
    queue.put(connections._shared_pools == {})


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_process_starts_with_empty_pools():
    sync_pool(connection())
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    process = context.Process(target=_count_in_child, args=(queue,))
    process.start()
    assert queue.get(timeout=20)
    process.join(20)
