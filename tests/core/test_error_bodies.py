"""The body of an HTTP error is read as far as it says something, and no longer."""

from __future__ import annotations

import gzip
import json

import pytest

from mara_minimax import error_bodies, errors
from mara_minimax.emulator.faults import FaultServer, RawAnswer
from mara_minimax.emulator.faults.bodies import http
from mara_minimax.settings import MiniMaxSettings
from tests.core.calls import FORMS, call

PAGE = b"<html>Bad gateway"
WORDS = json.dumps({"error": {"message": "slow down", "code": "queue_full"}}).encode()


@pytest.fixture(scope="module")
def server():
    with FaultServer() as server:
        yield server


def failure_of(
    form: str, server: FaultServer, answer: RawAnswer, **settings
) -> errors.ProviderError:
    server.play(lambda _: answer)
    settings = {"api_key": "key", "base_url": server.base_url, "max_retries": 0, **settings}
    with pytest.raises(errors.ProviderError) as caught:
        call(MiniMaxSettings(**settings), form)
    assert len(server.bodies) == 1
    return caught.value


@FORMS
def test_a_body_without_end_is_read_up_to_its_limit(form, server):
    flood = http(PAGE, status=502, framing="chunked", end="repeat", tail=b"x" * 65_536)
    error = failure_of(form, server, flood)
    assert type(error) is errors.ServerError
    assert 0 < len(error.response.content) <= error_bodies.MAX_ERROR_BYTES


@FORMS
def test_a_body_that_stops_is_waited_for_no_longer_than_an_error_deserves(
    form, server, monkeypatch
):
    monkeypatch.setattr(error_bodies, "MAX_ERROR_SECONDS", 0.1)
    silent = http(WORDS, status=429, framing="chunked", end="hold")
    error = failure_of(form, server, silent, timeout=60)
    assert (type(error), error.code) == (errors.RateLimitError, "queue_full")


@FORMS
def test_a_body_that_trickles_is_left_after_a_while(form, server, monkeypatch):
    monkeypatch.setattr(error_bodies, "MAX_ERROR_SECONDS", 0.1)
    trickle = http(PAGE, status=502, framing="chunked", end="repeat", tail=b"x")
    error = failure_of(form, server, trickle, timeout=60)
    assert type(error) is errors.ServerError
    assert len(error.response.content) < error_bodies.MAX_ERROR_BYTES


@FORMS
def test_a_body_that_breaks_off_is_read_as_far_as_it_came(form, server):
    broken = http(WORDS, status=429, length=len(WORDS) + 9, end="close")
    error = failure_of(form, server, broken)
    assert (type(error), error.code) == (errors.RateLimitError, "queue_full")


@FORMS
def test_a_compressed_body_is_read(form, server):
    packed = http(gzip.compress(WORDS), status=429, headers={"content-encoding": "gzip"})
    assert failure_of(form, server, packed).code == "queue_full"


@FORMS
def test_a_body_that_is_not_compressed_as_it_says_is_read_as_text(form, server):
    plain = http(WORDS, status=429, headers={"content-encoding": "gzip"})
    assert failure_of(form, server, plain).code == "queue_full"


@FORMS
def test_a_body_that_cannot_be_read_leaves_the_status(form, server):
    garbage = http(b"\xff\x9d" * 9, status=429, headers={"content-encoding": "gzip"})
    error = failure_of(form, server, garbage)
    assert type(error) is errors.RateLimitError
    assert error.code is None


def test_an_http_client_without_timeouts_waits_no_longer_either(server, monkeypatch):
    monkeypatch.setattr(error_bodies, "MAX_ERROR_SECONDS", 0.1)
    no_limits = dict.fromkeys(("connect", "read", "write", "pool"), None)

    import openai

    silent = http(WORDS, status=429, framing="chunked", end="hold")
    timeout = openai.Timeout(**no_limits)
    assert failure_of("complete", server, silent, timeout=timeout).code == "queue_full"
