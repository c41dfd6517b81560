"""The benchmark's server: bytes made beforehand, no work for each chunk.

It runs as a process of its own, so that its CPU time is in no figure. The path of a request
chooses the answer and its delivery: `/text-2000/batched/v1/chat/completions`.

| delivery | what is sent |
|---|---|
| `batched` | the whole stream at once, several events in one HTTP chunk |
| `single` | one event in one HTTP chunk and TCP segment, a millisecond apart |
| `held` | the first event; the rest after `GET /release` or `HOLD` seconds |
| `gathered-N` | once N requests wait, all streams side by side, several events in one HTTP chunk |
| `gathered-single-N` | the same with one event in one HTTP chunk |

`GET /last` returns the body of the last request, `GET /sent` how many events of the last held
stream were sent, `GET /tls` where the same is served over TLS, and the certificate.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path

from benchmarks.tls import server_context
from benchmarks.wire import Script, to_http_chunks

PAUSE = 0.001
"""Seconds between the events of `single`; asyncio waits no shorter."""
ROUND = 0.02
"""Seconds between two HTTP chunks of a gathered stream."""
HOLD = 1.0
"""Seconds after which a held stream goes on by itself, for readers that wait for more."""
QUIET = 3.0
"""Seconds without a new request after which gathered streams start with those that are there."""
Stream = tuple[asyncio.Transport, tuple[bytes, ...]]
"""Where a stream goes, and its HTTP chunks."""
_STREAM_HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n"
    b"cache-control: no-cache\r\ntransfer-encoding: chunked\r\n\r\n"
)


@cache
def single_chunks(name: str) -> tuple[bytes, ...]:
    """Return a script's stream with each event as an HTTP chunk of its own; made once."""
    return tuple(to_http_chunks(Script.parse(name).events(), most_bytes=0))


@cache
def batched_chunks(name: str) -> tuple[bytes, ...]:
    """Return a script's stream with several events in each HTTP chunk; made once."""
    return tuple(to_http_chunks(Script.parse(name).events()))


@cache
def whole_stream(name: str) -> bytes:
    """Return the bytes of a whole `batched` answer; made once."""
    return _STREAM_HEAD + b"".join(batched_chunks(name))


@cache
def whole_reply(name: str) -> bytes:
    """Return the bytes of a plain answer; made once."""
    return with_length(Script.parse(name).reply())


def with_length(body: bytes, status: bytes = b"200 OK") -> bytes:
    """Return a JSON answer."""
    head = b"HTTP/1.1 %b\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
    return head % (status, len(body)) + body


class State:
    """What the connections share."""

    def __init__(self) -> None:
        self.last_body: list[bytes] = []
        self.release = asyncio.Event()
        self.sent = 0
        self.waiting: list[Stream] = []
        self.quiet: asyncio.TimerHandle | None = None
        self.tasks: set[asyncio.Task[None]] = set()
        self.tls: dict[str, int | str] = {}

    def start(self, work: object) -> None:
        task = asyncio.ensure_future(work)  # type: ignore[arg-type]
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def gather(self, transport: asyncio.Transport, chunks: tuple[bytes, ...], wanted: int) -> None:
        """Let a stream wait for the others."""
        self.waiting.append((transport, chunks))
        if self.quiet is not None:
            self.quiet.cancel()
        if len(self.waiting) >= wanted:
            self._start_gathered()
        else:
            self.quiet = asyncio.get_running_loop().call_later(QUIET, self._start_gathered)

    def _start_gathered(self) -> None:
        waiting, self.waiting = self.waiting, []
        self.start(send_gathered(waiting))


