"""The classifier of errors: whatever a body says, one of the documented errors comes out."""

from __future__ import annotations

import copy
import math
import pickle
from typing import Any

from mara_minimax.errors import ProviderError
from mara_minimax.failures.reports import STATUS_OF_TYPE, reports_failure
from mara_minimax.failures.table import (
    MARA_FAILURES,
    MINIMAX_FAILURES,
    error_in_event,
    error_in_response,
)
from mara_minimax.providers.endpoints import PROVIDERS
from tests.fuzz.damage import ODD
from tests.fuzz.source import Source, once_in, pick, text

CODES: tuple[Any, ...] = (
    *(failure.code for failure in (*MINIMAX_FAILURES, *MARA_FAILURES)),
    *(int(failure.code) for failure in MINIMAX_FAILURES),
    *ODD,
)
STATUSES = (
    400,
    401,
    402,
    403,
    404,
    408,
    409,
    410,
    413,
    418,
    422,
    429,
    499,
    500,
    502,
    503,
    529,
    599,
)
WORDS = ("rate limit", "(2013)", " (99999)", "maximum context length", "\n", "<html>", "é")
LONG = (*WORDS, "x" * 700)
DELAYS = ("1", "0.5", "-1", "nan", "inf", "", "Wed, 21 Oct 2026 07:28:00 GMT", "1e400", "٣", "9999")
HEADERS = ("retry-after", "retry-after-ms", "x-request-id", "request-id", "trace-id")


def check_failures(source: Source) -> int:
    """Check both ways in which an error is told; return how often a body was classified."""
    provider = pick(source, PROVIDERS)
    body = _body(source)
    headers = {pick(source, HEADERS): pick(source, DELAYS) for _ in range(source.below(3))}
    before = copy.deepcopy(body)
    error = error_in_response(pick(source, STATUSES), body, headers, provider)
    _check_error(error)
    if isinstance(body, dict):
        _check_error(error_in_event(body, provider))
        assert reports_failure(body) in (True, False)
    assert repr(body) == repr(before)
    return 2


def _check_error(error: ProviderError) -> None:
    assert isinstance(error, ProviderError)
    assert not isinstance(error, ValueError | TypeError | RuntimeError)
    assert type(error).__module__ == "mara_minimax.errors"
    assert isinstance(error.retryable, bool)
    assert 0 < len(str(error)) < 2_000
    assert error.code is None or isinstance(error.code, str)
    assert error.request_id is None or isinstance(error.request_id, str)
    assert error.retry_after is None or (
        math.isfinite(error.retry_after) and error.retry_after >= 0
    )
    restored = pickle.loads(pickle.dumps(error))
    assert (type(restored), str(restored)) == (type(error), str(error))


def _body(source: Source) -> Any:
    if once_in(source, 6):
        return pick(source, (*ODD, text(source, LONG, 4)))
    body: dict[str, Any] = {}
    if source.below(2):
        body["error"] = pick(source, (_error(source), text(source, LONG, 3), *ODD))
    if source.below(2):
        body["base_resp"] = pick(
            source,
            (
                {"status_code": pick(source, CODES), "status_msg": text(source, LONG, 3)},
                {"status_code": pick(source, CODES), "status_msg": pick(source, ODD)},
                *ODD,
            ),
        )
    for name in ("message", "request_id", "id", "type", "choices", "code"):
        if once_in(source, 3):
            body[name] = pick(source, (*ODD, "error", text(source, LONG, 2)))
    return body


def _error(source: Source) -> dict[str, Any]:
    return {
        "message": pick(source, (text(source, LONG, 3), *ODD)),
        "code": pick(source, CODES),
        "type": pick(source, (*STATUS_OF_TYPE, *ODD)),
        "http_code": pick(source, (*map(str, STATUSES), *STATUSES, *ODD)),
        "param": pick(source, ODD),
    }
