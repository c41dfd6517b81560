"""The async pools on aiohttp, below the same client: `transport="aiohttp"`.

aiohttp reads a stream for a fraction of what httpcore takes, and several times faster where many
streams arrive at once. The transports that exist for this, the SDK's and httpx-aiohttp's, name a
refused connection a timeout, keep cookies for every key, and say nothing of a connection's past
(openai 3.52, httpx-aiohttp 0.2, 2026-11); those are most of what is written here.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import suppress
from time import monotonic
from types import SimpleNamespace
from typing import Any
from urllib.request import getproxies, proxy_bypass

import aiohttp
import yarl

from mara_minimax.http_library import http_library
from mara_minimax.transport.exchange import BODY

_LIBRARY = http_library()
_Transport: Any = _LIBRARY.AsyncBaseTransport
_Stream: Any = _LIBRARY.AsyncByteStream
_KEEP_ALIVE = 5.0
"""Seconds that an idle connection is kept, as by httpx."""
_MOST_HEADER_BYTES = 64 * 1024
_PIECE = 64 * 1024
"""Bytes that asyncio takes without a wait for the host; of more, each piece has its time."""
_OWN_HEADERS = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")
"""What aiohttp adds to a request that lacks it."""


class AiohttpTransport(_Transport):  # type: ignore[misc] # of httpx or of httpx2
    """Sends the requests of an HTTP client over connections of aiohttp.

    It is used in one event loop, whose first request makes the connections' pool.
    """

    def __init__(self, *, verify: ssl.SSLContext, trust_env: bool, limit: int) -> None:
        """`trust_env` lets the proxy variables decide about proxies."""
        self._verify = verify
        self._limit = limit
        self._proxies = getproxies() if trust_env else {}
        self._connector: _Connector | None = None

    async def handle_async_request(self, request: Any) -> Any:
        """Send a request and return its response, unread."""
        url = yarl.URL(str(request.url), encoded=True)
        proxy = self._proxy_for(url)
        if self._connector is None:
            self._connector = _Connector(
                limit=self._limit, ssl=self._verify, keepalive_timeout=_KEEP_ALIVE
            )
        session = _new_session(self._connector)
        limits = request.extensions.get("timeout", {})
        timeout = aiohttp.ClientTimeout(
            connect=limits.get("pool"),
            sock_connect=limits.get("connect"),
            sock_read=limits.get("read"),
        )
        writing = asyncio.timeout(None)
        try:
            async with writing:
                response = await session.request(
                    request.method,
                    url,
                    headers=request.headers.multi_items(),
                    data=_to_write(await request.aread(), limits.get("write"), writing),
                    allow_redirects=False,
                    proxy=proxy,
                    skip_auto_headers=_OWN_HEADERS,
                    timeout=timeout,
                    trace_request_ctx=_Trace(request, proxy or url),
                )
        except (aiohttp.ClientError, OSError) as error:
            if writing.expired():
                raise _LIBRARY.WriteTimeout("") from error
            raise _library_error(error) from error
        finally:
            # One for each request, because aiohttp logs a session that is left open, as with a
            # loop that nobody closes: test_a_loop_that_nobody_closes_is_collected_without_a_word.
            session.detach()
        return _to_response(response, request)

    def _proxy_for(self, url: yarl.URL) -> yarl.URL | None:
        found = self._proxies.get(url.scheme) or self._proxies.get("all")
        if not found or proxy_bypass(url.host or ""):
            return None
        proxy = yarl.URL(found if "://" in found else f"http://{found}")
        if not proxy.scheme.startswith("http"):
            raise _LIBRARY.UnsupportedProtocol("aiohttp takes HTTP proxies only")
        return proxy

    async def aclose(self) -> None:
        """Close all connections."""
        if self._connector is not None:
            await self._connector.close()


def _to_write(
    body: bytes, seconds: float | None, writing: asyncio.Timeout
) -> bytes | _Upload | None:
    """Return a body as aiohttp takes it; `writing` ends when the host takes a piece too slowly.

    aiohttp limits the time to connect and to read, and none of what lies between.
    """
    if seconds is None or len(body) <= _PIECE:
        return body or None
    return _Upload(_pieces(body, seconds, writing))


class _Upload(aiohttp.AsyncIterablePayload):
    """A body in pieces, whose connection ends at once where it is given up.

    To close it would wait for the host to take what it was sent.
    """

    async def write_with_length(self, writer: Any, content_length: int | None) -> None:
        """Write all pieces."""
        connection = writer.transport
        try:
            await super().write_with_length(writer, content_length)
        except asyncio.CancelledError:
            connection.abort()
            raise


async def _pieces(body: bytes, seconds: float, writing: asyncio.Timeout) -> AsyncIterator[bytes]:
    loop = asyncio.get_running_loop()
    for start in range(0, len(body), _PIECE):
        # A host may answer before it has taken all; then the time to read counts.
        with suppress(RuntimeError):
            writing.reschedule(loop.time() + seconds)
        yield body[start : start + _PIECE]
    with suppress(RuntimeError):
        writing.reschedule(None)


def _to_response(response: aiohttp.ClientResponse, request: Any) -> Any:
    connection = response.connection
    body = _Body(response, request)
    extensions = {
        # The client reads it here, without the two generators that an HTTP library's response
        # puts around each read.
        BODY: body,
        "http_version": b"HTTP/1.1",
        "network_stream": _NetworkStream(connection and connection.transport),
        "reason_phrase": (response.reason or "").encode("utf-8", "surrogateescape"),
    }
    return _LIBRARY.Response(
        response.status,
        headers=response.raw_headers,
        stream=body,
        extensions=extensions,
    )


class _Connector(aiohttp.TCPConnector):
    def __del__(self, _warnings: Any = None) -> None:
        """Say nothing, as above; sockets are closed by their own finalizers."""


class _Body(_Stream):  # type: ignore[misc] # of httpx or of httpx2
    """The body of a response, each piece as soon as it is there.

    aiohttp makes a new timer for each piece. This has one for all, which looks at its end how
    long the last piece is waited for.
    """

    def __init__(self, response: aiohttp.ClientResponse, request: Any) -> None:
        self._response = response
        self._request = request
        self._content = response.content
        self._loop = asyncio.get_running_loop()
        self._limit = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._waits_since: float | None = None

    def __aiter__(self) -> AsyncIterator[bytes]:
        connection = self._response.connection
        # Absent where the body has ended already.
        if connection is not None and connection.protocol is not None:
            connection.protocol.read_timeout = None
            connection.protocol.start_timeout()
        # The body of an error is waited for less long than an answer.
        limit = self._request.extensions.get("timeout", {}).get("read")
        if limit is not None:
            self._limit = limit
            self._timer = self._loop.call_later(limit, self._look_at_time)
        return self

    async def __anext__(self) -> bytes:
        self._waits_since = monotonic()
        try:
            data = await self._content.readany()
        except (aiohttp.ClientError, OSError) as error:
            raise _library_error(error) from error
        finally:
            self._waits_since = None
        if not data:
            raise StopAsyncIteration
        return data

    def _look_at_time(self) -> None:
        """End a read that lasts too long, and look again when the next could."""
        waited = 0.0 if self._waits_since is None else monotonic() - self._waits_since
        if waited < self._limit:
            self._timer = self._loop.call_later(self._limit - waited, self._look_at_time)
        else:
            self._content.set_exception(aiohttp.SocketTimeoutError())

    async def aclose(self) -> None:
        """Give the connection back where the body has ended, and close it otherwise."""
        if self._timer is not None:
            self._timer.cancel()
        if self._content.at_eof():
            self._response.release()
        else:
            self._response.close()


class _NetworkStream:
    """Tells a response's socket, as httpcore's responses do."""

    def __init__(self, transport: Any) -> None:
        self._transport = transport

    def get_extra_info(self, name: str) -> Any:
        return self._transport and self._transport.get_extra_info(name)


class _Trace:
    """Passes the steps of a request on, in httpcore's words."""

    def __init__(self, request: Any, connected: yarl.URL) -> None:
        self._trace = request.extensions.get("trace")
        self._connected = connected

    async def connect(self) -> None:
        """A new connection begins."""
        address = {"host": self._connected.host, "port": self._connected.port}
        if self._trace is not None:
            await self._trace("connection.connect_tcp.started", address)

    async def reuse(self) -> None:
        """The request goes over an idle connection; aiohttp does not tell how far it gets."""
        for step in ("started", "complete") if self._trace is not None else ():
            await self._trace(f"http11.send_request_headers.{step}", {})


