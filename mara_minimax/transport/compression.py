"""Compressed bodies, unpacked in pieces of bounded size.

The HTTP libraries can unpack all that was read at once, and a few bytes can hold gigabytes.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any, Final

import mara_minimax
from mara_minimax import limits

ACCEPT_ENCODING: Final = "gzip"
"""What requests ask for: the one compression whose output can be bounded everywhere."""

_READABLE: Final = frozenset({"gzip", "x-gzip", "deflate"})
_UNREADABLE: Final = frozenset({"br", "zstd", "compress", "x-compress", "dcb", "dcz"})
_PIECE: Final = 64 * 1024
"""Bytes that are unpacked at a time."""
_GZIP_OR_ZLIB: Final = zlib.MAX_WBITS | 32


class Unpacker:
    """Undo the compression of one body, or leave it as it is where there is none.

    More than one layer is refused, like a compression that was not asked for: no provider and
    no proxy sends either.
    """

    def __init__(self, response: Any) -> None:
        """Take an unread response; raise `InvalidReplyError` if its body cannot be unpacked."""
        names = response.headers.get("content-encoding", "").lower().replace(" ", "").split(",")
        layers = [name for name in names if name in _READABLE | _UNREADABLE]
        if response.is_stream_consumed:
            # A hook of the user's own client, or a mock, has read and unpacked it.
            layers = []
        if layers and (len(layers) > 1 or layers[0] in _UNREADABLE):
            raise mara_minimax.errors.InvalidReplyError(
                f"The answer is compressed in a way that was not asked for ({', '.join(layers)})."
            )
        self._inflate = zlib.decompressobj(_GZIP_OR_ZLIB) if layers else None
        self._packed_bytes = 0

    @property
    def is_needed(self) -> bool:
        """Whether the body is compressed at all."""
        return self._inflate is not None

    def decode(self, data: bytes) -> Iterable[bytes]:
        """Return what `data` unpacks to, in pieces."""
        return (data,) if self._inflate is None else self._pieces(self._inflate, data)

    def _pieces(self, inflate: Any, data: bytes) -> Iterator[bytes]:
        self._packed_bytes += len(data)
        if self._packed_bytes > limits.MAX_ANSWER_BYTES:
            raise mara_minimax.errors.InvalidReplyError(
                f"The answer has more than {limits.MAX_ANSWER_BYTES} bytes."
            )
        try:
            # What follows the end of the compressed data belongs to nothing.
            while not inflate.eof:
                piece = inflate.decompress(data, _PIECE)
                if not piece:
                    return
                data = inflate.unconsumed_tail
                yield piece
        except zlib.error:
            raise mara_minimax.errors.InvalidReplyError(
                "The answer is not compressed as its header says.", retryable=True
            ) from None


def unpacker_of(response: Any) -> Unpacker | None:
    """Return what undoes the compression of a body, `None` where it cannot be undone."""
    with suppress(mara_minimax.errors.InvalidReplyError):
        return Unpacker(response)
    return None
