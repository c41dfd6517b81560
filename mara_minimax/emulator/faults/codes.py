"""Failures that the providers name: by code, by HTTP status, in every envelope they use."""

from __future__ import annotations

from collections.abc import Iterator
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
from mara_minimax.emulator.faults.fault import Ending, Fault, fault
from mara_minimax.emulator.faults.overflows import OVERFLOWS

# Code, HTTP status, type, message, error, requests. Codes and messages:
# https://platform.minimax.io/docs/api-reference/errorcode (2026-11); statuses and types as far
# as captured (2026), otherwise those of their kind.
_MINIMAX = (
    (1000, 500, "api_error", "unknown error, 999", "ServerError", 3),
    (1001, 500, "api_error", "request timeout", "ServerError", 3),
    (1002, 429, "rate_limit_error", "rate limit", "RateLimitError", 3),
    (1004, 401, "authorized_error", "login fail", "AuthenticationError", 1),
    (1008, 402, "insufficient_balance_error", "insufficient balance", "InsufficientBalanceError",
     1),
    (1013, 500, "api_error", "internal error", "ServerError", 3),
    (1024, 500, "api_error", "internal error", "ServerError", 3),
    (1026, 500, "api_error", "input new_sensitive", "ContentFilterError", 1),
    (1027, 500, "api_error", "output new_sensitive", "ContentFilterError", 1),
    (1033, 500, "api_error", "downstream error", "ServerError", 3),
    (1039, 429, "rate_limit_error", "token limit", "RateLimitError", 3),
    (1041, 429, "rate_limit_error", "connection limit", "RateLimitError", 3),
    (1042, 400, "bad_request_error", "invisible characters", "BadRequestError", 1),
    (2013, 400, "bad_request_error", "invalid params", "BadRequestError", 1),
    (2044, 400, "bad_request_error", "no permission", "PermissionDeniedError", 1),
    (2045, 429, "rate_limit_error", "rate growth limit", "RateLimitError", 3),
    (2049, 401, "authorized_error", "invalid api key", "AuthenticationError", 1),
    (2056, 429, "rate_limit_error", "usage limit exceeded", "RateLimitError", 1),
    (2061, 400, "bad_request_error", "plan not support model", "PermissionDeniedError", 1),
    # Seen at api.minimaxi.com and as 500 and 529 (public reports, 2026).
    (2062, 429, "rate_limit_error", "rate limit of the Token Plan", "RateLimitError", 3),
    (2064, 500, "api_error", "high traffic detected", "ServerError", 3),
)  # fmt: skip

# Code, status, message, error, requests: https://mara-cloud-docs-one.vercel.app/platform/error-codes
# and SambaNova's OpenAPI description 1.2.0 (2026-11).
_MARA = (
    ("invalid_api_key", 401, "Invalid API key.", "AuthenticationError", 1),
    ("model_not_found", 404, "The model does not exist.", "NotFoundError", 1),
    ("context_length_exceeded", 400, "Too many tokens.", "ContextOverflowError", 1),
    ("decimal_above_max_value", 400, "top_p is above 1.", "BadRequestError", 1),
    ("insufficient_quota", 429, "Rate limit exceeded.", "RateLimitError", 3),
    ("queue_full", 429, "Too many requests in flight.", "RateLimitError", 3),
    ("rate_limit_exceeded", 429, "Rate limit exceeded.", "RateLimitError", 3),
    ("PAYMENT_METHOD_REQUIRED", 402, "Add a card.", "InsufficientBalanceError", 1),
    ("adapter_mapping_failed", 400, "The tool call cannot be parsed.", "ServerError", 3),
)

