"""Ask an endpoint, once and without retries, and keep what it really sent beside the reply."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic_core import to_json

from mara_minimax.compression import Unpacker
from mara_minimax.connection_errors import to_provider_error
from mara_minimax.connections import Connection, sync_pool
from mara_minimax.encode import EncodedRequest
from mara_minimax.error_bodies import ErrorBody
from mara_minimax.errors import APITimeoutError, InvalidReplyError, ProviderError
from mara_minimax.http_library import transport_failures
from mara_minimax.json_text import parse_json
from mara_minimax.providers import Provider
from mara_minimax.reader import ReplyReader
from mara_minimax.redaction import Redactor
from mara_minimax.settings import ChatSettings
from mara_minimax.sse import DONE, EventDecoder
from mara_minimax.types import JSONObject, Reply

MAX_TOKENS = 1024
"""Limit of each answer, reasoning included: room to think, and a bounded bill."""

_LONGEST_LIST = 4 * 1024 * 1024


@dataclass(slots=True)
class Answer:
    """What one chat request brought: a reply or an error, and the evidence for both."""

    request: EncodedRequest
    reply: Reply | None = None
    error: ProviderError | None = None
    events: list[JSONObject] = field(default_factory=list)
    """The stream's JSON events, or the one body of a plain reply."""
    done: bool = False
    """Whether `data: [DONE]` came."""
    left_open: bool = False
    """Whether the connection stayed open after the whole reply, until the time ran out."""
    pieces: int = 0
    """Chunks that added reasoning or text."""
    streamed_text: str = ""
    seconds: float = 0.0
    first_token_seconds: float | None = None


@dataclass(slots=True)
class Listing:
    """What `GET /models` brought."""

    status: int | None = None
    """HTTP status, `None` when nothing answered."""
    names: tuple[str, ...] | None = None
    """Model ids, `None` when the answer is no list."""
    error: ProviderError | None = None
    seconds: float = 0.0


