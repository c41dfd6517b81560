"""Failures over a real connection: typed, retried by their kind, with what was received."""

from __future__ import annotations

import json
import traceback

import openai
import pytest

from mara_minimax import errors
from mara_minimax.emulator import CannedReply
from mara_minimax.settings import MiniMaxSettings
from tests.core.calls import (
    FORMS,
    GOOD_REPLY,
    GOOD_STREAM,
    LIMITED,
    STREAMS,
    USAGE,
    USER,
    call,
    chunk,
    sse,
)


@FORMS
def test_a_rate_limit_inside_http_200_is_retried_until_it_works(form, emulator, settings, sleeps):
    for body in (LIMITED, LIMITED, GOOD_STREAM if "stream" in form else GOOD_REPLY):
        emulator.enqueue(CannedReply(chunks=[body]))
    assert call(settings, form).text == "2"
    assert len(emulator.requests) == 3
    assert len(sleeps) == 2
    assert sleeps[0] < sleeps[1]


@FORMS
@pytest.mark.parametrize("max_retries", [0, 2])
def test_max_retries_counts_the_requests_after_the_first(
    form, max_retries, emulator, settings, sleeps
):
    for _ in range(5):
        emulator.enqueue(CannedReply(chunks=[LIMITED]))
    with pytest.raises(errors.RateLimitError):
        call(settings.model_copy(update={"max_retries": max_retries}), form)
    assert len(emulator.requests) == max_retries + 1


@FORMS
@pytest.mark.parametrize(
    ("status", "kind", "requests"),
    [
        (400, errors.BadRequestError, 1),
        (401, errors.AuthenticationError, 1),
        (404, errors.NotFoundError, 1),
        (429, errors.RateLimitError, 3),
        (500, errors.ServerError, 3),
        (529, errors.ServerError, 3),
    ],
)
def test_http_failures_are_typed_and_retried_by_their_kind(
    form, status, kind, requests, emulator, settings, sleeps
):
    for _ in range(3):
        body = json.dumps({"type": "error", "error": {"message": "no"}, "request_id": "q"})
        emulator.enqueue(CannedReply(status=status, chunks=[body.encode()]))
    with pytest.raises(kind) as caught:
        call(settings, form)
    assert len(emulator.requests) == requests
    assert caught.value.request_id == "q"
    assert caught.value.response.status_code == status
    assert isinstance(caught.value, openai.APIStatusError) or status == 200


def test_retry_after_replaces_the_delay(emulator, settings, sleeps):
    emulator.enqueue(CannedReply(status=429, headers={"retry-after": "7"}, chunks=[b"slow"]))
    emulator.enqueue(CannedReply(chunks=[GOOD_REPLY]))
    call(settings, "complete")
    assert sleeps == [7.0]


def test_a_retry_after_of_many_minutes_is_not_waited_for(emulator, settings, sleeps):
    emulator.enqueue(CannedReply(status=429, headers={"retry-after": "900"}, chunks=[b"slow"]))
    with pytest.raises(errors.RateLimitError) as caught:
        call(settings, "complete")
    assert (caught.value.retry_after, sleeps) == (900.0, [])


@STREAMS
def test_a_json_error_where_a_stream_was_asked_is_raised(form, emulator, settings):
    body = json.dumps({"choices": None, "base_resp": {"status_code": 1004, "status_msg": "no"}})
    emulator.enqueue(CannedReply(headers={"content-type": "text/plain"}, chunks=[body.encode()]))
    with pytest.raises(errors.AuthenticationError):
        call(settings, form)


@STREAMS
def test_an_error_event_in_the_middle_carries_what_was_received(form, emulator, settings, sleeps):
    failure = {"base_resp": {"status_code": 1027, "status_msg": "sensitive"}}
    emulator.enqueue(CannedReply(chunks=[sse(chunk(content="par"), failure)]))
    with pytest.raises(errors.ContentFilterError) as caught:
        call(settings, form)
    assert caught.value.partial.text == "par"
    assert len(emulator.requests) == 1


@STREAMS
def test_a_stream_that_ends_early_is_an_error_and_not_retried_after_its_first_token(
    form, emulator, settings, sleeps
):
    emulator.enqueue(CannedReply(chunks=[sse(chunk(content="half"))]))
    with pytest.raises(errors.IncompleteStreamError) as caught:
        call(settings, form)
    assert caught.value.partial.text == "half"
    assert len(emulator.requests) == 1


