"""The HTTP face of the emulator: requests are recorded, and replies sent byte for byte."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_address
from typing import Any, cast

from mara_minimax.emulator.checks.validation import has_accepted_key, has_key
from mara_minimax.emulator.exchange import AnswerError, refuse, reply_to
from mara_minimax.emulator.state import EmulatorState, RecordedRequest, UnknownScenarioError
from mara_minimax.emulator.types.canned import JSON_TYPE, STREAM_TYPE, CannedReply
from mara_minimax.emulator.types.refusal import Refusal
from mara_minimax.emulator.wire.token_plan import remains

CHAT_PATH = "/v1/chat/completions"
REMAINS_PATH = "/v1/token_plan/remains"
SCENARIO_HEADER = "x-emulator-scenario"
MAX_BODY_BYTES = 64 * 1024 * 1024
"""64 MB is what MiniMax takes: https://platform.minimax.io/docs/api-reference/text-chat-openai."""
_READ = 1024 * 1024
_WITHOUT_BODY = frozenset({204, 304})


class Conversation(BaseHTTPRequestHandler):
    """The requests of one connection, one after the other; making one serves them all."""

    protocol_version = "HTTP/1.1"

    def __init__(self, connection: socket.socket, state: EmulatorState) -> None:
        self._state = state
        super().__init__(connection, ("", 0), cast("Any", None))

    def log_message(self, *_: object) -> None:
        """Say nothing: requests are recorded."""

    def _respond(self) -> None:
        body = self._pieces()
        reply, record = self._reply(body)
        self._send(reply, record)
        # What a refusal left of the body, so that the connection takes the next request.
        for _ in body:
            pass

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _respond  # noqa: N815 - as http.server asks

    def _reply(self, body: Iterator[bytes]) -> tuple[CannedReply, RecordedRequest]:
        host = self.headers.get("host", "")
        # Keeps web pages out that have their own host name resolve to this machine.
        if not _is_loopback(_without_port(host)):
            message = f"The emulator serves this machine alone and refuses the host {host!r}."
            return self._refuse(Refusal(403, "host_not_allowed", message))
        endpoint = self.command, self._path
        if endpoint == ("GET", "/v1/models"):
            return self._models()
        if endpoint == ("POST", CHAT_PATH):
            return self._chat(body)
        if endpoint == ("GET", REMAINS_PATH) and self._state.provider.tells_remains:
            key = self.headers.get("authorization", "").partition(" ")[2].strip()
            return CannedReply.json(remains(key, self._state.clock())), self._record(None)
        return self._refuse(self._state.provider.not_found)

    def _chat(self, pieces: Iterator[bytes]) -> tuple[CannedReply, RecordedRequest]:
        raw = self._read(pieces)
        if raw is None:
            return self._refuse(self._state.provider.body_too_large)
        body = _parsed(raw)
        record = self._record(body)
        try:
            reply = self._state.canned.popleft()
        except IndexError:
            return self._answer(body), record
        if not any(name.lower() == "content-type" for name in reply.headers):
            streams = isinstance(body, dict) and body.get("stream") is True
            reply.headers["content-type"] = STREAM_TYPE if streams else JSON_TYPE
        return reply, record

    def _answer(self, body: Any) -> CannedReply:
        try:
            return reply_to(
                self._state,
                body,
                authorization=self.headers.get("authorization", ""),
                scenario=self.headers.get(SCENARIO_HEADER),
            )
        except (UnknownScenarioError, AnswerError) as error:
            return CannedReply.json({"error": {"message": str(error)}}, status=400)

    def _models(self) -> tuple[CannedReply, RecordedRequest]:
        provider = self._state.provider
        if not has_accepted_key(self.headers.get("authorization", "")):
            return self._refuse(provider.wrong_key)
        payload = json.loads(provider.wire.encode(provider.wire.models()))
        return CannedReply.json(payload), self._record(None)

    def _refuse(self, refusal: Refusal) -> tuple[CannedReply, RecordedRequest]:
        return refuse(self._state, refusal), self._record(None)

    def _record(self, body: Any) -> RecordedRequest:
        headers = {name.lower(): value for name, value in self.headers.items()}
        authorization = headers.get("authorization", "")
        if "authorization" in headers:
            headers["authorization"] = "<redacted>"
        record = RecordedRequest(self.command, self._path, headers, has_key(authorization), body)
        self._state.requests.append(record)
        return record

    @property
    def _path(self) -> str:
        return self.path.partition("?")[0]

    def _read(self, pieces: Iterator[bytes]) -> bytes | None:
        """The body, or `None` as soon as it is known to be too large."""
        if self._content_length > MAX_BODY_BYTES:
            return None
        raw = bytearray()
        for piece in pieces:
            raw += piece
            if len(raw) > MAX_BODY_BYTES:
                return None
        return bytes(raw)

    def _pieces(self) -> Iterator[bytes]:
        if self.headers.get("transfer-encoding", "").lower() != "chunked":
            yield from self._exactly(self._content_length)
            return
        while size := _number(self.rfile.readline().partition(b";")[0], 16):
            yield from self._exactly(size)
            self.rfile.readline()
        while self.rfile.readline().strip():  # headers after the last chunk
            pass

    def _exactly(self, size: int) -> Iterator[bytes]:
        while size > 0:
            piece = self.rfile.read(min(size, _READ))
            if not piece:
                raise ConnectionError("The client left inside its request.")
            size -= len(piece)
            yield piece

    @property
    def _content_length(self) -> int:
        return _number(self.headers.get("content-length", "0").encode(), 10)

    def _send(self, reply: CannedReply, record: RecordedRequest) -> None:
        """Send a reply, and write into the record how that went."""
        record.status = reply.status
        complete = False
        try:
            complete = self._send_until_the_end(reply, record)
        finally:
            self.close_connection = self.close_connection or not complete
            record.disconnected = not complete and not reply.cut
            record.finish()

    def _send_until_the_end(self, reply: CannedReply, record: RecordedRequest) -> bool:
        headers = {name.lower(): value for name, value in reply.headers.items()}
        whole = headers.get("content-type", "").startswith("application/json")
        if whole and not reply.cut and not reply.hold:
            headers.setdefault("content-length", str(sum(map(len, reply.chunks))))
        has_end = "content-length" in headers or reply.status in _WITHOUT_BODY
        chunked = not has_end and self.request_version != "HTTP/1.0"
        if chunked:
            headers["transfer-encoding"] = "chunked"
        self.send_response_only(reply.status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        for number, chunk in enumerate(reply.chunks):
            if client_left(self.connection, reply.delay if number else 0.0):
                return False
            # Counted first: a client may read the record as soon as it has the last byte.
            record.chunks_sent += 1
            if chunk:
                self.wfile.write(b"%x\r\n%b\r\n" % (len(chunk), chunk) if chunked else chunk)
        if reply.hold:
            client_left(self.connection, None)
            return False
        if chunked and not reply.cut:
            self.wfile.write(b"0\r\n\r\n")
        return not reply.cut


def client_left(connection: socket.socket, seconds: float | None) -> bool:
    """Whether the client leaves in that time, for which this waits; `None` waits until it does."""
    connection.settimeout(seconds)
    try:
        return not connection.recv(1, socket.MSG_PEEK)
    except (BlockingIOError, TimeoutError):
        return False
    finally:
        connection.settimeout(None)


def _without_port(header: str) -> str:
    """The host in the value of a `Host` header."""
    if header.startswith("["):
        return header[1:].partition("]")[0]
    return header.partition(":")[0]


def _is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _number(text: bytes, base: int) -> int:
    try:
        return int(text, base)
    except ValueError as error:
        raise ConnectionError("The client does not speak HTTP.") from error


def _parsed(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None