class Wire:
    """One endpoint, the requests that were made to it and the tokens that they took."""

    def __init__(self, settings: ChatSettings, timeout: float) -> None:
        """`timeout` bounds each request, in seconds."""
        self.settings = settings
        self.timeout = timeout
        self.redactor = Redactor(self.key, settings.default_headers)
        self.requests = 0
        self.tokens = 0

    @property
    def provider(self) -> Provider:
        """The provider behind the endpoint."""
        return self.settings.provider

    @property
    def key(self) -> str:
        """The key that is sent; never shown."""
        key = self.settings.api_key
        return key.get_secret_value() if key else ""

    def ask(
        self,
        messages: Sequence[Mapping[str, Any]],
        *,
        stream: bool = False,
        unchanged: bool = False,
        **parameters: Any,
    ) -> Answer:
        """Post one chat request; `unchanged` sends parameters that the library holds back."""
        settings = self.settings
        if unchanged:
            settings = settings.model_copy(update={"parameter_policy": "pass"})
        request = settings.encode(messages, stream=stream, max_tokens=MAX_TOKENS, **parameters)
        answer = Answer(request)
        self.requests += 1
        start = time.perf_counter()
        try:
            response = self._send("POST", "/chat/completions", content=to_json(request.body))
            try:
                self._read(response, answer, start)
            finally:
                response.close()
        except failures() as error:
            answer.error = to_provider_error(error, self.provider)
        answer.seconds = time.perf_counter() - start
        if answer.reply is not None and answer.reply.usage is not None:
            self.tokens += answer.reply.usage.total_tokens
        return answer

    def list_models(self, base_url: str | None = None) -> Listing:
        """Ask for the list of models, here or at another host with the same key."""
        listing = Listing()
        self.requests += 1
        start = time.perf_counter()
        try:
            response = self._send("GET", "/models", base_url=base_url)
            try:
                listing.status = response.status_code
                listing.names = _model_names(self._whole_body(response, start), self.redactor)
            finally:
                response.close()
        except failures() as error:
            listing.error = to_provider_error(error, self.provider)
            listing.status = getattr(listing.error.response, "status_code", None)
        listing.seconds = time.perf_counter() - start
        return listing

    def _connection(self, base_url: str | None = None) -> Connection:
        settings = self.settings
        return Connection(
            provider=settings.provider,
            base_url=base_url or settings.endpoint_url,
            api_key=self.key,
            timeout=self.timeout,
            headers=tuple((settings.default_headers or {}).items()),
        )

    def _send(
        self, method: str, path: str, *, content: bytes | None = None, base_url: str | None = None
    ) -> Any:
        """Return the response, unread; raise the error that a failure's status and body tell."""
        connection = self._connection(base_url)
        pool = sync_pool(connection)
        request = connection.build(pool, method, path, content=content)
        response = pool.send(request, stream=True, follow_redirects=False)
        if response.is_success:
            return response
        body = ErrorBody(response, self.redactor)
        with closing(response), suppress(*transport_failures()):
            for data in response.iter_raw():
                body.read(data)
                if body.enough:
                    break
        raise body.to_error(self.provider)

    def _read(self, response: Any, answer: Answer, start: float) -> None:
        reader = ReplyReader(answer.request, self.redactor)
        evidence = _Evidence(answer)
        try:
            for data in self._pieces(response, start):
                evidence.read(data)
                self._take(reader.read(data), answer, start)
                if reader.finished:
                    break
        except failures():
            if not reader.is_whole():
                raise
            answer.left_open = True
        evidence.finish()
        self._take(reader.finish(), answer, start)
        self._clean(answer)

    def _whole_body(self, response: Any, start: float) -> bytes:
        body = b""
        for data in self._pieces(response, start):
            body += data
            if len(body) > _LONGEST_LIST:
                break
        return body

    def _take(self, deltas: list[Any], answer: Answer, start: float) -> None:
        for delta in deltas:
            if delta.text or delta.reasoning or delta.tool_calls:
                answer.pieces += 1
                if answer.first_token_seconds is None:
                    answer.first_token_seconds = time.perf_counter() - start
            answer.streamed_text += delta.text
            answer.reply = delta.reply or answer.reply

    def _pieces(self, response: Any, start: float) -> Iterator[bytes]:
        """Yield the body while there is time: the timeout of the client starts anew each read."""
        unpacker = Unpacker(response)
        for data in response.iter_raw():
            yield from unpacker.decode(data)
            if time.perf_counter() - start > self.timeout:
                raise APITimeoutError(
                    f"{self.provider.title} was still sending after {self.timeout:g} s.",
                    provider=self.provider.name,
                )

    def _clean(self, answer: Answer) -> None:
        """Take the key and the headers out of what a report shows of the answer."""
        text, reply = self.redactor.text, answer.reply
        answer.streamed_text = text(answer.streamed_text)
        if reply is not None:
            answer.reply = replace(
                reply,
                text=text(reply.text),
                finish_reason=text(reply.finish_reason),
                tool_calls=tuple(
                    replace(call, name=text(call.name), arguments=text(call.arguments))
                    for call in reply.tool_calls
                ),
            )


class _Evidence:
    """The JSON of an answer as it came, beside what the library makes of it."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._events = EventDecoder()
        self._document = b""
        self._streams = answer.request.stream

    def read(self, data: bytes) -> None:
        if not self._streams:
            self._document += data
            return
        with suppress(InvalidReplyError):
            self._keep(self._events.decode(data))

    def finish(self) -> None:
        with suppress(InvalidReplyError, ValueError):
            if self._streams:
                self._keep(self._events.flush())
            elif isinstance(body := parse_json(self._document), dict):
                self._answer.events.append(body)

    def _keep(self, events: Iterator[Any]) -> None:
        for event in events:
            if event is DONE:
                self._answer.done = True
            else:
                self._answer.events.append(event)


def failures() -> tuple[type[Exception], ...]:
    """Return what can go wrong with a request: what was typed already, and the transport."""
    return (ProviderError, *transport_failures())


def _model_names(body: bytes, redactor: Redactor) -> tuple[str, ...] | None:
    """Return the ids of a list of models, `None` for anything else."""
    with suppress(ValueError):
        parsed = parse_json(body)
        rows = parsed.get("data") if isinstance(parsed, dict) else None
        if isinstance(rows, list):
            ids = [row.get("id") for row in rows if isinstance(row, dict)]
            # Names are cut when they are shown, and half a key is not found any more.
            return tuple(redactor.text(name) for name in ids if isinstance(name, str))
    return None
