"""One request and its answer: what was received, when to stop, what a failure means."""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from typing import Any

import openai

from mara_minimax.encode import EncodedRequest
from mara_minimax.errors import APIConnectionError, APITimeoutError, ProviderError
from mara_minimax.failures import error_in_response
from mara_minimax.providers import Provider
from mara_minimax.reader import ReplyReader
from mara_minimax.retries import Retries
from mara_minimax.types import Delta


class Exchange:
    """The state of one attempt, shared by the sync and the async loop."""

    def __init__(self, request: EncodedRequest, api_key: str) -> None:
        """Start before the request is sent; errors never show `api_key`."""
        self.response: Any = None
        self.rest: list[Delta] = []
        """What a reply that was complete still gives after its connection failed."""
        self._api_key = api_key
        self._provider = request.provider
        self._reader = ReplyReader(request)
        self._delivered = False
        self._closes = False

    def open(self, response: Any) -> None:
        """Take the SDK's response, unread."""
        self.response = response.http_response
        self._closes = "close" in self.response.headers.get("connection", "").lower()

    @property
    def over(self) -> bool:
        """Whether to stop reading: nothing is missing, or nothing more is wanted.

        After `[DONE]`, and where the host closes its connections anyway, as MiniMax does
        (captures, 2026-04), the end of the body is not waited for: some hosts never send it.
        """
        reader = self._reader
        return reader.stopped or reader.finished or (self._closes and reader.complete)

    def read(self, data: bytes) -> list[Delta]:
        """Return the deltas that a piece of the body completes."""
        deltas = self._reader.read(data)
        self._delivered = self._delivered or bool(deltas)
        return deltas

    def finish(self) -> list[Delta]:
        """Return the deltas that the end of the body completes."""
        deltas = self._reader.finish()
        self._delivered = self._delivered or bool(deltas)
        return deltas

    def delay_after(self, error: Exception, retries: Retries) -> float | None:
        """Return the seconds to wait before the next attempt.

        `None` means that the reply was complete before the connection failed, so that
        nothing is lost: its last deltas are in `rest`. Otherwise, a failure that is not
        retried is raised, with what was received of the reply.
        """
        if not isinstance(error, ProviderError) and self._reader.is_whole():
            try:
                self.rest = self.finish()
            except ProviderError as reported:
                # What was received whole is an error, and counts instead of the connection's.
                error = reported
            else:
                return None
        failure = to_provider_error(error, self._provider)
        failure.redact(self._api_key)
        if self.response is not None and failure.response is None:
            failure.attach(self.response)
        if self._delivered and failure.partial is None:
            failure.partial = self._reader.partial_reply()
        delay = None if self._delivered else retries.next_delay(failure)
        if delay is not None:
            return delay
        if failure is error:
            raise failure
        if isinstance(error, openai.APIStatusError):
            # The SDK's error quotes the body, which can hold more than ours shows.
            raise failure from None
        raise failure from error


def failures() -> tuple[type[Exception], ...]:
    """Return what can go wrong in the SDK and in the HTTP library that it brings.

    openai 2 is built on httpx and openai 3 on httpx2; a user's own client may be of either,
    so whichever is loaded counts, and neither is imported here.
    """
    kinds: list[type[Exception]] = [openai.OpenAIError]
    for name in ("httpx", "httpx2"):
        if module := sys.modules.get(name):
            kinds.extend((module.HTTPError, module.StreamError))
    return tuple(kinds)


def to_provider_error(error: Exception, provider: Provider) -> ProviderError:
    """Return the typed error for whatever a request or a read raised.

    Raises `error` itself when it is no failure of the provider or the connection.
    """
    if isinstance(error, ProviderError):
        error.provider = error.provider or provider.name
        return error
    if isinstance(error, openai.APIStatusError):
        http = error.response
        failure = error_in_response(error.status_code, _body_of(http), http.headers, provider)
        failure.attach(http)
        return failure
    if isinstance(error, openai.OpenAIError) and not isinstance(error, openai.APIError):
        raise error
    if isinstance(error, openai.APITimeoutError) or "Timeout" in type(error).__name__:
        return APITimeoutError(f"{provider.title} did not answer in time.", provider=provider.name)
    reason = type(error.__cause__ or error).__name__
    return APIConnectionError(
        f"The connection to {provider.title} failed ({reason}).", provider=provider.name
    )


def _body_of(response: Any) -> Any:
    """Return the body of an HTTP failure: parsed JSON, text, or `None` if it was not read."""
    with suppress(Exception):
        return json.loads(response.content)
    with suppress(Exception):
        return response.text
    return None