@STREAMS
def test_a_stream_that_ends_before_its_first_token_is_retried(form, emulator, settings, sleeps):
    emulator.enqueue(CannedReply(chunks=[sse(chunk(role="assistant"))]))
    emulator.enqueue(CannedReply(chunks=[GOOD_STREAM]))
    assert call(settings, form).text == "2"


@STREAMS
def test_a_connection_cut_in_the_middle_is_a_connection_error(form, emulator, settings, sleeps):
    emulator.enqueue(CannedReply(chunks=[sse(chunk(content="half"))], cut=True))
    with pytest.raises(errors.APIConnectionError) as caught:
        call(settings, form)
    assert caught.value.partial.text == "half"
    assert len(emulator.requests) == 1


@STREAMS
@pytest.mark.parametrize("end", [{"cut": True}, {"hold": True}])
def test_a_connection_that_fails_after_a_complete_reply_loses_nothing(
    form, end, emulator, settings
):
    emulator.enqueue(CannedReply(chunks=[GOOD_STREAM + sse(USAGE)], **end))
    reply = call(settings.model_copy(update={"timeout": 0.3}), form)
    assert (reply.text, reply.usage.total_tokens) == ("2", 2)
    assert len(emulator.requests) == 1


@STREAMS
def test_a_reply_that_ended_without_usage_is_kept_when_the_connection_fails(
    form, emulator, settings
):
    emulator.enqueue(CannedReply(chunks=[GOOD_STREAM], hold=True))
    assert call(settings.model_copy(update={"timeout": 0.3}), form).text == "2"


@STREAMS
def test_nothing_is_waited_for_after_done(form, emulator, settings):
    chunks = [GOOD_STREAM + b"data: [DONE]\n\n"]
    emulator.enqueue(CannedReply(chunks=chunks, hold=True))
    assert call(settings.model_copy(update={"timeout": 60}), form).text == "2"
    emulator.requests[-1].wait_finished(5)
    assert emulator.requests[-1].disconnected


@FORMS
def test_a_plain_reply_whose_body_never_ends_is_read_all_the_same(form, emulator, settings):
    emulator.enqueue(CannedReply(chunks=[GOOD_REPLY], hold=True))
    assert call(settings.model_copy(update={"timeout": 0.3}), form).text == "2"


@FORMS
def test_half_a_plain_reply_whose_body_never_ends_is_a_timeout(form, emulator, settings):
    emulator.enqueue(CannedReply(chunks=[GOOD_REPLY[:20]], hold=True))
    with pytest.raises(errors.APITimeoutError):
        call(settings.model_copy(update={"timeout": 0.3, "max_retries": 0}), form)


@STREAMS
def test_a_host_that_closes_its_connections_is_not_waited_for(form, emulator, settings):
    headers = {"connection": "close", "content-type": "text/event-stream"}
    emulator.enqueue(CannedReply(headers=headers, chunks=[GOOD_STREAM + sse(USAGE)], hold=True))
    assert call(settings.model_copy(update={"timeout": 20}), form).text == "2"
    emulator.requests[-1].wait_finished(5)
    assert emulator.requests[-1].disconnected


@FORMS
def test_an_unreachable_host_is_a_connection_error(form, sleeps):
    settings = MiniMaxSettings(api_key="key", base_url="http://127.0.0.1:9/v1", max_retries=1)
    with pytest.raises(errors.APIConnectionError, match="MiniMax") as caught:
        call(settings, form)
    assert isinstance(caught.value, openai.APIConnectionError)
    assert len(sleeps) == 1


@FORMS
def test_a_slow_answer_is_a_timeout(form, emulator, settings):
    emulator.enqueue(CannedReply(chunks=[b" ", GOOD_STREAM], delay=2.0))
    with pytest.raises(errors.APITimeoutError):
        call(settings.model_copy(update={"timeout": 0.2, "max_retries": 0}), form)


@FORMS
@pytest.mark.parametrize("body", [b"", b"<html>maintenance</html>", b"{not json", b"[1]", b"{}"])
def test_an_answer_that_cannot_be_read_is_an_invalid_reply(form, body, emulator, settings, sleeps):
    for _ in range(3):
        emulator.enqueue(CannedReply(chunks=[body]))
    with pytest.raises(errors.InvalidReplyError):
        call(settings, form)


def test_what_the_reader_of_a_stream_throws_in_passes_as_it_is(emulator):
    settings = MiniMaxSettings(api_key="key", base_url=emulator.base_url)
    stream = settings.client.stream(settings.encode(USER, stream=True))
    next(stream)
    thrown = LookupError("the reader's own")
    with pytest.raises(LookupError) as caught:
        stream.throw(thrown)
    assert caught.value is thrown
    assert len(emulator.requests) == 1


