"""How long a call waits: ten minutes of silence by default, and what is asked for otherwise."""

from __future__ import annotations

import asyncio

import openai
import pytest

from mara_minimax import errors
from mara_minimax.emulator import CannedReply
from tests.lifecycle.conftest import CHUNK

pytestmark = pytest.mark.usefixtures("quiet")


def sent_timeouts(make_caller, base_url, settings, parameters):
    """Return the timeouts that reach the HTTP library with a call."""
    seen = []

    def note(request):
        seen.append(request.extensions["timeout"])

    with openai.DefaultHttpxClient(event_hooks={"request": [note]}) as own:
        make_caller(base_url, http_client=own, **settings).call(**parameters)
    return seen[0]


@pytest.mark.parametrize(
    ("settings", "parameters", "expected"),
    [
        # A reasoning model may say nothing for minutes, also in a plain call.
        ({}, {}, {"connect": 5.0, "read": 600, "write": 600, "pool": 600}),
        ({"timeout": 30}, {}, {"connect": 30, "read": 30, "write": 30, "pool": 600}),
        ({"timeout": 30}, {"timeout": 7}, {"connect": 7, "read": 7, "write": 7, "pool": 600}),
        (
            {"timeout": openai.Timeout(60, connect=2)},
            {},
            {"connect": 2, "read": 60, "write": 60, "pool": 60},
        ),
    ],
    ids=["default", "of the instance", "of the call", "an object"],
)
def test_the_timeouts_that_are_sent(make_caller, server, settings, parameters, expected):
    assert sent_timeouts(make_caller, server.base_url, settings, parameters) == expected


FORMS = pytest.mark.parametrize("form", ["call", "acall", "stream", "astream"])


def drain(caller, form, **parameters):
    async def read():
        return [piece async for piece in await caller.astream(**parameters)]

    if form == "astream":
        return asyncio.run(read())
    if form == "acall":
        return asyncio.run(caller.acall(**parameters))
    if form == "stream":
        return list(caller.stream(**parameters))
    return caller.call(**parameters)


@FORMS
def test_a_silent_provider_is_left_after_the_timeout_of_a_call(form, make_caller, silent_server):
    caller = make_caller(silent_server.base_url)
    with pytest.raises(errors.APITimeoutError):
        drain(caller, form, timeout=0.2)
    assert silent_server.left.wait(5)


@pytest.mark.parametrize("form", ["stream", "astream"])
def test_a_stream_that_falls_silent_keeps_what_it_said(form, make_caller, server):
    text = {**CHUNK, "choices": [{"index": 0, "delta": {"content": "half"}}]}
    reply = CannedReply.sse(text)
    reply.hold = True
    server.enqueue(reply)
    with pytest.raises(errors.APITimeoutError) as caught:
        drain(make_caller(server.base_url, timeout=0.5), form)
    assert caught.value.partial.text == "half"
    assert server.requests[-1].wait_finished()
    assert server.requests[-1].disconnected


@pytest.mark.parametrize("form", ["stream", "astream"])
def test_a_stream_may_last_longer_than_its_timeout(form, make_caller, server):
    text = {**CHUNK, "choices": [{"index": 0, "delta": {"content": "word "}}]}
    last = {**CHUNK, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    reply = CannedReply.sse(*[text] * 15, last, done=True)
    reply.delay = 0.1
    server.enqueue(reply)
    assert len(drain(make_caller(server.base_url, timeout=1), form)) >= 15
