"""The error for an answer that reports a failure, with what its body and headers tell."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from mara_minimax.errors import AuthenticationError, ProviderError
from mara_minimax.failures.reports import decode_failure, reports_failure
from mara_minimax.failures.table import classify, codes_in_messages
from mara_minimax.failures.texts import first_line, shown_detail, shown_message
from mara_minimax.failures.unreadable import invalid_reply
from mara_minimax.failures.waits import requested_wait, reset_time, seconds_until
from mara_minimax.providers.endpoints import Provider
from mara_minimax.secrets.hosts import address_of
from mara_minimax.secrets.redaction import NO_SECRETS, Redactor
from mara_minimax.types import JSONObject, Reply

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
    report = decode_failure(event, codes_in_messages(provider))
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
        code, message, *_ = decode_failure(body, codes_in_messages(provider))
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
    failure = classify(code, message, status or hint)
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


def _wait(headers: Any, resets_at: datetime | None) -> float | None:
    wait = requested_wait(headers)
    return seconds_until(resets_at) if wait is None else wait
