"""64 threads call at once, through one instance and through many."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from mara_minimax.http_library import http_library
from tests.lifecycle.conftest import close_sync_connections

pytestmark = pytest.mark.usefixtures("quiet")
THREADS = 64


def at_once(calls):
    """Run all calls at the same time, each in a thread of its own."""
    barrier = threading.Barrier(len(calls))

    def begin(call):
        barrier.wait(30)
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(begin, calls))


def test_64_threads_share_an_instance(caller, server):
    answers = at_once([caller.call] * THREADS)
    assert sum("2" in answer for answer in answers) == THREADS
    assert len(server.requests) == THREADS


def test_64_threads_stream_through_an_instance(caller, server):
    streams = at_once([lambda: list(caller.stream())] * THREADS)
    assert len({len(stream) for stream in streams}) == 1
    assert len(server.requests) == THREADS


def test_64_threads_make_an_instance_each(make_caller, server):
    def ask(number):
        return make_caller(server.base_url, api_key=f"key-{number}").call()

    answers = at_once([lambda number=number: ask(number) for number in range(THREADS)])
    assert sum("2" in answer for answer in answers) == THREADS


def test_threads_that_meet_at_the_first_call_share_one_pool(make_caller, server, monkeypatch):
    made = []

    class Pool(http_library().Client):
        def __init__(self, **options):
            made.append(self)
            super().__init__(**options)

    monkeypatch.setattr(http_library(), "Client", Pool)
    close_sync_connections()
    callers = [make_caller(server.base_url, api_key=f"key-{number}") for number in range(16)]
    at_once([caller.call for caller in callers])
    assert len(made) == 1
    close_sync_connections()
