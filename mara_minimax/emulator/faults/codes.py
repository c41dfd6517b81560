"""Failures that the providers name: by code, by HTTP status, in every envelope they use."""

from __future__ import annotations

from dataclasses import replace

from mara_minimax.emulator.faults.bodies import (
    HTML,
    KEPT_TEXT,
    REQUEST_ID,
    TEXT,
    base_resp,
    events,
    http,
    json_answer,
    mara_error,
    minimax_error,
    stream_answer,
    text_chunk,
)
from mara_minimax.emulator.faults.fault import Ending, Fault, alike
from mara_minimax.emulator.faults.overflows import OVERFLOWS

# Code, HTTP status, type, message, error, retried. Codes and messages:
# https://platform.minimax.io/docs/api-reference/errorcode (2026-11); statuses and types as far
# as captured (2026), otherwise those of their kind.
_MINIMAX = (
    (1000, 500, "api_error", "unknown error, 999", "ServerError", True),
    (1001, 500, "api_error", "request timeout", "ServerError", True),
    (1002, 429, "rate_limit_error", "rate limit", "RateLimitError", True),
    (1004, 401, "authorized_error", "login fail", "AuthenticationError", False),
    (
        1008,
        402,
        "insufficient_balance_error",
        "insufficient balance",
        "InsufficientBalanceError",
        False,
    ),
    (1013, 500, "api_error", "internal error", "ServerError", True),
    (1024, 500, "api_error", "internal error", "ServerError", True),
    (1026, 500, "api_error", "input new_sensitive", "ContentFilterError", False),
    (1027, 500, "api_error", "output new_sensitive", "ContentFilterError", False),
    (1033, 500, "api_error", "downstream error", "ServerError", True),
    (1039, 429, "rate_limit_error", "token limit", "RateLimitError", True),
    (1041, 429, "rate_limit_error", "connection limit", "RateLimitError", True),
    (1042, 400, "bad_request_error", "invisible characters", "BadRequestError", False),
    (2013, 400, "bad_request_error", "invalid params", "BadRequestError", False),
    (2044, 400, "bad_request_error", "no permission", "PermissionDeniedError", False),
    (2045, 429, "rate_limit_error", "rate growth limit", "RateLimitError", True),
    (2049, 401, "authorized_error", "invalid api key", "AuthenticationError", False),
    (2056, 429, "rate_limit_error", "usage limit exceeded", "RateLimitError", False),
    (2061, 400, "bad_request_error", "plan not support model", "PermissionDeniedError", False),
    # Seen at api.minimaxi.com and as 500 and 529 (public reports, 2026).
    (2062, 429, "rate_limit_error", "rate limit of the Token Plan", "RateLimitError", True),
    (2064, 500, "api_error", "high traffic detected", "ServerError", True),
)

# https://mara-cloud-docs-one.vercel.app/platform/error-codes and SambaNova's OpenAPI
# description 1.2.0 (2026-11).
_MARA = (
    ("invalid_api_key", 401, "Invalid API key.", "AuthenticationError", False),
    ("model_not_found", 404, "The model does not exist.", "NotFoundError", False),
    ("context_length_exceeded", 400, "Too many tokens.", "ContextOverflowError", False),
    ("decimal_above_max_value", 400, "top_p is above 1.", "BadRequestError", False),
    ("insufficient_quota", 429, "Rate limit exceeded.", "RateLimitError", True),
    ("queue_full", 429, "Too many requests in flight.", "RateLimitError", True),
    ("rate_limit_exceeded", 429, "Rate limit exceeded.", "RateLimitError", True),
    ("PAYMENT_METHOD_REQUIRED", 402, "Add a card.", "InsufficientBalanceError", False),
    ("adapter_mapping_failed", 400, "The tool call cannot be parsed.", "ServerError", True),
)

_STATUSES = (
    (400, "BadRequestError", False),
    (401, "AuthenticationError", False),
    (402, "InsufficientBalanceError", False),
    (403, "PermissionDeniedError", False),
    (404, "NotFoundError", False),
    (408, "ServerError", True),
    (409, "ServerError", True),
    (410, "NotFoundError", False),
    (413, "BadRequestError", False),
    (418, "BadRequestError", False),
    (422, "BadRequestError", False),
    (429, "RateLimitError", True),
    (500, "ServerError", True),
    (502, "ServerError", True),
    (503, "ServerError", True),
    (504, "ServerError", True),
    (529, "ServerError", True),
)

_STATUS_OF = {
    "AuthenticationError": 401,
    "PermissionDeniedError": 403,
    "InsufficientBalanceError": 402,
    "BadRequestError": 400,
    "ContextOverflowError": 400,
    "ContentFilterError": 400,
    "NotFoundError": 404,
    "RateLimitError": 429,
    "ServerError": 500,
}
"""The status of a class, where the wire has none."""


def _requests(retried: bool) -> int:
    return 3 if retried else 1


def _minimax_by_status() -> list[Fault]:
    return [
        alike(
            f"minimax-http-{code}",
            f"HTTP {status}, `{kind}`, message ends with `({code})`: {message}",
            json_answer(minimax_error(status, kind, f"{message} ({code})"), status),
            Ending(error, _requests(retried), str(code), status, REQUEST_ID),
        )
        for code, status, kind, message, error, retried in _MINIMAX
    ]


