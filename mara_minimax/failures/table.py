"""Which error a provider's failure is: one table, read by number, word, status and text."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

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
from mara_minimax.failures.reports import decode_failure, is_status, reports_failure
from mara_minimax.failures.texts import first_line, shown_detail, shown_message
from mara_minimax.failures.unreadable import invalid_reply
from mara_minimax.failures.waits import requested_wait, reset_time, seconds_until
from mara_minimax.providers.endpoints import Provider
from mara_minimax.secrets.hosts import address_of
from mara_minimax.secrets.redaction import NO_SECRETS, Redactor
from mara_minimax.types import JSONObject, Reply


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
_ID_HEADERS = (
    "trace-id", "minimax-request-id", "x-mm-request-id", "alb_request_id", "x-request-id",
)  # fmt: skip
"""Headers with the request id; the first is the `id` of MiniMax's bodies (captures, 2026-04)."""


def error_in_event(
    event: JSONObject,
    provider: Provider,
    redactor: Redactor = NO_SECRETS,
    *,
    partial: Reply | None = None,
) -> ProviderError:
    """Return the error that a 2xx body or a stream's event reports."""
    report = decode_failure(event, _codes_in_messages(provider))
    return _build(
        provider,
        redactor,
        code=report.code,
        message=report.message,
        status=report.status,
        hint=report.usual_status,
        request_id=event.get("request_id") or event.get("id"),
        body=event,
        partial=partial,
    )


def error_in_body(body: Any, provider: Provider, redactor: Redactor = NO_SECRETS) -> ProviderError:
    """Return the error for a 2xx body without an answer; `body` is parsed JSON."""
    if isinstance(body, dict) and reports_failure(body):
        return error_in_event(body, provider, redactor)
    return invalid_reply(body, provider, redactor)


def error_in_response(
    status: int, body: Any, headers: Any, provider: Provider, redactor: Redactor = NO_SECRETS
) -> ProviderError:
    """Return the error for an HTTP failure; `body` is parsed JSON, or text, or `None`."""
    request_id = None
    code: str | None = None
    if isinstance(body, dict):
        request_id = body.get("request_id")
        code, message, *_ = decode_failure(body, _codes_in_messages(provider))
    else:
        message = first_line(body)
    if 300 <= status < 400 and (target := headers.get("location")):
        message = f"a redirect to {address_of(target)}, which is not followed"
    return _build(
        provider,
        redactor,
        code=code,
        message=message,
        status=status,
        request_id=request_id or request_id_in(headers),
        body=body,
        headers=headers,
    )


def add_headers(error: ProviderError, headers: Any, redactor: Redactor = NO_SECRETS) -> None:
    """Give an error inside HTTP 200 what the headers know, where the body did not say it."""
    if error.request_id is None and (request_id := shown_detail(request_id_in(headers), redactor)):
        error.name_request(request_id)
    if error.resets_at is None:
        error.resets_at = reset_time("", headers)
    if error.retry_after is None:
        error.retry_after = _wait(headers, error.resets_at)


def request_id_in(headers: Any) -> str | None:
    """Return the request id of an answer's headers, `None` where there is none."""
    return next((value for name in _ID_HEADERS if (value := headers.get(name))), None)


def _build(
    provider: Provider,
    redactor: Redactor,
    *,
    code: str | None,
    message: str,
    status: int | None,
    request_id: Any,
    body: Any,
    hint: int | None = None,
    partial: Reply | None = None,
    headers: Any = None,
) -> ProviderError:
    """Return the error; what came from outside is cleaned here, before our own words join it."""
    failure = _classify(code, message, status or hint)
    code, request_id = shown_detail(code, redactor), shown_detail(request_id, redactor)
    resets_at = reset_time(message, headers)
    message = shown_message(message, redactor)
    details = [
        f"code {code}" if code else "",
        f"HTTP {status}" if status else "",
        f"request id {request_id}" if request_id else "",
    ]
    text = f"{provider.title}: {message or failure.meaning}"
    if known := ", ".join(filter(None, details)):
        text += f" [{known}]"
    if failure.advice:
        text += f" {failure.advice}"
    if provider.advice_on_urls and issubclass(failure.error, AuthenticationError):
        text += f" {provider.advice_on_urls}"
    return failure.error(
        text,
        provider=provider.name,
        code=code,
        status_code=status,
        request_id=request_id,
        retryable=failure.retryable,
        retry_after=_wait(headers or {}, resets_at),
        resets_at=resets_at,
        body=redactor.value(body),
        partial=partial,
    )


def _codes_in_messages(provider: Provider) -> Collection[str]:
    return _CODES_IN_MESSAGES if provider.names_codes else ()


def _wait(headers: Any, resets_at: datetime | None) -> float | None:
    wait = requested_wait(headers)
    return seconds_until(resets_at) if wait is None else wait


def _classify(code: str | None, message: str, status: int | None) -> Failure:
    """By code first, then by status; by text only for context overflow, which has no code."""
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
