"""Which error each failure becomes, what it carries, and whether it is retried."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime

import openai
import pytest

from mara_minimax import errors
from mara_minimax.failures.answers import add_headers, error_in_event, error_in_response
from mara_minimax.failures.reports import reports_failure
from mara_minimax.failures.table import MARA_FAILURES, MINIMAX_FAILURES, STATUS_FAILURES
from mara_minimax.failures.unreadable import invalid_reply, unreadable_answer
from mara_minimax.http_library import http_library
from mara_minimax.providers.endpoints import MARA, MINIMAX


def base_resp(code, message="something", **fields):
    return {"id": "r1", "choices": None, "base_resp": _status(code, message), **fields}


def _status(code, message):
    return {"status_code": code, "status_msg": message}


@pytest.mark.parametrize("failure", MINIMAX_FAILURES, ids=lambda failure: failure.code)
def test_each_minimax_code_inside_http_200_becomes_its_error(failure):
    error = error_in_event(base_resp(int(failure.code)), MINIMAX)
    assert type(error) is failure.error
    assert error.retryable is failure.retryable
    assert (error.code, error.provider, error.request_id) == (failure.code, "minimax", "r1")


@pytest.mark.parametrize("failure", MINIMAX_FAILURES, ids=lambda failure: failure.code)
def test_the_code_at_the_end_of_a_message_counts_as_well(failure):
    body = {
        "type": "error",
        "error": {"type": "x", "message": f"words ({failure.code})", "http_code": "400"},
        "request_id": "r2",
    }
    error = error_in_response(400, body, {}, MINIMAX)
    assert type(error) is failure.error
    assert (error.code, error.request_id, error.status_code) == (failure.code, "r2", 400)


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("High traffic detected. (2064) (529)", "2064"),
        ("Limit (4096) exceeded (2013)", "2013"),
        ("(1004) is quoted, it failed (2064) now", "2064"),
        ("More than (4096) tokens", None),
        ("something new (2999)", "2999"),
    ],
)
def test_a_known_code_counts_anywhere_in_minimaxs_message(message, code):
    assert error_in_response(529, {"error": {"message": message}}, {}, MINIMAX).code == code


def test_numbers_in_maras_messages_are_no_codes_of_minimax():
    body = {"error": {"message": "At most (1004) tokens are left of it", "code": None}}
    assert type(error_in_response(400, body, {}, MARA)) is errors.BadRequestError


@pytest.mark.parametrize("failure", MARA_FAILURES, ids=lambda failure: failure.code)
def test_each_mara_code_becomes_its_error(failure):
    body = {"error": {"message": "m", "code": failure.code}, "request_id": "q"}
    error = error_in_response(400, body, {}, MARA)
    assert type(error) is failure.error
    assert error.retryable is failure.retryable


@pytest.mark.parametrize("failure", STATUS_FAILURES, ids=lambda failure: failure.code)
def test_a_status_without_a_known_code_decides(failure):
    error = error_in_response(int(failure.code), "plain text", {}, MARA)
    assert type(error) is failure.error
    assert error.status_code == int(failure.code)
    assert "plain text" in str(error)


@pytest.mark.parametrize("status", [500, 502, 503, 529, 599])
def test_every_server_status_may_be_retried(status):
    error = error_in_response(status, None, {}, MINIMAX)
    assert isinstance(error, errors.ServerError)
    assert error.retryable


@pytest.mark.parametrize("status", [300, 304, 307])
def test_a_redirect_is_no_reply_and_is_not_retried(status):
    error = error_in_response(status, "", {}, MARA)
    assert type(error) is errors.InvalidReplyError
    assert not error.retryable
    assert "base URL" in str(error)


def test_an_unknown_client_status_is_not_retried():
    error = error_in_response(418, {"error": "teapot"}, {}, MARA)
    assert type(error) is errors.BadRequestError
    assert "teapot" in str(error)


@pytest.mark.parametrize(
    "message",
    [
        "invalid params, context window exceeds limit (2013)",
        "The maximum context length of X is 8192. However, answering takes 31902 tokens.",
        (
            "Requested generation length 1 is not possible! The prompt is 4309 tokens long, but "
            "the maximum supported sequence length is just 4096!"
        ),
        "The input (12030 tokens) is longer than the model's context length (4096 tokens).",
    ],
)
def test_context_overflow_is_known_by_its_texts(message):
    error = error_in_response(400, {"error": {"message": message}}, {}, MARA)
    assert type(error) is errors.ContextOverflowError
    assert isinstance(error, openai.BadRequestError)


@pytest.mark.parametrize(
    "event",
    [
        {"error": {"message": "boom", "code": 500}},
        {"error": "boom"},
        {"type": "error", "error": {"message": "boom"}},
        {"type": "error", "message": "boom"},
    ],
)
def test_every_error_event_of_a_stream_is_an_error(event):
    assert reports_failure(event)
    error = error_in_event(event, MARA)
    assert isinstance(error, errors.ProviderError)
    assert "boom" in str(error)


def test_an_error_event_with_a_status_takes_its_meaning():
    event = {"error": {"message": "no", "http_code": "401"}}
    assert type(error_in_event(event, MINIMAX)) is errors.AuthenticationError


@pytest.mark.parametrize("event", [{}, {"base_resp": _status(0, "")}, {"base_resp": None}])
def test_an_event_without_a_failure_reports_none(event):
    assert not reports_failure(event)


def test_an_unknown_code_inside_http_200_is_a_server_error():
    assert isinstance(error_in_event(base_resp(9999), MINIMAX), errors.ServerError)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "3"}, 3.0),
        ({"retry-after-ms": "250"}, 0.25),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, None),
        ({"retry-after": "-1"}, None),
        ({}, None),
    ],
)
def test_retry_after_is_read(headers, seconds):
    assert error_in_response(429, None, headers, MARA).retry_after == seconds


def test_the_request_id_may_stand_in_a_header():
    assert error_in_response(500, None, {"trace-id": "t"}, MINIMAX).request_id == "t"


@pytest.mark.parametrize("name", ["Trace-Id", "Minimax-Request-Id", "alb_request_id"])
def test_an_error_inside_http_200_learns_its_id_from_the_headers(name):
    error = error_in_event(base_resp(1004, id=None), MINIMAX)
    add_headers(error, http_library().Headers({name: "r5"}))
    assert error.request_id == "r5"
    assert str(error).endswith("[request id r5]")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_an_id_in_the_body_counts_before_one_in_the_headers():
    error = error_in_event(base_resp(1004), MINIMAX)
    add_headers(error, {"trace-id": "r5"})
    assert error.request_id == "r1"


def test_the_message_of_a_used_up_plan_says_when_it_resets(monkeypatch):
    monkeypatch.setattr("time.time", lambda: 1_778_856_400.0)
    message = "usage limit reached for Token Plan, resets at 2026-05-15T15:00:00Z (2056)"
    error = error_in_response(429, {"error": {"message": message}}, {}, MINIMAX)
    assert error.resets_at == datetime(2026, 5, 15, 15, tzinfo=UTC)
    assert (error.code, error.retry_after, error.retryable) == ("2056", 800.0, False)
    add_headers(error, {"x-ratelimit-reset-requests": "5", "retry-after": "3"})
    assert error.resets_at == datetime(2026, 5, 15, 15, tzinfo=UTC)
    assert error.retry_after == 800.0


@pytest.mark.parametrize(
    ("message", "advice"),
    [
        # https://github.com/MiniMax-AI/MiniMax-M2.7/issues/36 (2026-05)
        ("usage limit reached for Token Plan Starter (0/0 used) (2056)", "without -highspeed"),
        ("your current token plan not support model (2061)", "a plan that includes this one"),
        ("usage limit reached for Token Plan Starter (900/900 used) (2056)", None),
        ("(0/0 used) (1002)", None),
    ],
)
def test_a_model_that_a_plan_has_no_share_in_is_told_from_one_that_is_used_up(message, advice):
    error = error_in_response(429, {"error": {"message": message}}, {}, MINIMAX)
    assert str(error).endswith("]") == (advice is None)
    assert (advice or "") in str(error)


@pytest.mark.parametrize(
    "message", ["resets at 2026-99-15T15:00:00Z", "resets at noon", "resets at 2026-05-15T15:00"]
)
def test_words_that_name_no_time_are_none(message):
    error = error_in_response(429, {"error": {"message": message}}, {}, MINIMAX)
    assert (error.resets_at, error.retry_after) == (None, None)


@pytest.mark.parametrize(
    ("used_up", "resets", "moment"),
    [
        (("0", "5"), ("1000", "5000"), 1000),
        (("0", "0"), ("1000", "5000"), 5000),
        (("1", "5"), ("1000", "5000"), None),
        (("0", "0"), ("soon", ""), None),
        (("0", "1"), ("9" * 30, "5000"), None),
    ],
)
def test_the_headers_of_mara_say_when_a_used_up_limit_resets(used_up, resets, moment):
    headers = {}
    for limit, left, reset in zip(("requests", "requests-day"), used_up, resets, strict=True):
        headers[f"x-ratelimit-remaining-{limit}"] = left
        headers[f"x-ratelimit-reset-{limit}"] = reset
    resets_at = error_in_response(429, None, headers, MARA).resets_at
    assert (resets_at and resets_at.timestamp()) == moment


def test_a_reset_that_is_past_asks_for_no_wait():
    headers = {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1000"}
    error = error_in_response(429, None, headers, MARA)
    assert (error.resets_at.timestamp(), error.retry_after) == (1000, None)


def test_of_the_page_of_a_proxy_the_title_is_shown():
    page = "<html><head><TITLE>502 Bad\n Gateway &amp; more</TITLE></head><body>No</body></html>"
    error = error_in_response(502, page, {}, MARA)
    assert str(error) == "MARA Cloud: 502 Bad Gateway & more [HTTP 502]"


def test_of_a_page_without_a_title_the_headline_is_shown():
    # The pages that haproxy sends have no head.
    page = "<html><body><h1>503 Service\nUnavailable</h1>\nNo server is available.\n</body></html>"
    error = error_in_response(503, page, {}, MARA)
    assert str(error) == "MARA Cloud: 503 Service Unavailable [HTTP 503]"


def test_a_page_without_a_title_and_a_headline_is_not_shown():
    error = error_in_response(502, "<html><body>Bad gateway</body></html>", {}, MARA)
    assert "html" not in str(error)
    assert "HTTP 502" in str(error)


@pytest.mark.parametrize(
    ("body", "content_type", "words", "retryable"),
    [
        (
            b"<title>Log in</title>",
            "text/html",
            "title 'Log in')",
            False,
        ),
        (b"<html>", "", "HTML. Check", False),
        (b"busy", "text/plain", "events (content type 'text/plain').", True),
        (b"busy", "", "events.", True),
    ],
)
def test_an_answer_of_another_kind_says_of_which(body, content_type, words, retryable):
    error = unreadable_answer(body, content_type, MINIMAX)
    assert words in str(error)
    assert error.retryable is retryable


def test_the_message_names_provider_code_and_request_and_gives_advice():
    error = error_in_event(base_resp(2049, "invalid api key"), MINIMAX)
    assert str(error) == (
        "MiniMax: invalid api key [code 2049, request id r1] A key of one region is invalid "
        "on the other region's host: check `endpoint`."
    )


def test_a_refused_key_names_both_urls_of_a_provider_that_has_two():
    body = {"error": {"message": "wrong", "code": "invalid_api_key"}}
    refused = str(error_in_response(401, body, {}, MARA))
    assert MARA.base_url in refused
    assert "https://api.cloud.mara.com/v1" in refused
    assert "https" not in str(error_in_response(429, body, {}, MINIMAX))
    limited = {"error": {"message": "slow", "code": "rate_limit"}}
    assert "https" not in str(error_in_response(429, limited, {}, MARA))


def test_an_answer_without_choices_names_what_it_holds():
    error = invalid_reply({"id": "i", "choices": None}, MINIMAX)
    assert isinstance(error, errors.InvalidReplyError)
    assert "['choices', 'id']" in str(error)
    assert "list" in str(invalid_reply([], MINIMAX))


ALL_ERRORS = [
    value
    for value in vars(errors).values()
    if isinstance(value, type) and issubclass(value, openai.OpenAIError)
]


@pytest.mark.parametrize("kind", ALL_ERRORS)
def test_no_error_is_of_a_class_that_frameworks_swallow(kind):
    swallowed = (ValueError, TypeError, RuntimeError, AttributeError, KeyError)
    assert not issubclass(kind, swallowed)


@pytest.mark.parametrize(
    ("kind", "same"),
    [
        (errors.AuthenticationError, openai.AuthenticationError),
        (errors.PermissionDeniedError, openai.PermissionDeniedError),
        (errors.InsufficientBalanceError, openai.APIStatusError),
        (errors.BadRequestError, openai.BadRequestError),
        (errors.NotFoundError, openai.NotFoundError),
        (errors.RateLimitError, openai.RateLimitError),
        (errors.ServerError, openai.InternalServerError),
        (errors.APIConnectionError, openai.APIConnectionError),
        (errors.APITimeoutError, openai.APITimeoutError),
    ],
)
def test_each_error_is_caught_as_openais_error_of_the_same_meaning(kind, same):
    assert isinstance(kind("m"), same)


def test_an_error_survives_pickling_without_its_connection():
    error = error_in_response(429, {"error": {"message": "slow", "code": "queue_full"}}, {}, MARA)
    error.response = error.request = object()
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again)) == (type(error), str(error))
    assert (again.code, again.retryable, again.response) == ("queue_full", True, None)


@pytest.mark.parametrize("code", ["9" * 5000, "١٢٣", "-1", 5, 4.5, True, [1], {"a": 1}])
def test_an_odd_code_or_status_is_kept_as_text_and_breaks_nothing(code):
    for field in ("code", "http_code"):
        error = error_in_event({"error": {"message": "m", field: code}}, MARA)
        assert isinstance(error, errors.ProviderError)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("invalid_request_error", errors.BadRequestError),
        ("authorized_error", errors.AuthenticationError),
        ("rate_limit_error", errors.RateLimitError),
        ("overloaded_error", errors.ServerError),
        ("never_seen_error", errors.ServerError),
    ],
)
def test_an_error_event_without_code_and_status_is_known_by_its_type(kind, expected):
    event = {"error": {"message": "m", "type": kind, "code": None}}
    error = error_in_event(event, MARA)
    assert type(error) is expected
    assert "HTTP" not in str(error)


@pytest.mark.parametrize(
    "body",
    [
        {"base_resp": {"status_code": 1033, "status_msg": "x" * 10_000}},
        {"error": {"message": "m", "code": "x" * 10_000}},
        {"error": {"message": "x" * 10_000}},
        {"error": {"message": "m"}, "request_id": "x" * 10_000},
    ],
)
def test_the_text_of_an_error_is_short_whatever_the_provider_says(body):
    error = error_in_response(400, body, {}, MINIMAX)
    assert len(str(error)) < 1000
    assert error.body == body


def test_the_text_of_an_answer_without_choices_is_short_whatever_it_holds():
    error = invalid_reply({f"key {number}": 1 for number in range(10_000)}, MINIMAX)
    assert len(str(error)) < 1000
