"""Hosts, clients and settings that behave oddly: each ends in one of the documented errors."""

from __future__ import annotations

import datetime
import json
import ssl
import traceback
from pathlib import Path

import openai
import pytest

from mara_minimax import errors
from mara_minimax.emulator import CannedReply
from mara_minimax.emulator.faults import FaultServer
from mara_minimax.emulator.faults.bodies import http
from mara_minimax.http_library import transport_failures
from mara_minimax.settings import MiniMaxSettings
from mara_minimax.transport import pools as connections
from tests.core.calls import FORMS, GOOD_REPLY, USER, call, chunk, sse

KEY = "sk-canary-0123456789"


@pytest.fixture(scope="module")
def host():
    with FaultServer() as server:
        yield server


def settings_for(server, **fields):
    return MiniMaxSettings(
        **{"api_key": KEY, "base_url": server.base_url, "max_retries": 0} | fields
    )


def shown(error):
    """Return what a traceback with locals shows below the frames of the tests."""
    trace = traceback.TracebackException.from_exception(error, capture_locals=True)
    inner = [frame for frame in trace.stack if "tests" not in Path(frame.filename).parts]
    return "".join(traceback.StackSummary.from_list(inner).format()) + repr(vars(error))


@FORMS
def test_a_header_in_another_alphabet_is_no_obstacle(form, host):
    body = json.dumps({"error": {"message": f"bad {KEY}"}}).encode()
    host.play(lambda _: http(body, status=401, headers={"X-Msg": "错误"}))
    with pytest.raises(errors.AuthenticationError) as caught:
        call(settings_for(host), form)
    assert caught.value.response.headers.raw
    assert KEY not in shown(caught.value)


@FORMS
def test_json_that_is_cut_off_leaves_no_body_behind(form, host):
    host.play(lambda _: http(b'{"error": {"message": "bad key ' + KEY.encode() + b'"'))
    with pytest.raises(errors.InvalidReplyError) as caught:
        call(settings_for(host), form)
    assert caught.value.__cause__ is None
    assert KEY not in shown(caught.value)


def test_a_broken_tls_record_is_a_failure_of_the_connection():
    assert issubclass(ssl.SSLError, transport_failures())


@FORMS
@pytest.mark.parametrize("charset", ["hex", "undefined", "rot13", "nonsense"])
def test_the_charset_of_an_error_does_not_matter(form, charset, host):
    headers = {"content-type": f"text/plain; charset={charset}"}
    host.play(lambda _: http(b"busy", status=500, headers=headers))
    with pytest.raises(errors.ServerError, match="busy"):
        call(settings_for(host), form)


def refuse(response):
    response.raise_for_status()


def look(response):
    response.read()


@pytest.mark.parametrize("hook", [refuse, look])
def test_a_hook_of_an_own_client_hides_no_status(hook, host):
    host.play(lambda _: http(b'{"error": {"message": "bad key"}}', status=401))
    with openai.DefaultHttpxClient(event_hooks={"response": [hook]}) as own:
        settings = settings_for(host, http_client=own, max_retries=2)
        with pytest.raises(errors.AuthenticationError) as caught:
            call(settings, "complete")
    assert len(host.bodies) == 1
    assert ("bad key" in str(caught.value)) == (hook is look)


def test_a_hook_that_fails_is_not_asked_again(host):
    def fail(request):
        raise LookupError("the hook's own")

    with openai.DefaultHttpxClient(event_hooks={"request": [fail]}) as own:
        settings = settings_for(host, http_client=own, max_retries=2)
        with pytest.raises(errors.APIConnectionError, match="LookupError") as caught:
            call(settings, "complete")
    assert not caught.value.retryable


@pytest.mark.parametrize(
    ("form", "client"),
    [
        ("complete", openai.DefaultAsyncHttpxClient()),
        ("astream", openai.DefaultHttpxClient()),
        ("complete", object()),
        ("complete", "text"),
    ],
)
def test_an_http_client_of_the_wrong_kind_is_named(form, client, emulator, settings):
    field = "http_async_client" if form == "astream" else "http_client"
    with pytest.raises(errors.ParameterError, match=f"{field} has to be"):
        call(settings.model_copy(update={field: client}), form)
    assert emulator.requests == []


@pytest.mark.parametrize(
    ("name", "value"),
    [("ALL_PROXY", "socks://127.0.0.1:1080"), ("HTTPS_PROXY", "http://u:p4ssw0rd@[::1")],
)
def test_proxy_variables_that_no_client_can_use_are_named(name, value, monkeypatch):
    monkeypatch.setenv(name, value)
    monkeypatch.setattr(connections, "_shared_pools", {})
    with pytest.raises(errors.ParameterError, match="proxy variables") as caught:
        call(MiniMaxSettings(api_key=KEY, base_url="https://host.invalid/v1"), "complete")
    assert "p4ssw0rd" not in shown(caught.value)


@pytest.mark.parametrize("host_name", ["localhost", "127.0.0.1", "127.0.0.2", "[::ffff:127.0.0.1]"])
def test_a_call_on_this_machine_goes_through_no_proxy(host_name, host, monkeypatch):
    host.play(lambda _: http(GOOD_REPLY))
    monkeypatch.setenv("HTTP_PROXY", host.base_url)
    monkeypatch.setenv("http_proxy", host.base_url)
    monkeypatch.setattr(connections, "_shared_pools", {})
    settings = settings_for(host, base_url=f"http://{host_name}:9/v1", timeout=2)
    with pytest.raises(errors.APIConnectionError):
        call(settings, "complete")
    assert host.bodies == []


