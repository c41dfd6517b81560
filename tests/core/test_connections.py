"""SDK clients and HTTP pools: shared, bounded, bound to their event loop and process."""

from __future__ import annotations

import asyncio
import multiprocessing
import sys
import threading

import openai
import pytest

from mara_minimax import connections
from mara_minimax.connections import Connection, async_client, sync_client
from mara_minimax.providers import MARA, MINIMAX


@pytest.fixture(autouse=True)
def _fresh_pools():
    connections._forget_clients()


def connection(**fields):
    defaults = {"provider": MINIMAX, "base_url": "http://127.0.0.1:9/v1", "api_key": "k"}
    return Connection(**{**defaults, **fields})


def test_equal_connections_share_a_client():
    assert sync_client(connection()) is sync_client(connection())


@pytest.mark.parametrize(
    "fields",
    [
        {"api_key": "other"},
        {"base_url": "http://127.0.0.1:8/v1"},
        {"timeout": 3},
        {"headers": (("X", "1"),)},
    ],
)
def test_other_connections_have_other_clients_over_the_same_pool(fields):
    first, second = sync_client(connection()), sync_client(connection(**fields))
    assert first is not second
    assert first._client is second._client


def test_the_timeout_reaches_the_client():
    # Waiting for a free connection has a limit of its own.
    assert sync_client(connection(timeout=3)).timeout == openai.Timeout(3, pool=600)
    assert sync_client(connection(timeout=900)).timeout == openai.Timeout(900)
    assert sync_client(connection()).timeout == openai.DEFAULT_TIMEOUT


def test_a_timeout_object_reaches_the_client_as_it_is():
    timeout = openai.Timeout(3, pool=1)
    assert sync_client(connection(timeout=timeout)).timeout is timeout


def test_the_sdk_retries_nothing_by_itself():
    assert sync_client(connection(max_retries=5)).max_retries == 0


def test_the_number_of_clients_is_bounded_and_the_used_ones_stay():
    kept = sync_client(connection())
    for number in range(200):
        sync_client(connection(api_key=f"k{number}"))
        assert sync_client(connection()) is kept
    assert len(connections._sync_clients._clients) == connections._MOST_CLIENTS


async def client_of_this_loop():
    assert async_client(connection()) is async_client(connection())
    return async_client(connection())


def test_an_event_loop_has_its_own_clients_and_closes_them_when_it_ends():
    clients = [asyncio.run(client_of_this_loop()) for _ in range(5)]
    assert len({id(client) for client in clients}) == 5
    assert all(client.is_closed() for client in clients)
    assert connections._async_clients == {}


def test_a_loop_that_was_closed_without_notice_is_dropped_with_the_next_one():
    for _ in range(3):
        loop = asyncio.new_event_loop()
        loop.run_until_complete(client_of_this_loop())
        loop.close()
        assert list(connections._async_clients) == [loop]


def test_a_loop_that_announces_no_end_is_served_all_the_same():
    async def client():
        with_hooks = sys.get_asyncgen_hooks()
        sys.set_asyncgen_hooks(None, None)
        try:
            return async_client(connection())
        finally:
            sys.set_asyncgen_hooks(*with_hooks)

    assert not asyncio.run(client()).is_closed()


async def test_closing_twice_closes_nothing_of_a_successor():
    first = async_client(connection())
    ended = connections._async_clients[asyncio.get_running_loop()]
    await ended.aclose()
    second = async_client(connection())
    await ended.aclose()
    assert first.is_closed()
    assert not second.is_closed()


async def test_a_users_http_client_is_not_closed_with_the_loop():
    async with openai.DefaultAsyncHttpxClient() as own:
        async_client(connection(http_async_client=own))
        await connections._async_clients[asyncio.get_running_loop()].aclose()
        assert not own.is_closed


def test_the_pool_of_sync_calls_is_closed_with_the_process(monkeypatch):
    monkeypatch.setattr(threading, "active_count", lambda: 1)
    connections._close_sync_pool()
    pool = sync_client(connection())._client
    connections._close_sync_pool()
    assert pool.is_closed


def test_the_pool_of_sync_calls_stays_open_for_a_daemon_thread(monkeypatch):
    monkeypatch.setattr(threading, "active_count", lambda: 2)
    pool = sync_client(connection())._client
    connections._close_sync_pool()
    assert not pool.is_closed


def test_the_pools_of_all_loops_share_what_is_slow_to_make():
    connections._tls_context.cache_clear()
    for _ in range(3):
        asyncio.run(client_of_this_loop())
    sync_client(connection())
    assert connections._tls_context.cache_info().misses == 1


async def test_clients_of_one_loop_share_its_pool():
    first, second = async_client(connection()), async_client(connection(api_key="other"))
    assert first._client is second._client


async def test_own_http_clients_take_the_place_of_the_pools():
    async with openai.DefaultAsyncHttpxClient() as own_async:
        with openai.DefaultHttpxClient() as own:
            given = connection(http_client=own, http_async_client=own_async)
            assert sync_client(given)._client is own
            assert async_client(given)._client is own_async


def test_a_connection_shows_neither_key_nor_headers():
    shown = repr(connection(api_key="sk-secret", headers=(("X-Auth", "hidden"),), provider=MARA))
    assert "sk-secret" not in shown
    assert "hidden" not in shown


def _count_in_child(queue):
    queue.put(len(connections._sync_clients._clients))


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_process_starts_with_empty_pools():
    sync_client(connection())
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    process = context.Process(target=_count_in_child, args=(queue,))
    process.start()
    assert queue.get(timeout=20) == 0
    process.join(20)
