"""The body of an HTTP error is read as far as it says something, and no longer."""

from __future__ import annotations

import functools
import gzip
import json
import tracemalloc
import zlib

import pytest

from mara_minimax import errors, limits
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
    assert 0 < len(error.response.content) <= limits.MAX_ERROR_BYTES


@FORMS
def test_a_body_that_stops_is_waited_for_no_longer_than_an_error_deserves(
    form, server, monkeypatch
):
    monkeypatch.setattr(limits, "MAX_ERROR_SECONDS", 0.1)
    silent = http(WORDS, status=429, framing="chunked", end="hold")
    error = failure_of(form, server, silent, timeout=60)
    assert (type(error), error.code) == (errors.RateLimitError, "queue_full")


@FORMS
def test_a_body_that_trickles_is_left_after_a_while(form, server, monkeypatch):
    monkeypatch.setattr(limits, "MAX_ERROR_SECONDS", 0.1)
    trickle = http(PAGE, status=502, framing="chunked", end="repeat", tail=b"x")
    error = failure_of(form, server, trickle, timeout=60)
    assert type(error) is errors.ServerError
    assert len(error.response.content) < limits.MAX_ERROR_BYTES


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
    monkeypatch.setattr(limits, "MAX_ERROR_SECONDS", 0.1)
    no_limits = dict.fromkeys(("connect", "read", "write", "pool"), None)

    import openai

    silent = http(WORDS, status=429, framing="chunked", end="hold")
    timeout = openai.Timeout(**no_limits)
    assert failure_of("complete", server, silent, timeout=timeout).code == "queue_full"


@functools.cache
def bomb(size: int, layers: int) -> bytes:
    """Return an error whose padding has `size` bytes, compressed so often."""
    packer = zlib.compressobj(level=9, wbits=31)
    parts = [b"slow down", *[b" " * 2**20] * (size // 2**20)]
    packed = b"".join(map(packer.compress, parts)) + packer.flush()
    for _ in range(layers - 1):
        packed = gzip.compress(packed, 9)
    return packed


@FORMS
@pytest.mark.parametrize(("layers", "encoding"), [(1, "gzip"), (2, "gzip, gzip"), (2, "gzip,br")])
def test_the_limit_counts_what_comes_out_of_compression(form, layers, encoding, server):
    packed = bomb(256 * 2**20, layers)
    assert len(packed) < {1: 600_000, 2: 2_000}[layers]
    headers = {"content-encoding": encoding}
    tracemalloc.start()
    try:
        error = failure_of(form, server, http(packed, status=429, headers=headers))
        assert tracemalloc.get_traced_memory()[1] < 4 * 2**20
    finally:
        tracemalloc.stop()
    assert type(error) is errors.RateLimitError
    assert len(error.response.content) <= limits.MAX_ERROR_BYTES
    assert ("slow down" in str(error)) == (layers == 1)


@FORMS
def test_a_compressed_body_that_is_cut_leaves_no_part_of_a_key(form, server):
    key = "sk-canary-0123456789"
    words = b"x " * (limits.MAX_ERROR_BYTES // 2 - 5) + key.encode() + b" y" * 100
    packed = http(gzip.compress(words), status=429, headers={"content-encoding": "gzip"})
    error = failure_of(form, server, packed, api_key=key)
    assert error.response.content.endswith(b"x  [cut]")
    assert key[:6] not in error.body


@FORMS
def test_a_compression_that_was_not_asked_for_leaves_the_status(form, server):
    headers = {"content-encoding": "br", "x-request-id": "q"}
    error = failure_of(form, server, http(b"\x0b\x01", status=429, headers=headers))
    assert (type(error), error.request_id) == (errors.RateLimitError, "q")
    assert error.response.content == b""
