"""How failures look on the wire: whether an event is one, and what it says."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NamedTuple

from mara_minimax.types import JSONObject

STATUS_OF_TYPE = {
    # MiniMax with its HTTP statuses (captures, 2026); the rest are OpenAI's words.
    "bad_request_error": 400,
    "authorized_error": 401,
    "insufficient_balance_error": 402,
    "rate_limit_error": 429,
    "api_error": 500,
    "overloaded_error": 529,
    "invalid_request_error": 400,
    "authentication_error": 401,
    "permission_error": 403,
    "not_found_error": 404,
    "insufficient_quota": 429,
    "server_error": 500,
}
"""The status that `error.type` stands for, where an event of a stream has none."""

_CODE = re.compile(r"\((\d{4,5})\)")
_CODE_AT_END = re.compile(r"\((\d{4,5})\)\s*$")


class FailureReport(NamedTuple):
    """What a body or an event says of a failure."""

    code: str | None
    message: str
    status: int | None = None
    """The HTTP status that it names."""
    usual_status: int | None = None
    """The status that its type usually has, which nobody sent."""


def reports_failure(event: JSONObject) -> bool:
    """Whether a 2xx body or an event of a stream is a failure."""
    return bool(_base_resp(event) or event.get("error")) or event.get("type") == "error"


def decode_failure(body: JSONObject, codes: Collection[str] = ()) -> FailureReport:
    """Return what a failure says, in any of the providers' envelopes.

    `codes` are those that count anywhere in the message, and not only at its end.
    """
    if base_resp := _base_resp(body):
        return FailureReport(str(base_resp["status_code"]), str(base_resp.get("status_msg") or ""))
    error = body.get("error")
    if not isinstance(error, dict):
        error = {"message": error if isinstance(error, str) else body.get("message")}
    message = error.get("message")
    message = message if isinstance(message, str) else ""
    code = error.get("code")
    if code is None:
        code = _code_in(message, codes)
    http_code = str(error.get("http_code") or "")
    return FailureReport(
        code=str(code) if code not in (None, "") else None,
        message=message,
        status=int(http_code) if is_status(http_code) else None,
        usual_status=STATUS_OF_TYPE.get(str(error.get("type"))),
    )


def _code_in(message: str, codes: Collection[str]) -> str | None:
    """Return the code that a message names; MiniMax's compatible endpoint names it only there.

    It stands at the end, or before the HTTP status: "… (2064) (529)" (public report, 2026).
    """
    known: list[str] = [code for code in _CODE.findall(message) if code in codes]
    if known:
        return known[-1]
    match = _CODE_AT_END.search(message)
    return match.group(1) if match else None


def is_status(text: str) -> bool:
    """Whether a code is an HTTP status."""
    return len(text) == 3 and text.isascii() and text.isdecimal()


def _base_resp(body: JSONObject) -> JSONObject | None:
    """Return MiniMax's `base_resp` when it reports a failure."""
    base_resp = body.get("base_resp")
    return base_resp if isinstance(base_resp, dict) and base_resp.get("status_code") else None
