"""Hostile HTTP answers: honest ones of the providers, with mutations in every part."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from mara_minimax.emulator.faults.bodies import base_resp, mara_error, minimax_error
from mara_minimax.failures.table import MARA_FAILURES, MINIMAX_FAILURES
from mara_minimax.http_library import http_library
from tests.core.wire import (
    SAMBANOVA_USAGE,
    STREAMS,
    call_head,
    cut,
    mara_event,
    minimax_summary,
    split_reasoning,
)
from tests.fuzz.mutations import (
    CUTS,
    DAMAGES,
    ECHOED,
    MUTATIONS,
    Mutation,
    damaged,
    filled,
    mutate,
    positions,
    to_wire,
)

_CALLS = [call_head(0, "get_weather", '{"city": "Zürich"}'), call_head(1, "get_weather", "{}")]


def _mara_reply(**message: Any) -> dict[str, Any]:
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", **message}}
    return mara_event([choice], usage=SAMBANOVA_USAGE)


REPLIES: tuple[Any, ...] = (
    minimax_summary("stop", content="4", **split_reasoning("So.")),
    minimax_summary("tool_calls", content="\n", tool_calls=_CALLS, **split_reasoning("So.")),
    minimax_summary("stop", content='{"name": "get_weather", "arguments": {"city": "Bern"}}'),
    _mara_reply(content="<think>So.</think>\n\n4"),
    _mara_reply(content="4", reasoning="So.", channel="analysis"),
    _mara_reply(content=None, reasoning_content="So.", tool_calls=_CALLS),
)
"""Honest plain replies."""
REFUSALS: tuple[tuple[int, Any], ...] = (
    (401, minimax_error(401, "authorized_error", "invalid api key (2049)")),
    (400, mara_error("context_length_exceeded", "maximum context length is 4096")),
    (429, mara_error("rate_limit_exceeded", "slow down", "rate_limit_error")),
    (500, {"detail": "it failed", "request_id": "r1"}),
    *((200, base_resp(int(failure.code), failure.meaning)) for failure in MINIMAX_FAILURES),
    *((422, mara_error(failure.code, failure.meaning)) for failure in MARA_FAILURES),
)
"""Honest failures, each with its status."""


@dataclass(frozen=True)
class Honest:
    """An answer as the providers give it: a stream's events, or one document."""

    status: int
    streamed: bool
    values: Sequence[Any]


def _events(stream: bytes) -> list[Any]:
    return [json.loads(line[6:]) for line in stream.split(b"\n") if line.startswith(b"data: {")]


_REPLIES = {f"reply {n}": Honest(200, False, [reply]) for n, reply in enumerate(REPLIES)}
_STREAMS = {
    name: Honest(200, True, _events(stream.data))
    for name, stream in STREAMS.items()
    if "cut" not in name and "whole" not in name
}
_REFUSALS = {
    f"failure {n}{' in a stream' * streamed}": Honest(status, streamed, [body])
    for n, (status, body) in enumerate(REFUSALS)
    for streamed in (False, True)
}
HONEST = _REPLIES | _STREAMS | _REFUSALS

_HEADER_NAMES = (
    "content-type", "content-length", "connection", "retry-after", "retry-after-ms", "location",
    "x-request-id", "trace-id", "set-cookie", "www-authenticate", "x-echo", "transfer-encoding",
)  # fmt: skip
_HEADER_VALUES = (
    "", "0", "1", "-1", "nan", "inf", "1e400", "close", "9999", "application/json", "text/html",
    "text/event-stream; charset=utf-16", "charset=x", "Wed, 21 Oct 2026 07:28:00 GMT", "é", "٣",
    "\x1b]0;x\x07", "https://u:p@h.invalid/v1?k=1", "http://[", "/\x7f", "chunked", "x" * 5_000,
    *(f"no: {mark}" for mark in ECHOED),
)  # fmt: skip
_ENCODINGS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "gzip, gzip": lambda data: gzip.compress(gzip.compress(data)),
    "gzip, deflate": lambda data: zlib.compress(gzip.compress(data)),
}
_CLAIMED = ("br", "zstd", "identity", "x-unknown", "gzip", "GZIP, gzip", "deflate, br, gzip")
_BOMB = gzip.compress(b" " * 4_000_000)


@dataclass(frozen=True)
class Answer:
    """An honest answer and all that happens to it on its way."""

    honest: str
    """A name in `HONEST`."""
    mutations: list[Mutation]
    done: bool
    newline: bytes
    damages: list[tuple[int, int, bytes]]
    status: int | None
    headers: list[tuple[str, str]]
    encoding: str
    """How the body is compressed, or said to be."""
    cuts: list[int]

    def body(self) -> bytes:
        """The body before it is compressed."""
        honest = HONEST[self.honest]
        pieces = [to_wire(value) for value in mutate(list(honest.values), self.mutations)]
        if honest.streamed:
            pieces = [b"data: " + piece + self.newline * 2 for piece in pieces]
            pieces += [b"data: [DONE]\n\n"] * self.done
        return damaged(b"".join(pieces), self.damages)

    def response(self) -> Any:
        """The answer as an HTTP library gives it out, unread."""
        body = self.body()
        headers = [(name.encode(), filled(value.encode())) for name, value in self.headers]
        if self.encoding == "bomb":
            body, name = _BOMB, "gzip"
        else:
            name = self.encoding.removeprefix("claimed ")
            body = _ENCODINGS.get(self.encoding, bytes)(body)
        if name:
            headers.append((b"content-encoding", name.encode()))
        status = self.status or HONEST[self.honest].status
        pieces = Pieces(cut(body, positions(self.cuts, len(body))))
        return http_library().Response(status, headers=headers, stream=pieces)


class Pieces(http_library().SyncByteStream, http_library().AsyncByteStream):
    """A body that arrives in pieces."""

    def __init__(self, pieces: Sequence[bytes]) -> None:
        self._pieces = pieces

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._pieces)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            yield piece


def _mostly(usual: Any, others: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Return the usual value in three of four cases, so that answers stay good in most parts."""
    return st.one_of(st.just(usual), st.just(usual), st.just(usual), others)


ANSWERS = st.builds(
    Answer,
    honest=st.one_of(*(st.sampled_from(sorted(kind)) for kind in (_REPLIES, _STREAMS, _REFUSALS))),
    mutations=MUTATIONS,
    done=st.booleans(),
    newline=st.sampled_from((b"\n", b"\n", b"\r\n", b"\r")),
    damages=_mostly([], DAMAGES),
    status=_mostly(None, st.integers(100, 599)),
    headers=st.lists(
        st.tuples(st.sampled_from(_HEADER_NAMES), st.sampled_from(_HEADER_VALUES)), max_size=3
    ),
    encoding=_mostly(
        "", st.sampled_from((*_ENCODINGS, *(f"claimed {name}" for name in _CLAIMED), "bomb"))
    ),
    cuts=CUTS,
)
