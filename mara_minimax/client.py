"""Send requests and give out replies: thin sync and async shells around one reader."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncGenerator, Generator
from contextlib import suppress
from typing import Any, NoReturn

import openai

from mara_minimax.connections import Connection, async_client, sync_client
from mara_minimax.encode import EncodedRequest
from mara_minimax.errors import (
    APIConnectionError,
    APITimeoutError,
    InvalidReplyError,
    ParameterError,
    ProviderError,
)
from mara_minimax.failures import error_in_response
from mara_minimax.providers import Provider
from mara_minimax.reader import ReplyReader
from mara_minimax.retries import Retries
from mara_minimax.types import Delta, Reply

_PATH = "/chat/completions"
_RAW_RESPONSE = {"X-Stainless-Raw-Response": "stream"}
"""Tells the SDK to hand the HTTP response over unread; it does not build typed objects."""


class ChatClient:
    """Chat completions over one connection.

    All errors are `openai.OpenAIError`s of `mara_minimax.errors`. A stream is retried only
    before its first delta.
    """

    def __init__(self, connection: Connection) -> None:
        """Open nothing; SDK clients are made on first use and shared."""
        self._connection = connection
        self._provider = connection.provider

    def complete(self, request: EncodedRequest) -> Reply:
        """Return the reply to a request."""
        return _last_reply(list(self.stream(request)))

    async def acomplete(self, request: EncodedRequest) -> Reply:
        """Return the reply to a request."""
        return _last_reply([delta async for delta in self.astream(request)])

    def stream(self, request: EncodedRequest) -> Generator[Delta, None, None]:
        """Yield the deltas of a reply; closing the generator closes the connection."""
        retries = Retries(self._connection.max_retries)
        while True:
            response: Any = None
            delivered = False
            try:
                response = sync_client(self._connection).post(
                    _PATH, cast_to=object, content=_to_json(request), options=_options(request)
                )
                reader = ReplyReader(request)
                for data in response.http_response.iter_bytes():
                    for delta in reader.read(data):
                        delivered = True
                        yield delta
                    if reader.stopped:
                        break
                for delta in reader.finish():
                    delivered = True
                    yield delta
                return
            except _failures() as error:
                failure = _to_provider_error(error, response, self._provider)
                delay = None if delivered else retries.next_delay(failure)
                if delay is None:
                    _raise(failure, error)
            finally:
                if response is not None:
                    response.http_response.close()
            time.sleep(delay)

    async def astream(self, request: EncodedRequest) -> AsyncGenerator[Delta, None]:
        """Yield the deltas of a reply; closing the generator closes the connection."""
        retries = Retries(self._connection.max_retries)
        while True:
            response: Any = None
            delivered = False
            try:
                response = await async_client(self._connection).post(
                    _PATH, cast_to=object, content=_to_json(request), options=_options(request)
                )
                reader = ReplyReader(request)
                async for data in response.http_response.aiter_bytes():
                    for delta in reader.read(data):
                        delivered = True
                        yield delta
                    if reader.stopped:
                        break
                for delta in reader.finish():
                    delivered = True
                    yield delta
                return
            except _failures() as error:
                failure = _to_provider_error(error, response, self._provider)
                delay = None if delivered else retries.next_delay(failure)
                if delay is None:
                    _raise(failure, error)
            finally:
                if response is not None:
                    await response.http_response.aclose()
            await asyncio.sleep(delay)


def _last_reply(deltas: list[Delta]) -> Reply:
    reply = deltas[-1].reply if deltas else None
    if reply is None:
        raise InvalidReplyError("The answer ended without a reply.")
    return reply


def _to_json(request: EncodedRequest) -> bytes:
    """Write the body once, without the SDK's transformation of each message."""
    try:
        text = json.dumps(request.body, ensure_ascii=False, separators=(",", ":"))
        return text.encode()
    except UnicodeEncodeError:
        # Lone surrogates have no UTF-8 form, but JSON can escape them.
        return json.dumps(request.body, separators=(",", ":")).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise ParameterError(f"The request cannot be written as JSON: {error}.") from error


def _options(request: EncodedRequest) -> Any:
    headers = {"Content-Type": "application/json", **(request.headers or {}), **_RAW_RESPONSE}
    options: dict[str, Any] = {"headers": headers}
    if request.timeout is not None:
        options["timeout"] = request.timeout
    return options


def _failures() -> tuple[type[Exception], ...]:
    """Return what can go wrong in the SDK and in the HTTP library that it brings.

    openai 2 is built on httpx and openai 3 on httpx2; a user's own client may be of either,
    so whichever is loaded counts, and neither is imported here.
    """
    kinds: list[type[Exception]] = [openai.OpenAIError]
    for name in ("httpx", "httpx2"):
        if module := sys.modules.get(name):
            kinds.extend((module.HTTPError, module.StreamError))
    return tuple(kinds)


def _to_provider_error(error: Exception, response: Any, provider: Provider) -> ProviderError:
    """Return the typed error for whatever a request or a read raised."""
    if isinstance(error, ProviderError):
        failure = error
        if not failure.provider:
            failure.provider = provider.name
    elif isinstance(error, openai.APIStatusError):
        http = error.response
        failure = error_in_response(error.status_code, _body_of(http), http.headers, provider)
        failure.attach(http)
    elif isinstance(error, openai.APITimeoutError) or "Timeout" in type(error).__name__:
        failure = APITimeoutError(
            f"{provider.title} did not answer in time.", provider=provider.name
        )
    elif isinstance(error, openai.OpenAIError) and not isinstance(error, openai.APIError):
        raise error
    else:
        reason = type(error.__cause__ or error).__name__
        failure = APIConnectionError(
            f"The connection to {provider.title} failed ({reason}).", provider=provider.name
        )
    if response is not None and failure.response is None:
        failure.attach(response.http_response)
    return failure


def _raise(failure: ProviderError, error: Exception) -> NoReturn:
    if failure is error:
        raise failure
    raise failure from error


def _body_of(response: Any) -> Any:
    """Return the body of an HTTP failure: parsed JSON, text, or `None` if it was not read."""
    with suppress(Exception):
        return json.loads(response.content)
    with suppress(Exception):
        return response.text
    return None
