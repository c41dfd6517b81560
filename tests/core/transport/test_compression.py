"""Compressed bodies come out in small pieces, however much they hold."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib

import pytest

from mara_minimax import limits
from mara_minimax.errors import InvalidReplyError
from mara_minimax.http_library import http_library
from mara_minimax.transport.compression import Unpacker

TEXT = b"".join(b"line %d\n" % number for number in range(20_000))


def answer(encoding: str):
    headers = {"content-encoding": encoding} if encoding else {}
    return http_library().Response(200, headers=headers, content=iter(()))


def unpack(encoding: str, *reads: bytes) -> list[bytes]:
    unpacker = Unpacker(answer(encoding))
    return [piece for data in reads for piece in unpacker.decode(data)]


@pytest.mark.parametrize("encoding", ["", "identity", "utf-8", "aws-chunked"])
def test_what_is_not_compressed_comes_out_as_it_went_in(encoding):
    assert unpack(encoding, TEXT) == [TEXT]


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [("gzip", gzip.compress), ("X-GZip", gzip.compress), (" identity, DEFLATE", zlib.compress)],
)
@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_one_compression_is_undone_in_any_reads(encoding, pack, size):
    packed = pack(TEXT)
    reads = [packed[place : place + size] for place in range(0, len(packed), size)]
    assert b"".join(unpack(encoding, *reads)) == TEXT


def test_what_has_arrived_comes_out_at_once():
    packer = zlib.compressobj(wbits=31)
    unpacker = Unpacker(answer("gzip"))
    for text in (b"data: 1\n\n", b"x" * 300_000):
        packed = packer.compress(text) + packer.flush(zlib.Z_SYNC_FLUSH)
        assert b"".join(unpacker.decode(packed)) == text


def test_a_megabyte_that_holds_a_gigabyte_takes_little_memory():
    packer = zlib.compressobj(level=9, wbits=31)
    packed = b"".join(packer.compress(b" " * 2**20) for _ in range(2**10)) + packer.flush()
    assert len(packed) < 1.1 * 2**20
    unpacker = Unpacker(answer("gzip"))
    tracemalloc.start()
    try:
        assert sum(map(len, unpacker.decode(packed))) == 2**30
        assert tracemalloc.get_traced_memory()[1] < 4 * 2**20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "encoding", ["gzip, gzip", "br", "zstd", "gzip,br", "compress", "deflate, identity, gzip"]
)
def test_what_was_not_asked_for_is_refused_unread(encoding):
    with pytest.raises(InvalidReplyError, match="not asked for") as caught:
        Unpacker(answer(encoding))
    assert not caught.value.retryable


def test_a_body_that_a_hook_has_read_is_unpacked_already():
    packed = {"content-encoding": "gzip"}
    response = http_library().Response(200, headers=packed, content=gzip.compress(TEXT))
    assert list(Unpacker(response).decode(response.content)) == [TEXT]


def test_what_is_not_compressed_as_it_says_may_be_better_next_time():
    with pytest.raises(InvalidReplyError, match="not compressed as its header says") as caught:
        unpack("gzip", TEXT)
    assert caught.value.retryable


def test_what_follows_the_end_is_left():
    packed = gzip.compress(TEXT)
    assert b"".join(unpack("gzip", packed + b"junk", b"more junk")) == TEXT


def test_compressed_data_that_holds_nothing_ends_all_the_same(monkeypatch):
    monkeypatch.setattr(limits, "MAX_ANSWER_BYTES", 1000)
    packer = zlib.compressobj(wbits=31)
    empty = packer.compress(b"") + packer.flush(zlib.Z_FULL_FLUSH)
    nothing = packer.flush(zlib.Z_FULL_FLUSH) or b"\x00\x00\x00\xff\xff"
    with pytest.raises(InvalidReplyError, match="more than 1000 bytes"):
        unpack("gzip", empty, *[nothing] * 1000)
