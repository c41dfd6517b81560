"""SDK clients and HTTP pools: shared, bounded, bound to their event loop and process."""

from __future__ import annotations

import asyncio
import multiprocessing

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
    assert sync_client(connection(timeout=3)).timeout == 3
    assert sync_client(connection()).timeout == openai.DEFAULT_TIMEOUT


def test_the_sdk_retries_nothing_by_itself():
    assert sync_client(connection(max_retries=5)).max_retries == 0


def test_the_number_of_clients_is_bounded_and_the_used_ones_stay():
    kept = sync_client(connection())
    for number in range(200):
        sync_client(connection(api_key=f"k{number}"))
        assert sync_client(connection()) is kept
    assert len(connections._sync_clients._clients) == connections._MOST_CLIENTS


def test_an_event_loop_has_its_own_clients_and_closed_loops_are_dropped():
    async def client():
        assert async_client(connection()) is async_client(connection())
        return async_client(connection())

    clients = [asyncio.run(client()) for _ in range(5)]
    assert len({id(client) for client in clients}) == 5
    assert len(connections._async_clients) == 1


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
