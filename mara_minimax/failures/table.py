"""Which error a provider's failure is: one table, read by number, word, status and text."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from mara_minimax.errors import (
    AuthenticationError,
    BadRequestError,
    ContentFilterError,
    ContextOverflowError,
    InsufficientBalanceError,
    InvalidReplyError,
    NotFoundError,
    PermissionDeniedError,
    ProviderError,
    RateLimitError,
    ServerError,
)
from mara_minimax.failures.reports import is_status
from mara_minimax.providers.endpoints import Provider


@dataclass(frozen=True, slots=True)
class Failure:
    """One row: a provider's code, the error it becomes and whether a retry may help."""

    code: str
    error: type[ProviderError]
    meaning: str
    retryable: bool
    advice: str = ""


MINIMAX_FAILURES = (
    # https://platform.minimax.io/docs/api-reference/errorcode (2026-11); 2061 and the HTTP
    # statuses from captured traffic of 2026.
    Failure("1000", ServerError, "unknown error", True),
    Failure("1001", ServerError, "request timeout", True),
    Failure("1002", RateLimitError, "rate limit of requests", True),
    Failure("1004", AuthenticationError, "not authorized", False, "Check the API key."),
    Failure("1008", InsufficientBalanceError, "insufficient balance", False),
    Failure("1013", ServerError, "internal error", True),
    Failure("1024", ServerError, "internal error", True),
    Failure("1026", ContentFilterError, "sensitive input", False),
    Failure("1027", ContentFilterError, "sensitive output", False),
    Failure("1033", ServerError, "downstream error", True),
    Failure("1039", RateLimitError, "rate limit of tokens", True),
    Failure("1041", RateLimitError, "connection limit", True),
    Failure("1042", BadRequestError, "invisible or illegal characters", False),
    Failure("2013", BadRequestError, "invalid parameters", False),
    Failure("2044", PermissionDeniedError, "no permission for the interface", False),
    Failure("2045", RateLimitError, "rate growth limit", True),
    Failure(
        "2049",
        AuthenticationError,
        "invalid API key",
        False,
        "A key of one region is invalid on the other region's host: check `endpoint`.",
    ),
    # Comes as HTTP 429, but waiting seconds does not help.
    Failure("2056", RateLimitError, "usage limit of the plan", False),
    Failure(
        "2061",
        PermissionDeniedError,
        "model is not part of the plan",
        False,
        "Choose another model, or a plan that includes this one.",
    ),
    # Seen as HTTP 429 at api.minimaxi.com, and as 529 and 500 (public reports, 2026).
    Failure("2062", RateLimitError, "rate limit of the plan", True),
    Failure("2064", ServerError, "high traffic", True),
)

MARA_FAILURES = (
    # https://mara-cloud-docs-one.vercel.app/platform/error-codes and SambaNova's OpenAPI
    # description 1.2.0 (2026-11).
    Failure("invalid_api_key", AuthenticationError, "invalid API key", False),
    Failure("model_not_found", NotFoundError, "unknown model; names are case-sensitive", False),
    Failure("context_length_exceeded", ContextOverflowError, "context window exceeded", False),
    # Not OpenAI's meaning of the word: here it is a plain rate limit.
    Failure("insufficient_quota", RateLimitError, "rate limit", True),
    Failure("queue_full", RateLimitError, "too many requests in flight", True),
    Failure("rate_limit_exceeded", RateLimitError, "rate limit", True),
    Failure("PAYMENT_METHOD_REQUIRED", InsufficientBalanceError, "no means of payment", False),
    # The model's own output could not be read as a tool call; asking again samples anew.
    Failure("adapter_mapping_failed", ServerError, "unreadable tool call", True),
)

FAILURES = {"minimax": MINIMAX_FAILURES, "mara": MARA_FAILURES}
"""By provider; another one has its statuses alone, below."""

STATUS_FAILURES = (
    Failure("400", BadRequestError, "bad request", False),
    Failure("401", AuthenticationError, "not authorized", False, "Check the API key."),
    Failure("402", InsufficientBalanceError, "payment required", False),
    Failure("403", PermissionDeniedError, "forbidden", False),
    Failure(
        "404",
        NotFoundError,
        "not found",
        False,
        "Check the model name and the base URL, which usually ends in /v1.",
    ),
    Failure(
        "407",
        BadRequestError,
        "no password for the proxy",
        False,
        "A proxy asks for a password: look at the proxy variables.",
    ),
    Failure("408", ServerError, "request timeout", True),
    Failure("409", ServerError, "conflict", True),
    Failure("410", NotFoundError, "gone; the model is retired", False),
    Failure("413", BadRequestError, "request too large", False),
    Failure("422", BadRequestError, "unprocessable request", False),
    Failure("429", RateLimitError, "rate limit", True),
)
"""By HTTP status, for answers without a code that the tables above hold."""

CONTEXT_OVERFLOW_TEXTS = (
    "context window exceeds limit",  # MiniMax, code 2013 (public reports, 2026)
    "maximum context length",  # SambaNova (public report, 2024)
    "maximum supported sequence length",  # https://github.com/cline/cline/issues/294 (2024-09)
    "longer than the model's context length",  # SGLang 0.5.23 (tried, 2026-11)
    "context_length_exceeded",
    "exceeds the context window",
    "reduce the length of the messages",
)

_NO_SHARE_TEXT = "(0/0 used)"
"""In messages of code 2056: the plan counts no use of this model and allows none
(https://github.com/MiniMax-AI/MiniMax-M2.7/issues/36, 2026-05, of MiniMax-M2.7-highspeed)."""
_NO_SHARE = Failure(
    "2056",
    RateLimitError,
    "usage limit of the plan",
    False,
    "The plan seems to have no share in this model, as base plans have none in -highspeed models: "
    "choose one without -highspeed, or a plan that includes it.",
)

_CODES_IN_MESSAGES = frozenset(failure.code for failure in MINIMAX_FAILURES)
_BY_CODE = {failure.code: failure for rows in FAILURES.values() for failure in rows}
_BY_STATUS = {int(failure.code): failure for failure in STATUS_FAILURES}
_REDIRECT = Failure("3xx", InvalidReplyError, "a redirect", False, "Check the base URL.")
_SERVER_FAILURE = Failure("5xx", ServerError, "the provider failed", True)
_UNKNOWN_FAILURE = Failure("", BadRequestError, "the request failed", False)


def codes_in_messages(provider: Provider) -> Collection[str]:
    """Return the codes that count anywhere in a provider's messages."""
    return _CODES_IN_MESSAGES if provider.names_codes else ()


def classify(code: str | None, message: str, status: int | None) -> Failure:
    """Return the row of a failure: by code first, then by status.

    By text only for context overflow, which has no code.
    """
    failure = _BY_CODE.get(code or "")
    if failure is None and status is not None:
        failure = _BY_STATUS.get(status) or _by_range(status)
    if failure is None:
        failure = _BY_STATUS.get(int(code)) if code and is_status(code) else None
        failure = failure or _SERVER_FAILURE
    if failure.code == _NO_SHARE.code and _NO_SHARE_TEXT in message:
        return _NO_SHARE
    if issubclass(failure.error, BadRequestError):
        lowered = message.lower()
        if any(text in lowered for text in CONTEXT_OVERFLOW_TEXTS):
            return Failure(failure.code, ContextOverflowError, "context window exceeded", False)
    return failure


def _by_range(status: int) -> Failure:
    if status >= 500:
        return _SERVER_FAILURE
    return _UNKNOWN_FAILURE if status >= 400 else _REDIRECT