def test_a_client_that_its_owner_has_closed_is_refused_before_the_request():
    own = openai.DefaultHttpxClient()
    own.close()
    settings = MiniMaxSettings(api_key="key", http_client=own, max_retries=0)
    with pytest.raises(errors.ParameterError, match="http_client is closed"):
        settings.client.complete(settings.encode(USER, stream=False))


@FORMS
@pytest.mark.parametrize("status", [200, 401])
def test_a_key_that_the_provider_repeats_is_in_no_part_of_the_error(form, status, emulator):
    message = "bad key sk-canary-1 (1004)"
    bodies = {
        200: {"choices": None, "base_resp": {"status_code": 1004, "status_msg": message}},
        401: {"type": "error", "error": {"message": message, "details": [message]}},
    }
    emulator.enqueue(CannedReply.json(bodies[status], status=status))
    settings = MiniMaxSettings(api_key="sk-canary-1", base_url=emulator.base_url)
    with pytest.raises(errors.AuthenticationError) as caught:
        call(settings, form)
    error = caught.value
    shown = f"{error} {error!r} {error.args} {error.message} {error.body}"
    assert "sk-canary-1" not in shown
    assert "[redacted]" in shown


def test_a_url_without_a_scheme_is_refused_with_advice():
    with pytest.raises(errors.ParameterError, match="base_url='api.minimax.io/v1'.*https://"):
        MiniMaxSettings(api_key="k", base_url="api.minimax.io/v1")


@FORMS
def test_an_error_whose_body_never_ends_is_retried_and_typed_as_itself(
    form, emulator, settings, sleeps
):
    for _ in range(3):
        emulator.enqueue(CannedReply(chunks=[LIMITED], hold=True))
    with pytest.raises(errors.RateLimitError) as caught:
        call(settings.model_copy(update={"timeout": 0.2}), form)
    assert caught.value.response is not None
    assert len(emulator.requests) == 3
    assert len(sleeps) == 2


@FORMS
def test_an_answer_that_is_not_compressed_as_it_says_is_an_invalid_reply(form, emulator, settings):
    headers = {"content-encoding": "gzip"}
    emulator.enqueue(CannedReply(headers=headers, chunks=[GOOD_REPLY]))
    with pytest.raises(errors.InvalidReplyError, match="compressed") as caught:
        call(settings.model_copy(update={"max_retries": 0}), form)
    assert caught.value.retryable


@FORMS
@pytest.mark.parametrize("noise", [b": keep-alive\n\n", b"\n", b"data: {}\n\n"])
def test_bytes_that_bring_nothing_do_not_put_off_the_timeout(form, noise, emulator, settings):
    emulator.enqueue(CannedReply(chunks=[noise] * 400, delay=0.01))
    with pytest.raises(errors.APITimeoutError, match="nothing of a reply for 0.5 s"):
        call(settings.model_copy(update={"timeout": 0.5, "max_retries": 0}), form)


@FORMS
def test_a_slow_reply_that_grows_is_no_timeout(form, emulator, settings):
    body = sse(chunk(content="2"), chunk("stop")) if "stream" in form else GOOD_REPLY
    pieces = [body[place : place + 8] for place in range(0, len(body), 8)]
    emulator.enqueue(CannedReply(chunks=pieces, delay=0.8 / len(pieces)))
    assert call(settings.model_copy(update={"timeout": 0.5, "max_retries": 0}), form).text == "2"


def test_a_client_without_a_read_timeout_waits_for_any_time(emulator, settings):
    emulator.enqueue(CannedReply(chunks=[b"\n"] * 5 + [GOOD_REPLY], delay=0.01))
    settings = settings.model_copy(update={"timeout": openai.Timeout(None)})
    assert call(settings, "complete").text == "2"


@FORMS
def test_no_frame_of_a_call_holds_what_came_before_its_error(form, emulator, settings, sleeps):
    emulator.enqueue(CannedReply(chunks=[sse(chunk(content="sk-repeated")) + b"data: ?\n\n"]))
    with pytest.raises(errors.InvalidReplyError) as caught:
        call(settings, form)
    frames = [frame for frame, _ in traceback.walk_tb(caught.value.__traceback__)]
    ours = [f for f in frames if f.f_globals["__name__"].startswith("mara_minimax.")]
    assert ours
    assert "sk-repeated" not in repr([list(frame.f_locals.values()) for frame in ours])
