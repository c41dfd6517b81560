"""Scenarios that fail: over HTTP, inside HTTP 200, in the middle of a stream, below it."""

from __future__ import annotations

import json

import httpx
import openai
import pytest

HTTP_ERRORS = {
    "minimax": {
        "http-401": (401, "authorized_error", "(1004)"),
        "http-402": (402, "insufficient_balance_error", "(1008)"),
        "http-429": (429, "rate_limit_error", "(1002)"),
        "http-429-plan-limit": (429, "rate_limit_error", "(2056)"),
        "http-500": (500, "api_error", "unknown error, 999 (1000)"),
        "http-500-sensitive": (500, "api_error", "input new_sensitive (1026)"),
        "http-529": (529, "overloaded_error", ""),
        "context-overflow": (400, "bad_request_error", "context window exceeds limit (2013)"),
    },
    "mara": {
        "http-401": (401, "invalid_request_error", ""),
        "http-402": (402, "invalid_request_error", ""),
        "http-429": (429, "rate_limit_error", ""),
        "http-429-queue-full": (429, "rate_limit_error", ""),
        "http-500": (500, "server_error", ""),
        "http-400-model-output": (400, "server_error", ""),
        "context-overflow": (400, "invalid_request_error", "maximum context length"),
    },
    "llmprovider": {
        "http-401": (401, "invalid_request_error", ""),
        "http-429": (429, "rate_limit_error", ""),
        "http-500": (500, "server_error", ""),
        "context-overflow": (400, "invalid_request_error", "maximum context length"),
    },
}


@pytest.mark.parametrize(
    ("provider", "name"),
    [(provider, name) for provider, cases in HTTP_ERRORS.items() for name in cases],
)
@pytest.mark.parametrize("streaming", [False, True])
def test_http_error_in_the_providers_form(request, provider, name, streaming):
    reply = request.getfixturevalue(provider).post(scenario=name, stream=streaming)
    status, kind, text = HTTP_ERRORS[provider][name]
    assert reply.status_code == status
    assert reply.json()["error"]["type"] == kind
    assert text in reply.json()["error"]["message"]
    assert "retry-after" not in reply.headers


def test_retry_after_is_sent_on_demand(minimax):
    reply = minimax.post(scenario="http-429-retry-after")
    assert (reply.status_code, reply.headers["retry-after"]) == (429, "0.01")


def test_mara_unavailable_is_plain_text(mara):
    reply = mara.post(scenario="http-503")
    assert (reply.status_code, reply.headers["content-type"]) == (503, "text/plain; charset=utf-8")


@pytest.mark.parametrize("name", ["http-429-once", "http-500-once"])
def test_once_fails_the_first_request_alone(any_provider, name):
    any_provider.emulator.scenario = name
    assert any_provider.post().status_code >= 429
    assert any_provider.post().status_code == 200


def test_once_starts_again_when_the_scenario_is_set_again(minimax):
    for _ in range(2):
        minimax.emulator.scenario = "http-500-once"
        assert minimax.post().status_code == 500


def test_sdk_retries_what_fails_once(minimax, sdk):
    minimax.emulator.scenario = "http-429-once"
    client = sdk(minimax, max_retries=1)
    client.chat.completions.create(**minimax.body())
    assert [request.status for request in minimax.emulator.requests] == [429, 200]


def test_html_error(any_provider):
    reply = any_provider.post(scenario="http-html-502")
    assert (reply.status_code, reply.headers["content-type"]) == (502, "text/html")


def test_endless_error_body_times_out(minimax):
    with pytest.raises(httpx.ReadTimeout):
        minimax.http.post(
            "/chat/completions",
            json=minimax.body(),
            headers={"x-emulator-scenario": "http-502-endless"},
            timeout=0.1,
        )


@pytest.mark.parametrize(
    ("name", "code"),
    [("error-200-base-resp", 1004), ("error-200-rate-limit", 1002)],
)
def test_error_inside_http_200(minimax, name, code):
    body = minimax.post(scenario=name).json()
    (event,) = minimax.stream(scenario=name).payloads
    for payload in (body, event):
        assert payload["choices"] is None
        assert payload["base_resp"]["status_code"] == code


def test_rate_limit_inside_http_200_for_one_request(minimax):
    minimax.emulator.scenario = "error-200-rate-limit-once"
    assert minimax.post().json()["choices"] is None
    assert minimax.post().json()["choices"]


def test_null_choices_without_explanation(minimax):
    body = minimax.post(scenario="error-200-choices-null").json()
    assert body["choices"] is None
    assert "base_resp" not in body


def test_json_where_a_stream_was_asked_for(minimax):
    reply = minimax.post(scenario="error-json-on-stream", stream=True)
    assert reply.status_code == 200
    assert reply.headers["content-type"].startswith("application/json")
    assert reply.json()["base_resp"]["status_code"] == 1008


def test_base_resp_in_the_middle_of_a_stream(minimax):
    stream = minimax.stream(scenario="error-mid-stream-base-resp")
    assert stream.deltas
    assert not stream.finish_reasons
    assert stream.payloads[-1]["base_resp"]["status_code"] == 1033
    plain = minimax.post(scenario="error-mid-stream-base-resp").json()
    assert plain["base_resp"]["status_code"] == 1033


def test_error_event_in_the_middle_of_a_stream(any_provider):
    stream = any_provider.stream(scenario="error-mid-stream-event")
    assert stream.deltas
    assert "error" in stream.payloads[-1]
    assert not stream.finish_reasons
    assert not stream.done
    assert any_provider.post(scenario="error-mid-stream-event").status_code == 400


def test_sdk_raises_on_the_error_event(mara, sdk):
    client = sdk(mara, default_headers={"x-emulator-scenario": "error-mid-stream-event"})
    with pytest.raises(openai.APIError):
        list(client.chat.completions.create(**mara.body(), stream=True))


def test_cut_stream_ends_cleanly_without_a_finish_reason(any_provider):
    stream = any_provider.stream(scenario="cut-stream")
    assert stream.deltas
    assert not stream.finish_reasons
    assert not stream.done


def test_cut_stream_leaves_a_whole_reply_broken(any_provider):
    reply = any_provider.post(scenario="cut-stream")
    assert reply.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        reply.json()


@pytest.mark.parametrize("streaming", [False, True])
def test_cut_connection_is_a_protocol_error(any_provider, streaming):
    with pytest.raises(httpx.RemoteProtocolError):
        any_provider.post(scenario="cut-connection", stream=streaming)
    record = any_provider.emulator.requests[-1]
    assert record.wait_finished()
    assert not record.disconnected


@pytest.mark.parametrize(("name", "finished"), [("stalled", False), ("never-closes", True)])
def test_open_connection_after_some_or_all(minimax, name, finished):
    received: list[bytes] = []
    with pytest.raises(httpx.ReadTimeout):
        minimax.receive(received, scenario=name, timeout=0.2)
    assert (b'"finish_reason":"stop"' in b"".join(received)) is finished


def test_slow_streams_pause_between_chunks(minimax, pauses):
    stream = minimax.stream(scenario="slow")
    assert pauses == [0.01] * (len(stream.payloads) - 1)


def test_unknown_scenario_in_the_header_is_named(minimax):
    reply = minimax.post(scenario="no-such-scenario")
    assert reply.status_code == 400
    assert "no-such-scenario" in reply.json()["error"]["message"]
