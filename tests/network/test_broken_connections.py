"""Connections that end at once (RST), in both directions, or in one (half-close)."""

from __future__ import annotations

import pytest

from mara_minimax.errors import APIConnectionError
from tests.network.conftest import STREAMS, assert_failed, assert_same
from tests.network.relays import (
    Relay,
    after_the_answer,
    after_two_events,
    before_the_answer,
    close,
    half_close,
    in_the_first_event,
    reset,
)

ENDS = pytest.mark.parametrize("end", [reset, close, half_close])


@ENDS
def test_an_end_before_the_answer_is_asked_again(end, ask, direct, server, waits):
    with Relay(server.base_url, end, before_the_answer) as relay:
        assert_same(ask(relay.base_url), direct)
        assert relay.connections == 2
    assert len(server.requests) == 1
    assert len(waits) == 1


@ENDS
def test_a_host_that_never_answers_is_asked_three_times_and_named(end, ask, server, waits):
    with Relay(server.base_url, end, before_the_answer, times=9) as relay:
        call = ask(relay.base_url)
        assert relay.connections == 3
    assert_failed(call, APIConnectionError, f"by {relay.address}")
    assert len(waits) == 2
    assert server.requests == []


@ENDS
def test_an_end_before_anything_was_given_out_is_asked_again(end, ask, direct, server, waits):
    with Relay(server.base_url, end, in_the_first_event) as relay:
        assert_same(ask(relay.base_url), direct)
        assert relay.connections == 2
    assert len(server.requests) == 2
    assert len(waits) == 1


@ENDS
@pytest.mark.parametrize("form", STREAMS)
def test_an_end_in_the_middle_of_a_stream_keeps_what_came(end, ask, server):
    with Relay(server.base_url, end, after_two_events) as relay:
        call = ask(relay.base_url)
        assert relay.connections == 1
    assert_failed(call, APIConnectionError, f"by {relay.address}")
    assert call.pieces
    assert call.error.partial.reasoning.text
    assert len(server.requests) == 1


@ENDS
def test_an_end_after_the_answer_is_not_seen(end, ask, direct, server, waits):
    with Relay(server.base_url, end, after_the_answer, times=2) as relay:
        for _ in range(2):
            assert_same(ask(relay.base_url, max_retries=0), direct)
            # A request that the end meets is another matter: the next test's.
            relay.wait_for_an_end()
        assert relay.connections == 2
    assert len(server.requests) == 2


@ENDS
def test_an_end_that_meets_the_next_request_is_retried_without_a_wait(
    end, ask, direct, server, waits
):
    with Relay(server.base_url, end, before_the_answer, on_request=2) as relay:
        for _ in range(2):
            assert_same(ask(relay.base_url), direct)
        assert relay.connections == 2
    assert len(server.requests) == 2
    assert waits == [0.0]
