"""Ask an endpoint as users do, once and without retries, and keep what it really sent."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import SecretStr

from mara_minimax.doctor.recording import RecordedExchange, RecordingClient
from mara_minimax.encoded_request import EncodedRequest
from mara_minimax.errors import APITimeoutError, InvalidReplyError, ProviderError
from mara_minimax.http_library import transport_failures
from mara_minimax.json_text import parse_json
from mara_minimax.reply.events import DONE, EventDecoder
from mara_minimax.secrets.keys import check_key
from mara_minimax.secrets.redaction import NO_SECRETS, Redactor, long_secrets
from mara_minimax.settings import ChatSettings
from mara_minimax.transport.connection import Connection
from mara_minimax.transport.passage import Passage
from mara_minimax.transport.pools import sync_pool
from mara_minimax.transport.reasons import reason_of
from mara_minimax.types import Delta, JSONObject, Reply

MAX_TOKENS = 1024
"""Limit of each answer, reasoning included: room to think, and a bounded bill."""

_LONGEST_LIST = 4 * 1024 * 1024


@dataclass(slots=True)
class Answer:
    """What one chat request brought: a reply or an error, and the evidence for both."""

    request: EncodedRequest
    redactor: Redactor = field(default=NO_SECRETS, repr=False)
    """Takes secrets out of an answer that repeats them."""
    reply: Reply | None = None
    error: ProviderError | None = None
    events: list[JSONObject] = field(default_factory=list)
    """The stream's JSON events, or the one body of a plain reply."""
    done: bool | None = False
    """Whether `data: [DONE]` came; `None` if the library stopped reading before it could."""
    pieces: int = 0
    """Chunks that added reasoning, text or tool calls."""
    streamed_text: str = ""
    seconds: float = 0.0
    first_token_seconds: float | None = None

    def take(self, delta: Delta, seconds: float) -> None:
        """Add a delta that came after so many seconds."""
        if delta.text or delta.reasoning or delta.tool_calls:
            self.pieces += 1
            if self.first_token_seconds is None:
                self.first_token_seconds = seconds
        self.streamed_text += delta.text
        self.reply = delta.reply or self.reply

    def take_evidence(self, exchange: RecordedExchange) -> None:
        """Add what passed on the wire."""
        body, streams = exchange.body, self.request.stream
        with suppress(InvalidReplyError, ValueError):
            for event in _events(body) if streams else [parse_json(body)]:
                if event is DONE:
                    self.done = True
                elif isinstance(event, dict):
                    self.events.append(event)
        if exchange.failure is None and not self.done and not exchange.read_to_end:
            self.done = None

    def shown(self, text: str) -> str:
        """Return text of the endpoint as a report may show it."""
        return self.redactor.text(text)


@dataclass(slots=True)
class Fetched:
    """What a `GET` brought."""

    status: int | None = None
    """HTTP status, `None` when nothing answered."""
    body: Any = None
    """The parsed JSON of the answer, without secrets; `None` for anything else."""
    seconds: float = 0.0
    reason: str = ""
    """Why nothing answered, as the HTTP client says it."""


@dataclass(slots=True)
class Listing:
    """What `GET /models` brought."""

    status: int | None = None
    """HTTP status, `None` when nothing answered."""
    names: tuple[str, ...] | None = None
    """Model ids, `None` when the answer is no list."""
    seconds: float = 0.0
    reason: str = ""
    """Why nothing answered, as the HTTP client says it."""


class Probe:
    """One endpoint, the exchanges with it and the tokens that they took."""

    def __init__(self, settings: ChatSettings, timeout: float) -> None:
        """`timeout` bounds each request, in seconds."""
        self.timeout = timeout
        self.tokens = 0
        self.exchanges: list[RecordedExchange] = []
        """All of them in their order, without secrets."""
        connection = Connection(
            provider=settings.provider,
            base_url=settings.endpoint_url,
            api_key=check_key(settings.api_key) or SecretStr(""),
            timeout=timeout,
            headers=settings.default_headers or {},
            http_client=settings.http_client,
        ).keyed()
        self.key = "".join(replace(connection, headers={}).sent_secrets())
        """As it is sent; `""` where none is."""
        self.sent_secrets = connection.sent_secrets()
        """The key, and the values of the user's own headers."""
        self._redactor = Redactor(*self.sent_secrets)
        pool, secrets = sync_pool(connection), long_secrets(self.sent_secrets)
        client = RecordingClient(pool, self.exchanges, secrets, self._check_time)
        self._connection = replace(connection, http_client=client)
        changes = {"timeout": timeout, "max_retries": 0, "http_client": client}
        self.settings = settings.model_copy(update=changes)

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
        answer = Answer(request, self._redactor)
        start = time.perf_counter()
        try:
            for delta in settings.client.stream(request):
                answer.take(delta, time.perf_counter() - start)
        except ProviderError as error:
            answer.error = error
        answer.seconds = time.perf_counter() - start
        answer.take_evidence(self.exchanges[-1])
        if answer.reply is not None and answer.reply.usage is not None:
            self.tokens += answer.reply.usage.total_tokens
        return answer

    def list_models(self) -> Listing:
        """Ask for the list of models."""
        fetched = self.fetch("/models")
        names = _model_names(fetched.body)
        return Listing(fetched.status, names, fetched.seconds, fetched.reason)

    def fetch(self, path: str) -> Fetched:
        """Ask the endpoint for what is at a path below the base URL."""
        pool = self._connection.http_client
        passage = Passage()
        request = self._connection.build(pool, "GET", path, trace=passage.trace)
        start = time.perf_counter()
        reason = ""
        failures: tuple[type[Exception], ...] = (ProviderError, *transport_failures())
        try:
            response = pool.send(request, stream=True, follow_redirects=False)
            with closing(response):
                received = 0
                for data in response.iter_bytes() if response.is_success else ():
                    received += len(data)
                    if received > _LONGEST_LIST:
                        break
        except failures as error:
            reason = reason_of(error, request, passage.address).words
        seconds = time.perf_counter() - start
        exchange = self.exchanges[-1]
        body: Any = None
        with suppress(ValueError):
            body = parse_json(exchange.body)
        return Fetched(exchange.status, body, seconds, reason)

    def _check_time(self, exchange: RecordedExchange) -> None:
        """Raise when the time is over: a timeout of the HTTP client starts anew with each read.

        The body of an HTTP error has a limit of its own, and its status tells more.
        """
        has_succeeded = exchange.status is not None and 200 <= exchange.status < 300
        if has_succeeded and exchange.seconds > self.timeout:
            provider = self.settings.provider
            raise APITimeoutError(
                f"{provider.title} was still sending after {self.timeout:g} s.",
                provider=provider.name,
            )


def _events(body: bytes) -> Iterator[Any]:
    decoder = EventDecoder()
    yield from decoder.decode(body)
    yield from decoder.flush()


def _model_names(body: Any) -> tuple[str, ...] | None:
    """Return the ids of a list of models, `None` for anything else."""
    rows = body.get("data") if isinstance(body, dict) else None
    if not isinstance(rows, list):
        return None
    ids = [row.get("id") for row in rows if isinstance(row, dict)]
    return tuple(name for name in ids if isinstance(name, str))
