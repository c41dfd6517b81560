"""Everything that can go wrong, each an `openai.OpenAIError`.

None is a `ValueError`, `TypeError` or `RuntimeError`: frameworks swallow those.

    MaraMiniMaxError(openai.OpenAIError)
    ├── MissingAPIKeyError        no key in argument or environment
    ├── UnknownArgumentError      an unknown name, with the most similar known one
    ├── ParameterError            a value that no request can carry, or that the provider refuses
    │                             (`parameter_policy="raise"`)
    ├── UnsupportedInputError     messages that cannot be sent, or that the model cannot take
    └── ProviderError(openai.APIError)
        ├── AuthenticationError, PermissionDeniedError, InsufficientBalanceError,
        │   BadRequestError ─ ContextOverflowError, ContentFilterError
        │   NotFoundError, RateLimitError, ServerError
        │                         what the provider said, by HTTP status or inside HTTP 200;
        │                         each also the openai class of the same meaning
        ├── APIConnectionError ─ APITimeoutError
        └── InvalidReplyError     an answer that cannot be read
            ├── IncompleteStreamError   a stream that ends before its reply does
            ├── IgnoredToolChoiceError  answers without the call that a forced choice demands
            └── LeakedToolCallError     an answer that holds markup of calls, where that is refused
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import openai

if TYPE_CHECKING:
    from datetime import datetime

    from mara_minimax.types import Reply


class MaraMiniMaxError(openai.OpenAIError):
    """Base of all errors of this package."""


class MissingAPIKeyError(MaraMiniMaxError):
    """Raised before any request when there is no API key for the provider."""


class UnknownArgumentError(MaraMiniMaxError):
    """Raised for a name that is neither a setting nor a parameter."""


class ParameterError(MaraMiniMaxError):
    """Raised before any request for a value that it cannot carry, or the provider refuses."""


class UnsupportedInputError(MaraMiniMaxError):
    """Raised before any request for messages that cannot be sent, or that the model refuses."""


class ProviderError(MaraMiniMaxError, openai.APIError):
    """What a provider answered instead of a reply, or the lack of an answer.

    `code` is the provider's own code as text, `request_id` its id for support, `retryable`
    whether the same request may succeed later, `partial` what of the reply was received.
    `retry_after` are the seconds to wait and `resets_at` is the time when a limit ends, with
    its zone, where headers or message say so. `response` is the HTTP response where there was
    one.
    """

    status_code: int | None = None

    def __init__(
        self,
        message: str,
        *,
        provider: str = "",
        code: str | None = None,
        status_code: int | None = None,
        request_id: str | None = None,
        retryable: bool | None = None,
        retry_after: float | None = None,
        resets_at: datetime | None = None,
        body: object | None = None,
        partial: Reply | None = None,
    ) -> None:
        """`retryable` defaults to what the class says."""
        # The bases' own initialisers demand an HTTP response, which an error inside HTTP 200
        # or a broken connection does not have; their attributes are set here instead.
        Exception.__init__(self, message)
        self.message = message
        self.provider = provider
        self.code = code
        if status_code is not None:
            self.status_code = status_code
        self.request_id = request_id
        self.retryable = type(self).default_retryable if retryable is None else retryable
        self.retry_after = retry_after
        self.resets_at = resets_at
        self.body = body
        self.partial = partial
        self.param: str | None = _text_in(body, "param")
        self.type: str | None = _text_in(body, "type")
        self.response: Any = None
        self.request: Any = None

    default_retryable = False

    def name_request(self, request_id: str) -> None:
        """Add the id that the body did not say."""
        self.request_id = request_id
        self.message += f" [request id {request_id}]"
        self.args = (self.message, *self.args[1:])

    def attach(self, response: Any) -> None:
        """Keep the HTTP response that the error came with: a copy without secrets, or `None`."""
        self.response = response
        self.request = getattr(response, "request", None)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle without the HTTP objects, which hold connections and the key."""
        state = {**self.__dict__, "response": None, "request": None}
        return _restore, (type(self), self.message, state)


class AuthenticationError(ProviderError, openai.AuthenticationError):
    """Raised when the key is wrong, or belongs to another host."""

    status_code = 401


class PermissionDeniedError(ProviderError, openai.PermissionDeniedError):
    """Raised when the account may not use the model or interface."""

    status_code = 403


class InsufficientBalanceError(ProviderError, openai.APIStatusError):
    """Raised when the account has no balance or no means of payment."""

    status_code = 402


class BadRequestError(ProviderError, openai.BadRequestError):
    """Raised when the provider refuses the request as it is."""

    status_code = 400


class ContextOverflowError(BadRequestError):
    """Raised when messages and answer do not fit into the model's context window."""


class ContentFilterError(BadRequestError):
    """Raised when the provider finds input or output too sensitive, or the model refuses."""


class NotFoundError(ProviderError, openai.NotFoundError):
    """Raised for an unknown model or path."""

    status_code = 404


class RateLimitError(ProviderError, openai.RateLimitError):
    """Raised when a limit of requests, tokens or connections is reached."""

    status_code = 429
    default_retryable = True


class ServerError(ProviderError, openai.InternalServerError):
    """Raised when the provider failed or is overloaded."""

    status_code = 500
    default_retryable = True


class APIConnectionError(ProviderError, openai.APIConnectionError):
    """Raised when the provider cannot be reached or the connection breaks."""

    default_retryable = True


class APITimeoutError(APIConnectionError, openai.APITimeoutError):
    """Raised when the provider does not answer in time."""


class InvalidReplyError(ProviderError):
    """Raised for an answer that cannot be read as a reply: not JSON, no choices, too large."""


class IncompleteStreamError(InvalidReplyError):
    """Raised when a stream ends before its reply is complete; `partial` holds the rest."""


class IgnoredToolChoiceError(InvalidReplyError):
    """Raised before a request when the last replies all ignored a forced tool choice.

    `tools` are the names of the tools one of which had to be called, `text` is the last reply.
    """

    def __init__(
        self, message: str, *, tools: tuple[str, ...] = (), text: str = "", **given: Any
    ) -> None:
        """`given` is what every `ProviderError` takes."""
        super().__init__(message, **given)
        self.tools = tools
        self.text = text


class LeakedToolCallError(InvalidReplyError):
    """Raised for an answer that holds markup of calls, with `leaked_tool_calls="error"`.

    `text` is that answer; `partial` holds all of the reply.
    """

    @property
    def text(self) -> str:
        """The text of the answer, with the markup."""
        return self.partial.text if self.partial else ""


def _text_in(body: object, name: str) -> str | None:
    value = body.get(name) if isinstance(body, dict) else None
    return value if isinstance(value, str) else None


def _restore(kind: type[ProviderError], message: str, state: dict[str, Any]) -> ProviderError:
    error = kind(message)
    error.__dict__.update(state)
    return error
