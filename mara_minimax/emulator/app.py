"""The HTTP face of the emulator: routes, recording, and sending replies byte for byte."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from mara_minimax.emulator.checks.validation import has_accepted_key, has_key
from mara_minimax.emulator.exchange import AnswerError, refuse, reply_to
from mara_minimax.emulator.loopback import is_loopback, without_port
from mara_minimax.emulator.records import RecordedRequest, redacted_headers
from mara_minimax.emulator.state import EmulatorState, UnknownScenarioError
from mara_minimax.emulator.types.canned import JSON_TYPE, STREAM_TYPE, CannedReply
from mara_minimax.emulator.types.refusal import Refusal

CHAT_PATH = "/v1/chat/completions"
SCENARIO_HEADER = "x-emulator-scenario"
MAX_BODY_BYTES = 64 * 1024 * 1024
"""64 MB is what MiniMax takes: https://platform.minimax.io/docs/api-reference/text-chat-openai."""

DropConnection = Callable[[Scope], None]


class RecordedReply(Response):
    """Sends a canned reply and writes into the record how that went."""

    def __init__(self, reply: CannedReply, record: RecordedRequest, drop: DropConnection) -> None:
        self._reply = reply
        self._record = record
        self._drop = drop
        record.status = reply.status

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the chunks until they end or the client leaves."""
        gone = asyncio.Event()
        listener = asyncio.create_task(_listen(receive, gone))
        complete = False
        try:
            complete = await self._send(scope, send, gone)
        finally:
            listener.cancel()
            self._record.disconnected = not complete and not self._reply.cut
            self._record.finish()

    async def _send(self, scope: Scope, send: Send, gone: asyncio.Event) -> bool:
        reply = self._reply
        await send(
            {
                "type": "http.response.start",
                "status": reply.status,
                "headers": _raw_headers(reply),
            }
        )
        for number, chunk in enumerate(reply.chunks):
            await _pause(reply.delay if number else 0.0, gone)
            if gone.is_set():
                return False
            # Counted first: a client may read the record as soon as it has the last byte.
            self._record.chunks_sent += 1
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        if reply.hold:
            await gone.wait()
            return False
        if reply.cut:
            self._drop(scope)
            await gone.wait()
            return False
        await send({"type": "http.response.body", "body": b"", "more_body": False})
        return True


async def _listen(receive: Receive, gone: asyncio.Event) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    gone.set()


async def _pause(seconds: float, gone: asyncio.Event) -> None:
    """Wait, but no longer than the client stays; also gives the listener its turn."""
    if seconds <= 0:
        await asyncio.sleep(0)
        return
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(gone.wait(), seconds)


def _raw_headers(reply: CannedReply) -> list[tuple[bytes, bytes]]:
    headers = {name.lower(): value for name, value in reply.headers.items()}
    whole = headers.get("content-type", "").startswith("application/json")
    if whole and not reply.cut and not reply.hold:
        headers.setdefault("content-length", str(sum(map(len, reply.chunks))))
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]


class _LoopbackHosts:
    """Keeps web pages out that have their own host name resolve to this machine."""

    def __init__(self, app: ASGIApp, refuse: Callable[[Request], Response]) -> None:
        self._app = app
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        if is_loopback(without_port(request.headers.get("host", ""))):
            await self._app(scope, receive, send)
        else:
            await self._refuse(request)(scope, receive, send)


class Endpoints:
    """The routes, bound to the state of one emulator."""

    def __init__(self, state: EmulatorState, drop: DropConnection) -> None:
        self._state = state
        self._drop = drop

    def application(self) -> Starlette:
        """The ASGI application."""
        return Starlette(
            routes=[
                Route(CHAT_PATH, self._chat, methods=["POST"]),
                Route("/v1/models", self._models, methods=["GET"]),
            ],
            exception_handlers={404: self._refuse_path, 405: self._refuse_path},
            middleware=[Middleware(_LoopbackHosts, refuse=self._refuse_host)],
        )

    async def _chat(self, request: Request) -> Response:
        try:
            raw = await _read(request)
        except ClientDisconnect:
            return Response(status_code=400)
        if raw is None:
            return self._refuse(request, self._state.provider.body_too_large)
        body = _parsed(raw)
        record = self._record(request, body)
        reply = self._state.next_canned()
        if reply is None:
            reply = await self._answered(request, body)
        elif not any(name.lower() == "content-type" for name in reply.headers):
            streams = isinstance(body, dict) and body.get("stream") is True
            reply.headers["content-type"] = STREAM_TYPE if streams else JSON_TYPE
        return RecordedReply(reply, record, self._drop)

    async def _answered(self, request: Request, body: Any) -> CannedReply:
        try:
            exchange = self._state.exchange(
                body,
                authorization=request.headers.get("authorization", ""),
                scenario=request.headers.get(SCENARIO_HEADER),
            )
            return await reply_to(exchange)
        except (UnknownScenarioError, AnswerError) as error:
            return CannedReply.json({"error": {"message": str(error)}}, status=400)

    async def _models(self, request: Request) -> Response:
        provider = self._state.provider
        if not has_accepted_key(request.headers.get("authorization", "")):
            return self._refuse(request, provider.wrong_key)
        payload = json.loads(provider.wire.encode(provider.wire.models()))
        record = self._record(request, None)
        return RecordedReply(CannedReply.json(payload), record, self._drop)

    async def _refuse_path(self, request: Request, _: Exception) -> Response:
        return self._refuse(request, self._state.provider.not_found)

    def _refuse_host(self, request: Request) -> Response:
        host = request.headers.get("host", "")
        message = f"The emulator serves this machine alone and refuses the host {host!r}."
        return self._refuse(request, Refusal(403, "host_not_allowed", message))

    def _refuse(self, request: Request, refusal: Refusal) -> Response:
        record = self._record(request, None)
        state = self._state
        reply = refuse(state.provider, refusal, state.clock(), state.ordinal())
        return RecordedReply(reply, record, self._drop)

    def _record(self, request: Request, body: Any) -> RecordedRequest:
        record = RecordedRequest(
            method=request.method,
            path=request.url.path,
            headers=redacted_headers(request.headers.items()),
            has_key=has_key(request.headers.get("authorization", "")),
            body=body,
        )
        self._state.record(record)
        return record


async def _read(request: Request) -> bytes | None:
    """The body, or `None` as soon as it is known to be too large."""
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > MAX_BODY_BYTES:
        return None
    raw = bytearray()
    async for piece in request.stream():
        raw += piece
        if len(raw) > MAX_BODY_BYTES:
            return None
    return bytes(raw)


def _parsed(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None