def _new_session(connector: _Connector) -> aiohttp.ClientSession:
    steps = aiohttp.TraceConfig()
    steps.on_connection_create_start.append(_on_connect)
    steps.on_connection_reuseconn.append(_on_reuse)
    return aiohttp.ClientSession(
        connector=connector,
        connector_owner=False,
        # Cookies would follow the calls of one key into those of the next.
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        max_field_size=_MOST_HEADER_BYTES,
        max_line_size=_MOST_HEADER_BYTES,
        trace_configs=[steps],
    )


async def _on_connect(_session: Any, context: SimpleNamespace, _step: Any) -> None:
    await context.trace_request_ctx.connect()


async def _on_reuse(_session: Any, context: SimpleNamespace, _step: Any) -> None:
    await context.trace_request_ctx.reuse()


_ERRORS: tuple[tuple[type[BaseException], Any, str], ...] = (
    (aiohttp.ConnectionTimeoutError, _LIBRARY.ConnectTimeout, ""),
    (TimeoutError, _LIBRARY.ReadTimeout, ""),
    (aiohttp.ClientHttpProxyError, _LIBRARY.ProxyError, ""),
    (aiohttp.ClientConnectorError, _LIBRARY.ConnectError, ""),
    (aiohttp.ServerDisconnectedError, _LIBRARY.RemoteProtocolError, "Server disconnected"),
    (aiohttp.ClientPayloadError, _LIBRARY.RemoteProtocolError, "peer closed connection"),
    (aiohttp.ClientResponseError, _LIBRARY.RemoteProtocolError, "not HTTP"),
    (aiohttp.ClientError, _LIBRARY.ReadError, ""),
    (OSError, _LIBRARY.ReadError, ""),
)
"""The HTTP library's exception for each of aiohttp's, and its words; the first row that fits."""


def _library_error(error: Exception) -> Exception:
    kind, words = next((kind, words) for own, kind, words in _ERRORS if isinstance(error, own))
    if isinstance(error, aiohttp.ClientHttpProxyError):
        words = str(error.status)
    failure: Exception = kind(words)
    return failure