_STATUSES: tuple[tuple[str, int, tuple[int, ...]], ...] = (
    ("BadRequestError", 1, (400, 407, 413, 418, 422)),
    ("AuthenticationError", 1, (401,)),
    ("InsufficientBalanceError", 1, (402,)),
    ("PermissionDeniedError", 1, (403,)),
    ("NotFoundError", 1, (404, 410)),
    ("RateLimitError", 3, (429,)),
    ("ServerError", 3, (408, 409, 500, 502, 503, 504, 529)),
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


def _minimax_by_status() -> Iterator[Fault]:
    for code, status, kind, message, error, requests in _MINIMAX:
        yield fault(
            f"minimax-http-{code}",
            f"HTTP {status}, `{kind}`, message ends with `({code})`: {message}",
            json_answer(minimax_error(status, kind, f"{message} ({code})"), status),
            Ending(error, requests, str(code), status, REQUEST_ID),
        )


def _minimax_in_200(*, after_text: bool) -> Iterator[Fault]:
    for code, _, _, message, error, requests in _MINIMAX:
        failure = base_resp(code, message)
        answer = json_answer(failure)
        ending = Ending(error, requests, str(code), _STATUS_OF[error], REQUEST_ID)
        if after_text:
            yield fault(
                f"minimax-stream-{code}",
                f"event with `base_resp` {code} after text: {message}",
                answer,
                ending,
                stream_answer(events(text_chunk(), failure)),
                replace(ending, requests=1, text=KEPT_TEXT),
            )
        else:
            what = f"HTTP 200, JSON with `base_resp` {code}, also where a stream was asked"
            yield fault(f"minimax-200-{code}", f"{what}: {message}", answer, ending)


def _mara() -> Iterator[Fault]:
    for code, status, message, error, requests in _MARA:
        failure = mara_error(code, message)
        answer = json_answer(failure, status)
        ending = Ending(error, requests, code, status, REQUEST_ID)
        what = f"HTTP {status}, `{code}`: {message}"
        yield fault(f"mara-http-{code}", what, answer, ending, provider="mara")
        yield fault(
            f"mara-stream-{code}",
            f"`event: error` with `{code}` after text: {message}",
            answer,
            ending,
            stream_answer(events(text_chunk(), failure, name="error")),
            replace(ending, requests=1, text=KEPT_TEXT, status=_STATUS_OF[error]),
            provider="mara",
        )


def _unusual() -> Iterator[Fault]:
    words = "High traffic detected. For a more stable experience, upgrade. (2064) (529)"
    answer = json_answer(minimax_error(529, "overloaded_error", words), 529)
    what = "HTTP 529, the code before the status: high traffic"
    ending = Ending("ServerError", 3, "2064", 529, REQUEST_ID)
    yield fault("minimax-code-not-last", what, answer, ending)
    failure = {"base_resp": {"status_code": 1004, "status_msg": "login fail"}}
    answer = json_answer(failure, headers={"Trace-Id": REQUEST_ID})
    what = "HTTP 200, JSON with `base_resp` 1004, the request id in `Trace-Id` alone"
    ending = Ending("AuthenticationError", 1, "1004", 401, REQUEST_ID)
    yield fault("minimax-200-id-in-header", what, answer, ending)


def _statuses() -> Iterator[Fault]:
    rows = [(status, error, n) for error, n, statuses in _STATUSES for status in statuses]
    for status, error, requests in sorted(rows):
        answer = http(b"something went wrong", status=status, kind=TEXT)
        what = f"HTTP {status}, plain text without a code"
        ending = Ending(error, requests, status=status)
        yield fault(f"status-{status}", what, answer, ending, provider="mara")


def _redirects() -> Iterator[Fault]:
    elsewhere = {"location": "https://api.example.com/v1/chat/completions"}
    for status, what, headers in (
        (302, "HTTP 302 to another host, which is not asked", elsewhere),
        (307, "HTTP 307 to another host, which is not asked", elsewhere),
        (304, "HTTP 304, which names no other place", {}),
    ):
        answer = http(b"", status=status, headers=headers)
        ending = Ending("InvalidReplyError", 1, status=status)
        yield fault(f"redirect-{status}", what, answer, ending)


_PAGE = b"<html><head><title>502 Bad Gateway</title></head><body>Bad Gateway</body></html>\n"
_LIMITED = minimax_error(429, "rate_limit_error", "rate limit (1002)")
_FAILED = Ending("ServerError", 3, status=500)
_ODD_BODIES = (
    fault("error-as-text", '`{"error": "Not found"}`: the error is a string',
          json_answer({"error": "Not found"}, 404), Ending("NotFoundError", 1, status=404),
          provider="mara"),
    fault("gateway-page", "HTTP 502 with a gateway's HTML page, whose title is shown",
          http(_PAGE, status=502, kind=HTML), replace(_FAILED, status=502)),
    fault("empty-error", "HTTP 503 without a body", http(b"", status=503),
          replace(_FAILED, status=503)),
    fault("garbage-error", "HTTP 500 with bytes that are not text",
          http(b"\xff\xfe\x00\x9d" * 20, status=500), _FAILED),
    fault("error-said-to-be-compressed",
          "HTTP 429 with `content-encoding: gzip` and a body that is plain JSON",
          json_answer(_LIMITED, 429, headers={"content-encoding": "gzip"}),
          Ending("RateLimitError", 3, "1002", 429, REQUEST_ID)),
    fault("request-id-in-header", "HTTP 500 with the request id in a header alone",
          http(b"oops", status=500, kind=TEXT, headers={"trace-id": REQUEST_ID}),
          replace(_FAILED, request_id=REQUEST_ID)),
)  # fmt: skip

CODES = (
    *_minimax_by_status(),
    *_minimax_in_200(after_text=False),
    *_minimax_in_200(after_text=True),
    *_unusual(),
    *_mara(),
    *OVERFLOWS,
)
STATUSES = (*_statuses(), *_redirects(), *_ODD_BODIES)