class Connection(asyncio.Protocol):
    """Reads one request after another and writes the answer that its path names."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._head = b""
        self._body: list[bytes] | None = None
        self._missing = 0
        self._path = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if self._body is None:
            self._head += data
            head, found, data = self._head.partition(b"\r\n\r\n")
            if not found:
                return
            self._head = b""
            self._path = head.split(b" ", 2)[1].decode()
            self._missing = content_length(head)
            self._body = []
        if data:
            self._body.append(data)
            self._missing -= len(data)
        if self._missing <= 0:
            body, self._body = self._body, None
            self._answer(body)

    def _answer(self, body: list[bytes]) -> None:
        write = self._transport.write
        state = self._state
        if self._path == "/last":
            write(with_length(b"".join(state.last_body)))
        elif self._path == "/sent":
            write(with_length(json.dumps(state.sent).encode()))
        elif self._path == "/tls":
            state.start(tell_tls(self._transport, state))
        elif self._path == "/release":
            state.release.set()
            write(with_length(b"true"))
        else:
            state.last_body = body
            try:
                _, name, delivery, *_ = self._path.split("/")
                self._send(name, delivery)
            except (KeyError, ValueError):
                write(with_length(b'{"error":{"message":"no such answer"}}', b"404 Not Found"))

    def _send(self, name: str, delivery: str) -> None:
        state = self._state
        if name.startswith("plain-"):
            self._transport.write(whole_reply(name))
        elif delivery == "batched":
            self._transport.write(whole_stream(name))
        elif delivery == "single":
            state.start(send_slowly(self._transport, single_chunks(name)))
        elif delivery == "held":
            state.release.clear()
            state.start(send_held(self._transport, single_chunks(name), state))
        elif delivery.startswith("gathered-"):
            _, _, count = delivery.rpartition("-")
            chunks = single_chunks(name) if "single" in delivery else batched_chunks(name)
            state.gather(self._transport, chunks, int(count))
        else:
            raise KeyError(delivery)


def content_length(head: bytes) -> int:
    """Return the length of the body that follows a request's head."""
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            return int(value)
    return 0


async def tell_tls(transport: asyncio.Transport, state: State) -> None:
    """Say where TLS is spoken, which begins when it is asked for."""
    if not state.tls:
        context, certificate = server_context(Path(sys.argv[1]))
        server = await listen(state, context)
        state.tls = {"port": server.sockets[0].getsockname()[1], "certificate": str(certificate)}
    transport.write(with_length(json.dumps(state.tls).encode()))


async def send_slowly(transport: asyncio.Transport, chunks: tuple[bytes, ...]) -> None:
    """Send one chunk at a time, so that a fast reader gets each by itself."""
    transport.write(_STREAM_HEAD)
    for chunk in chunks[:-1]:
        transport.write(chunk)
        await asyncio.sleep(PAUSE)
    transport.write(chunks[-1])


async def send_held(transport: asyncio.Transport, chunks: tuple[bytes, ...], state: State) -> None:
    """Send the first chunk, and the others after the release or a moment."""
    transport.write(_STREAM_HEAD + chunks[0])
    state.sent = 1
    with suppress(TimeoutError):
        await asyncio.wait_for(state.release.wait(), HOLD)
    state.sent = len(chunks) - 1
    transport.write(b"".join(chunks[1:]))


async def send_gathered(streams: list[Stream]) -> None:
    """Send many streams side by side."""
    for transport, _ in streams:
        transport.write(_STREAM_HEAD)
    for number in range(max(len(chunks) for _, chunks in streams)):
        for transport, chunks in streams:
            if number < len(chunks):
                transport.write(chunks[number])
        await asyncio.sleep(ROUND)


async def serve() -> None:
    """Print the port, then serve until the process is ended."""
    state = State()
    server = await listen(state)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def listen(state: State, context: ssl.SSLContext | None = None) -> asyncio.Server:
    """Accept connections, over TLS with a `context`."""
    loop = asyncio.get_running_loop()
    return await loop.create_server(
        lambda: Connection(state), "127.0.0.1", 0, backlog=4096, ssl=context
    )


if __name__ == "__main__":
    import resource

    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    asyncio.run(serve())