def _minimax_in_200() -> list[Fault]:
    return [
        alike(
            f"minimax-200-{code}",
            f"HTTP 200, JSON with `base_resp` {code}, also where a stream was asked: {message}",
            json_answer(base_resp(code, message)),
            Ending(error, _requests(retried), str(code), _STATUS_OF[error], REQUEST_ID),
        )
        for code, _, _, message, error, retried in _MINIMAX
    ]


def _minimax_in_stream() -> list[Fault]:
    rows = []
    for code, _, _, message, error, retried in _MINIMAX:
        failure = base_resp(code, message)
        ending = Ending(error, _requests(retried), str(code), _STATUS_OF[error], REQUEST_ID)
        rows.append(
            Fault(
                f"minimax-stream-{code}",
                f"event with `base_resp` {code} after text: {message}",
                json_answer(failure),
                stream_answer(events(text_chunk(), failure)),
                ending,
                replace(ending, requests=1, text=KEPT_TEXT),
            )
        )
    return rows


def _mara() -> list[Fault]:
    rows = []
    for code, status, message, error, retried in _MARA:
        failure = mara_error(code, message)
        ending = Ending(error, _requests(retried), code, status, REQUEST_ID)
        by_event = replace(ending, requests=1, text=KEPT_TEXT, status=_STATUS_OF[error])
        answer = json_answer(failure, status)
        rows += [
            alike(
                f"mara-http-{code}",
                f"HTTP {status}, `{code}`: {message}",
                answer,
                ending,
                provider="mara",
            ),
            Fault(
                f"mara-stream-{code}",
                f"`event: error` with `{code}` after text: {message}",
                answer,
                stream_answer(events(text_chunk(), failure, name="error")),
                ending,
                by_event,
                "mara",
            ),
        ]
    return rows


def _statuses() -> list[Fault]:
    return [
        alike(
            f"status-{status}",
            f"HTTP {status}, plain text without a code",
            http(b"something went wrong", status=status, kind=TEXT),
            Ending(error, _requests(retried), status=status),
            provider="mara",
        )
        for status, error, retried in _STATUSES
    ]


def _redirects() -> list[Fault]:
    elsewhere = {"location": "https://api.example.com/v1/chat/completions"}
    return [
        alike(
            f"redirect-{status}",
            what,
            http(b"", status=status, headers=headers),
            Ending("InvalidReplyError", 1, status=status),
        )
        for status, what, headers in (
            (302, "HTTP 302 to another host, which is not asked", elsewhere),
            (307, "HTTP 307 to another host, which is not asked", elsewhere),
            (304, "HTTP 304, which names no other place", {}),
        )
    ]


def _overload() -> list[Fault]:
    message = "High traffic detected. For a more stable experience, upgrade. (2064) (529)"
    return [
        alike(
            "minimax-code-not-last",
            "HTTP 529, the code before the status: high traffic",
            json_answer(minimax_error(529, "overloaded_error", message), 529),
            Ending("ServerError", 3, "2064", 529, REQUEST_ID),
        )
    ]


def _ids_in_headers() -> list[Fault]:
    failure = {"base_resp": {"status_code": 1004, "status_msg": "login fail"}}
    return [
        alike(
            "minimax-200-id-in-header",
            "HTTP 200, JSON with `base_resp` 1004, the request id in `Trace-Id` alone",
            json_answer(failure, headers={"Trace-Id": REQUEST_ID}),
            Ending("AuthenticationError", 1, "1004", 401, REQUEST_ID),
        )
    ]


def _odd_bodies() -> list[Fault]:
    page = b"<html><head><title>502 Bad Gateway</title></head><body>Bad Gateway</body></html>\n"
    return [
        alike(
            "error-as-text",
            '`{"error": "Not found"}`: the error is a string',
            json_answer({"error": "Not found"}, 404),
            Ending("NotFoundError", 1, status=404),
            provider="mara",
        ),
        alike(
            "gateway-page",
            "HTTP 502 with a gateway's HTML page, whose title is shown",
            http(page, status=502, kind=HTML),
            Ending("ServerError", 3, status=502),
        ),
        alike(
            "empty-error",
            "HTTP 503 without a body",
            http(b"", status=503),
            Ending("ServerError", 3, status=503),
        ),
        alike(
            "garbage-error",
            "HTTP 500 with bytes that are not text",
            http(b"\xff\xfe\x00\x9d" * 20, status=500),
            Ending("ServerError", 3, status=500),
        ),
        alike(
            "error-said-to-be-compressed",
            "HTTP 429 with `content-encoding: gzip` and a body that is plain JSON",
            json_answer(
                minimax_error(429, "rate_limit_error", "rate limit (1002)"),
                429,
                headers={"content-encoding": "gzip"},
            ),
            Ending("RateLimitError", 3, "1002", 429, REQUEST_ID),
        ),
        alike(
            "request-id-in-header",
            "HTTP 500 with the request id in a header alone",
            http(b"oops", status=500, kind=TEXT, headers={"trace-id": REQUEST_ID}),
            Ending("ServerError", 3, status=500, request_id=REQUEST_ID),
        ),
    ]


CODES = (
    *_minimax_by_status(),
    *_minimax_in_200(),
    *_minimax_in_stream(),
    *_overload(),
    *_ids_in_headers(),
    *_mara(),
    *OVERFLOWS,
)
STATUSES = (*_statuses(), *_redirects(), *_odd_bodies())
