"""What is known of a request that broke off decides whether and when it is repeated."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from mara_minimax import errors
from mara_minimax.http_library import http_library
from mara_minimax.settings import MiniMaxSettings
from mara_minimax.transport.passage import Passage
from tests.core.calls import FORMS, GOOD_REPLY, GOOD_STREAM, USER, call
from tests.core.raw_server import RawServer

LIBRARY: Any = http_library()
CONNECT = ("connection.connect_tcp.started", {"host": "127.0.0.1", "port": 9})
BEGUN = ("http11.send_request_headers.started", {})
WRITTEN = ("http11.send_request_headers.complete", {})


class Breaking(LIBRARY.BaseTransport, LIBRARY.AsyncBaseTransport):
    """Breaks off after the steps of each attempt, until there are none."""

    def __init__(self, *attempts):
        self.attempts = list(attempts)
        self.sent = 0

    def handle_request(self, request):
        self.sent += 1
        if not self.attempts:
            return self._answer(request)
        for step in self.attempts.pop(0):
            request.extensions["trace"](*step)
        raise LIBRARY.ReadError("gone")

    async def handle_async_request(self, request):
        self.sent += 1
        if not self.attempts:
            return self._answer(request)
        for step in self.attempts.pop(0):
            await request.extensions["trace"](*step)
        raise LIBRARY.ReadError("gone")

    def _answer(self, request):
        streams = b'"stream":true' in request.read()
        return LIBRARY.Response(200, content=GOOD_STREAM if streams else GOOD_REPLY)


def settings_over(transport, **fields):
    return MiniMaxSettings(
        api_key="key",
        base_url="http://127.0.0.1:9/v1",
        http_client=LIBRARY.Client(transport=transport),
        http_async_client=LIBRARY.AsyncClient(transport=transport),
        **fields,
    )


@FORMS
def test_a_request_of_which_nothing_was_written_is_repeated_at_once_and_not_counted(form, sleeps):
    transport = Breaking([BEGUN], [BEGUN])
    assert call(settings_over(transport, max_retries=0), form).text == "2"
    assert transport.sent == 3
    assert sleeps == [0, 0]


@FORMS
def test_the_first_retry_after_a_reused_connection_waits_for_nothing_and_counts(form, sleeps):
    lost = [BEGUN, WRITTEN]
    transport = Breaking(lost, lost)
    assert call(settings_over(transport, max_retries=2), form).text == "2"
    assert sleeps[0] == 0
    assert sleeps[1] > 0
    transport = Breaking(lost)
    with pytest.raises(errors.APIConnectionError):
        call(settings_over(transport, max_retries=0), form)
    assert transport.sent == 1


@FORMS
@pytest.mark.parametrize("steps", [[CONNECT], [CONNECT, BEGUN], [CONNECT, BEGUN, WRITTEN], []])
def test_a_new_connection_that_breaks_is_retried_after_a_wait(form, steps, sleeps):
    transport = Breaking(steps)
    assert call(settings_over(transport, max_retries=1), form).text == "2"
    assert len(sleeps) == 1
    assert sleeps[0] > 0


@FORMS
def test_an_idle_connection_that_the_host_ends_costs_no_wait(form, sleeps):
    """The host reads the second request and closes, as with a keep-alive that ran out."""
    body = GOOD_STREAM if form in ("stream", "astream") else GOOD_REPLY
    good = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)

    def script(number):
        return ["close"] if number == 1 else [good]

    with RawServer(script) as server:
        settings = MiniMaxSettings(api_key="key", base_url=server.base_url, max_retries=1)
        request = settings.encode(USER, stream=form in ("stream", "astream"))

        async def both():
            for _ in range(2):
                assert (await settings.client.acomplete(request)).text == "2"

        if form.startswith("a"):
            asyncio.run(both())
        else:
            for _ in range(2):
                assert call(settings, form).text == "2"
        assert server.requests == [1, 1, 2]
    assert sleeps == [0]


def test_the_address_is_where_the_connection_goes():
    passage = Passage()
    passage.trace("connection.connect_tcp.started", {"host": "proxy.local", "port": 3128})
    passage.trace("connection.connect_tcp.complete", {"return_value": None})
    assert passage.address == ("proxy.local", 3128)
    assert not passage.was_reused