@pytest.mark.parametrize("tail", ["?a=b", "#x", " x", "\tx"])
def test_a_url_that_paths_cannot_follow_is_refused(tail):
    with pytest.raises(errors.ParameterError, match="query or a fragment"):
        MiniMaxSettings(api_key=KEY, base_url=f"https://host.invalid/v1{tail}")


def test_white_space_around_a_url_counts_for_nothing(emulator, monkeypatch):
    settings = MiniMaxSettings(api_key=KEY, base_url=f" {emulator.base_url}\n")
    assert settings.endpoint_url == emulator.base_url
    monkeypatch.setenv("MINIMAX_BASE_URL", f"{emulator.base_url}\n")
    assert MiniMaxSettings(api_key=KEY).endpoint_url == emulator.base_url


def test_a_host_that_no_http_library_takes_is_refused():
    settings = MiniMaxSettings(api_key=KEY, base_url="https://999.999.999.999/v1")
    with pytest.raises(errors.ParameterError, match="No request can be built"):
        call(settings, "complete")


@pytest.mark.parametrize(
    "headers", [{"X-Ü": "v"}, {"bad name": "v"}, {"": "v"}, {5: "v"}, {"X": 5}, {"X": b"v"}, "abc"]
)
def test_headers_that_http_does_not_know_are_refused(headers, emulator, settings):
    with pytest.raises(errors.ParameterError, match=r"[Hh]eader"):
        call(settings, "complete", extra_headers=headers)
    assert emulator.requests == []


def test_white_space_around_the_value_of_a_header_counts_for_nothing(emulator, settings):
    call(settings, "complete", extra_headers={"X-Team": " search "})
    assert emulator.requests[-1].headers["x-team"] == "search"


@pytest.mark.parametrize(
    "timeout", [0, -1, float("nan"), 1e300, "5", {"read": 3}, (), (1, 2), True]
)
def test_a_timeout_that_is_no_time_to_wait_is_refused(timeout, emulator, settings):
    with pytest.raises(errors.ParameterError, match="Invalid timeout"):
        call(settings, "complete", timeout=timeout)
    assert emulator.requests == []


def test_a_key_that_is_assigned_as_text_is_a_key(emulator, settings):
    call(settings.model_copy(update={"api_key": "other"}), "complete")
    assert emulator.requests[-1].has_key


@FORMS
def test_keep_alives_behind_a_whole_reply_do_not_take_it_back(form, emulator, settings):
    if "stream" not in form:
        pytest.skip("a plain reply ends with its body")
    chunks = [sse(chunk(content="2"), chunk("stop")), *[b": ping\n\n"] * 200]
    emulator.enqueue(CannedReply(chunks=chunks, delay=0.01))
    assert call(settings.model_copy(update={"timeout": 0.5, "max_retries": 0}), form).text == "2"


@pytest.mark.parametrize(
    "body",
    [
        {"error": {"message": "x" * 590 + KEY}},
        {"error": {"message": "m", "code": "x" * 90 + KEY}},
        {"choices": None, "x" * 590 + KEY: 1},
    ],
)
def test_no_part_of_a_key_stands_where_a_text_is_cut(body, host):
    status = 400 if "error" in body else 200
    host.play(lambda _: http(json.dumps(body).encode(), status=status))
    with pytest.raises(errors.ProviderError) as caught:
        call(settings_for(host), "complete")
    assert KEY[:6] not in str(caught.value)


@FORMS
def test_the_id_of_a_stream_that_breaks_off_shows_no_key(form, host):
    event = {**chunk(content="half"), "id": f"\x1b{KEY}"}
    host.play(lambda _: http(sse(event)))
    with pytest.raises(errors.IncompleteStreamError) as caught:
        call(settings_for(host), form)
    assert caught.value.request_id == "[redacted]"


def test_no_part_of_a_key_stands_where_a_body_is_cut(host):
    page = b"x " * 32_764 + KEY.encode() + b" y" * 1000
    host.play(lambda _: http(page, status=500))
    with pytest.raises(errors.ServerError) as caught:
        call(settings_for(host), "complete")
    assert KEY[:6].encode() not in caught.value.response.content


def test_arguments_that_json_has_no_form_for_are_written_as_pydantic_writes_them(settings):
    function = {"name": "f", "arguments": {"at": datetime.date(2026, 11, 21), "in": {1}}}
    history = [*USER, {"role": "assistant", "tool_calls": [{"id": "a", "function": function}]}]
    request = settings.encode(history, stream=False)
    sent = request.body["messages"][1]["tool_calls"][0]["function"]["arguments"]
    assert json.loads(sent) == {"at": "2026-11-21", "in": [1]}


def test_arguments_that_nothing_can_write_are_refused(settings):
    function = {"name": "f", "arguments": {"x": object()}}
    history = [*USER, {"role": "assistant", "tool_calls": [{"id": "a", "function": function}]}]
    with pytest.raises(errors.ParameterError, match="written as JSON"):
        settings.encode(history, stream=False)


def test_a_retry_sends_the_same_body_again(emulator, settings, sleeps):
    emulator.enqueue(CannedReply.json({"error": {"message": "busy"}}, status=529))
    emulator.enqueue(CannedReply(chunks=[GOOD_REPLY]))
    call(settings, "complete", extra_body={"things": (number for number in (1, 2))})
    assert [body.body["things"] for body in emulator.requests] == [[1, 2], [1, 2]]
