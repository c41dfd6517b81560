"""The doctor asks as users do: through the same client, and no longer than it was given."""

from __future__ import annotations

import json
from itertools import count

import pytest

from mara_minimax.doctor.probe import Probe
from mara_minimax.emulator import CannedReply
from mara_minimax.errors import APITimeoutError, ServerError
from mara_minimax.http_library import http_library
from mara_minimax.settings import MiniMaxSettings

http = http_library()
HELLO = [{"role": "user", "content": "Hello"}]
CHOICE = {"index": 0, "message": {"role": "assistant", "content": "Hi!"}, "finish_reason": "stop"}


@pytest.fixture
def probe(key):
    """A probe of a host whose answers a handler gives."""

    def make(handler, timeout=20.0, **given):
        client = http.Client(transport=http.MockTransport(handler))
        return Probe(MiniMaxSettings(http_client=client, **given), timeout)

    return make


def endless(piece):
    for _ in count():
        yield piece


def test_the_users_own_http_client_is_examined(probe):
    asked = []

    def answer(request):
        asked.append((request.method, request.url.path, request.headers["x-team"]))
        return http.Response(200, json={"choices": [CHOICE]})

    examined = probe(answer, default_headers={"X-Team": "blue-whales"})
    assert examined.ask(HELLO).reply.text == "Hi!"
    examined.list_models()
    assert asked == [
        ("POST", "/v1/chat/completions", "blue-whales"),
        ("GET", "/v1/models", "blue-whales"),
    ]


def test_a_request_is_made_once_whatever_the_settings_say(key, server):
    server.scenario = "http-500"
    probe = Probe(MiniMaxSettings(base_url=server.base_url, max_retries=5), 20)
    assert isinstance(probe.ask(HELLO).error, ServerError)
    assert len(server.requests) == len(probe.exchanges) == 1


def test_the_settings_themselves_stay_as_they_are(key, server):
    settings = MiniMaxSettings(base_url=server.base_url)
    Probe(settings, 5)
    assert (settings.http_client, settings.timeout, settings.max_retries) == (None, None, 2)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("piece", [b" ", b"x", b": ping\n\n"])
def test_a_host_that_never_stops_sending_is_left_when_the_time_is_over(stream, piece, probe):
    examined = probe(lambda _: http.Response(200, content=endless(piece)), timeout=0.05)
    answer = examined.ask(HELLO, stream=stream)
    assert isinstance(answer.error, APITimeoutError)


def test_a_list_that_never_ends_is_no_list(probe):
    examined = probe(lambda _: http.Response(200, content=endless(b" ")), timeout=0.05)
    listing = examined.list_models()
    assert (listing.status, listing.names) == (200, None)
    assert examined.exchanges[0].failure is APITimeoutError


def test_an_error_that_never_ends_is_told_by_its_status(probe, monkeypatch):
    monkeypatch.setattr("mara_minimax.limits.MAX_ERROR_SECONDS", 0.1)
    examined = probe(lambda _: http.Response(500, content=endless(b" ")), timeout=0.05)
    assert isinstance(examined.ask(HELLO).error, ServerError)


def test_a_list_of_enormous_size_is_not_read_on(probe):
    read = []

    def body():
        for piece in endless(b" " * 1024 * 1024):
            read.append(piece)
            yield piece

    assert probe(lambda _: http.Response(200, content=body())).list_models().names is None
    assert len(read) == 5


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ({"data": [{"id": "a"}, {"id": "b"}]}, ("a", "b")),
        ({"data": [{"id": "a"}, {"id": 7}, {}, "c"]}, ("a",)),
        ({"data": []}, ()),
        ({"data": "a"}, None),
        (["a"], None),
    ],
)
def test_only_ids_of_a_list_are_models(body, names, probe):
    assert probe(lambda _: http.Response(200, json=body)).list_models().names == names


def test_the_list_of_a_failing_host_is_not_read(probe):
    examined = probe(lambda _: http.Response(500, content=endless(b" ")))
    listing = examined.list_models()
    assert (listing.status, listing.names) == (500, None)
    assert not examined.exchanges[0].read_to_end


def test_a_list_that_is_cut_off_still_shows_that_the_host_is_there(probe):
    def cut():
        yield b'{"data": ['
        raise http.ReadError("reset")

    listing = probe(lambda _: http.Response(200, content=cut())).list_models()
    assert (listing.status, listing.names) == (200, None)


def test_a_host_that_is_not_there_has_no_status(probe):
    def refuse(_):
        raise http.ConnectError("refused")

    listing = probe(refuse).list_models()
    assert (listing.status, listing.names) == (None, None)


def test_evidence_is_what_came_before_an_event_that_cannot_be_read(probe):
    event = {"choices": [{"index": 0, "delta": {"content": "Hi"}}]}
    body = f"data: {json.dumps(event)}\n\ndata: nonsense\n\n".encode()
    answer = probe(lambda _: http.Response(200, content=body)).ask(HELLO, stream=True)
    assert answer.error is not None
    assert answer.events == [event]


def test_a_reply_that_is_no_object_is_no_evidence(probe):
    answer = probe(lambda _: http.Response(200, json=["Hi!"])).ask(HELLO)
    assert answer.error is not None
    assert answer.events == []


def test_an_end_that_the_library_does_not_wait_for_is_not_known(key, server):
    last = {"choices": [{"index": 0, "delta": {"content": "Hi!"}, "finish_reason": "stop"}]}
    usage = {"prompt_tokens": 5, "completion_tokens": 1, "total_tokens": 6}
    reply = CannedReply.sse(last, {"choices": [], "usage": usage})
    reply.headers["connection"] = "close"
    reply.hold = True
    server.enqueue(reply)
    probe = Probe(MiniMaxSettings(base_url=server.base_url), 20)
    answer = probe.ask(HELLO, stream=True)
    assert answer.reply.text == "Hi!"
    assert answer.done is None


def test_a_connection_that_breaks_after_the_whole_reply_sent_no_end(probe):
    last = {"choices": [{"index": 0, "delta": {"content": "Hi!"}, "finish_reason": "stop"}]}

    def body():
        yield f"data: {json.dumps(last)}\n\n".encode()
        raise http.ReadError("reset")

    answer = probe(lambda _: http.Response(200, content=body())).ask(HELLO, stream=True)
    assert answer.reply.text == "Hi!"
    assert answer.done is False
