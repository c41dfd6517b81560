"""The connection of a reply that is whole: let go when silent, and given back when it ends."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from itertools import chain, cycle

import openai
import pytest
import trustme

from mara_minimax.http_library import http_library
from mara_minimax.settings import MiniMaxSettings
from mara_minimax.transport.silence import SilenceLimit
from tests.core.calls import FORMS, GOOD_REPLY, USAGE, call, chunk, sse
from tests.core.raw_server import END, RawServer, chunked, events

TEXT = sse(chunk(content="2"))
FINISH = sse(chunk("stop"))
USAGE_ALONE = sse(USAGE)
DONE = b"data: [DONE]\n\n"
SUMMARY = sse(
    {
        "id": "r",
        "choices": [{"message": {"content": "2"}, "finish_reason": "stop"}],
        "usage": USAGE["usage"],
    }
)
FIRST_USAGE = {"prompt_tokens": 1, "completion_tokens": 9, "total_tokens": 10}
FINISH_WITH_USAGE = sse({**chunk("stop"), "usage": FIRST_USAGE})


def settings_for(server, **fields):
    return MiniMaxSettings(api_key="key", base_url=server.base_url, max_retries=0, **fields)


ENDLESS = {
    "done": [TEXT, FINISH, DONE],
    "usage": [TEXT, FINISH, USAGE_ALONE],
    "summary": [TEXT, FINISH, SUMMARY],
    "finish": [TEXT, FINISH],
}


@FORMS
@pytest.mark.parametrize("pieces", ENDLESS.values(), ids=ENDLESS)
@pytest.mark.timeout(30)
def test_a_whole_reply_does_not_wait_for_a_body_that_never_ends(form, pieces):
    with RawServer(lambda _: [*events(*pieces), "hold"]) as server:
        assert call(settings_for(server), form).text == "2"
        assert server.requests == [1]


JSON_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNKED_JSON = JSON_HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
ENDLESS_DOCUMENTS = {
    "chunked": [CHUNKED_JSON, chunked(GOOD_REPLY)],
    "until-close": [JSON_HEAD + b"\r\n", GOOD_REPLY],
    "in-two": [CHUNKED_JSON, chunked(GOOD_REPLY[:20]), 0.1, chunked(GOOD_REPLY[20:])],
    "line-break": [CHUNKED_JSON, chunked(GOOD_REPLY), 0.1, chunked(b"\r\n")],
}


@FORMS
@pytest.mark.parametrize("steps", ENDLESS_DOCUMENTS.values(), ids=ENDLESS_DOCUMENTS)
@pytest.mark.timeout(30)
def test_a_whole_document_does_not_wait_for_a_body_that_never_ends(form, steps):
    with RawServer(lambda _: [*steps, "hold"]) as server:
        assert call(settings_for(server), form).text == "2"
        assert server.requests == [1]


@FORMS
def test_a_document_that_pauses_after_a_bracket_is_read_to_its_end(form):
    at = GOOD_REPLY.index(b"}") + 1
    steps = [CHUNKED_JSON, chunked(GOOD_REPLY[:at]), 1.5, chunked(GOOD_REPLY[at:]), END]
    with RawServer(lambda _: steps) as server:
        assert call(settings_for(server), form).text == "2"
        assert server.requests == [1]


KEEPS_OPEN = {
    "comments": b": ping\n\n",
    "blank lines": b"\n",
    "empty events": b"data: {}\n\n",
    "no choices": sse({"id": "r", "choices": []}),
    "empty deltas": sse(chunk()),
}


def keep_open(begin, piece):
    """Return the steps of a body that goes on saying nothing."""
    return chain(begin, cycle([0.05, chunked(piece)]))


@FORMS
@pytest.mark.parametrize("piece", KEEPS_OPEN.values(), ids=KEEPS_OPEN)
@pytest.mark.timeout(30)
def test_what_keeps_a_body_open_behind_the_finish_is_not_waited_for(form, piece):
    with RawServer(lambda _: keep_open(events(TEXT, FINISH), piece)) as server:
        assert call(settings_for(server), form).text == "2"
        assert server.requests == [1]


@FORMS
@pytest.mark.timeout(30)
def test_what_keeps_a_body_open_behind_the_last_event_is_not_waited_for(form):
    with RawServer(lambda _: keep_open(events(TEXT, FINISH, DONE), b": ping\n\n")) as server:
        assert call(settings_for(server), form).text == "2"
        assert server.requests == [1]


@FORMS
@pytest.mark.timeout(30)
def test_blanks_that_keep_a_document_open_are_not_waited_for(form):
    begin = [CHUNKED_JSON, chunked(GOOD_REPLY)]
    with RawServer(lambda _: keep_open(begin, b" \n")) as server:
        assert call(settings_for(server), form).text == "2"
        assert server.requests == [1]


@FORMS
def test_text_that_follows_the_finish_is_waited_for_anew(form):
    later = [step for piece in (TEXT, TEXT, TEXT) for step in (0.6, chunked(piece))]
    with RawServer(lambda _: [*events(TEXT, FINISH), *later, "hold"]) as server:
        assert call(settings_for(server), form).text == "2222"
        assert server.requests == [1]


class SocketlessStream(http_library().SyncByteStream, http_library().AsyncByteStream):
    """A body that never ends."""

    def __init__(self, pieces):
        self._pieces = pieces

    def __iter__(self):
        yield from self._pieces
        pytest.fail("read on")

    async def __aiter__(self):
        for piece in self._pieces:
            yield piece
        await asyncio.Event().wait()


@FORMS
@pytest.mark.parametrize("last", [DONE, USAGE_ALONE, SUMMARY])
@pytest.mark.timeout(30)
def test_a_whole_reply_ends_the_reading_where_no_socket_is_told(form, last):
    library = http_library()
    transport = library.MockTransport(
        lambda _: library.Response(200, stream=SocketlessStream([TEXT, FINISH, last]))
    )
    settings = MiniMaxSettings(
        api_key="key",
        http_client=library.Client(transport=transport),
        http_async_client=library.AsyncClient(transport=transport),
    )
    assert call(settings, form).text == "2"


class SharedBody(SocketlessStream):
    """A body that fails where somebody reads on behind its last piece."""

    async def __aiter__(self):
        for piece in self._pieces:
            yield piece
        pytest.fail("read on")


@pytest.mark.parametrize("form", ["acomplete", "astream"])
def test_a_connection_that_others_share_is_not_read_on_behind_a_whole_reply(form):
    library = http_library()
    transport = library.MockTransport(
        lambda _: library.Response(
            200,
            stream=SharedBody([TEXT, FINISH, DONE]),
            extensions={"http_version": b"HTTP/2"},
        )
    )
    client = library.AsyncClient(transport=transport)
    assert call(MiniMaxSettings(api_key="key", http_async_client=client), form).text == "2"


@FORMS
@pytest.mark.parametrize("first", [FINISH, FINISH_WITH_USAGE])
def test_usage_that_comes_within_a_second_of_the_finish_is_kept(form, first):
    with RawServer(
        lambda _: [*events(TEXT, first), 0.4, *list(events(USAGE_ALONE))[1:], "hold"]
    ) as server:
        reply = call(settings_for(server), form)
    assert reply.usage.total_tokens == 2


async def test_usage_that_came_while_the_loop_was_busy_is_kept():
    """The second is over when the loop looks, and what came in it is waiting to be read."""
    with RawServer(
        lambda _: [*events(TEXT, FINISH), 0.3, *list(events(USAGE_ALONE))[1:], "hold"]
    ) as server:
        settings = settings_for(server)
        stream = settings.client.astream(
            settings.encode([{"role": "user", "content": "Hi"}], stream=True)
        )
        deltas = [await anext(stream)]
        rest = asyncio.ensure_future(_rest(stream))
        await asyncio.sleep(0.1)
        await asyncio.to_thread(lambda: None)
        _block(1.5)
        deltas += await rest
    assert deltas[-1].reply.usage.total_tokens == 2


def _block(seconds):
    """Keep the thread busy as a slow step of a program does."""
    import time

    time.sleep(seconds)


async def _rest(stream):
    return [delta async for delta in stream]


@pytest.mark.parametrize("form", ["complete", "stream"])
def test_a_process_at_its_limit_of_threads_gets_its_answer(form, monkeypatch):
    def refuse(_):
        raise RuntimeError("can't start new thread")

    with RawServer(lambda _: [*events(TEXT, FINISH), 0.1, END]) as server:
        call(settings_for(server), form)
        monkeypatch.setattr(threading.Timer, "start", refuse)
        assert call(settings_for(server), form).text == "2"


@FORMS
@pytest.mark.parametrize("last", [DONE, USAGE_ALONE])
def test_a_body_that_ends_gives_its_connection_to_the_next_call(form, last):
    steps = [*events(TEXT, FINISH, last), END]
    with RawServer(lambda _: steps) as server:
        settings = settings_for(server)

        async def both():
            for _ in range(2):
                request = settings.encode([{"role": "user", "content": "Hi"}], stream=True)
                assert (await settings.client.acomplete(request)).text == "2"

        if form.startswith("a"):
            asyncio.run(both())
        else:
            for _ in range(2):
                assert call(settings, form).text == "2"
        assert server.requests == [1, 1]


@pytest.mark.parametrize("last", [DONE, USAGE_ALONE])
def test_a_body_that_ends_gives_back_a_connection_that_tells_no_socket(last):
    async def twice(url):
        async with openai.DefaultAioHttpClient() as client:
            settings = MiniMaxSettings(api_key="key", base_url=url, http_async_client=client)
            request = settings.encode([{"role": "user", "content": "Hi"}], stream=True)
            for _ in range(2):
                assert (await settings.client.acomplete(request)).text == "2"

    ping = chunked(b": ping\n\n")
    with RawServer(lambda _: [*events(TEXT, FINISH, last), 0.005, ping, END]) as server:
        asyncio.run(twice(server.base_url))
        assert server.requests == [1, 1]


@pytest.mark.parametrize("form", ["stream", "astream"])
@pytest.mark.timeout(30)
def test_a_silent_connection_with_tls_is_let_go_too(form):
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    library = http_library()
    with RawServer(lambda _: [*events(TEXT, FINISH), "hold"], context) as server:
        own = {
            "http_client": library.Client(verify=trusting),
            "http_async_client": library.AsyncClient(verify=trusting),
        }
        assert call(settings_for(server, **own), form).text == "2"


def test_a_response_without_a_socket_is_not_limited():
    response = http_library().Response(200)
    limit = SilenceLimit(response, lambda *_: pytest.fail("nothing to limit"), bool)
    limit.begin(1.0, anew=True)
    limit.end()


class SharedStream:
    """The stream of a connection that carries other replies too."""

    def get_extra_info(self, name):
        pytest.fail(f"{name} of a connection that others read from")


def test_a_connection_that_others_share_is_not_limited():
    extensions = {"network_stream": SharedStream(), "http_version": b"HTTP/2"}
    response = http_library().Response(200, extensions=extensions)
    limit = SilenceLimit(response, lambda *_: pytest.fail("nothing to limit"), bool)
    limit.begin(1.0, anew=True)
    limit.end()


class ClosedStream:
    """The stream of a connection that was closed meanwhile."""

    def get_extra_info(self, name):
        assert name == "socket"
        with socket.socket() as closed:
            pass
        return closed


def test_a_connection_that_is_closed_already_is_not_limited():
    response = http_library().Response(200, extensions={"network_stream": ClosedStream()})
    limit = SilenceLimit(response, lambda *_: pytest.fail("nothing to limit"), bool)
    limit.begin(1.0, anew=True)
    limit.end()


def test_a_timer_that_rings_after_the_end_does_nothing():
    acts = []
    one, other = socket.socketpair()
    with one, other:
        stream = type("Stream", (), {"get_extra_info": lambda self, name: one})()
        response = http_library().Response(200, extensions={"network_stream": stream})

        class Timer:
            def cancel(self):
                """Too late."""

        limit = SilenceLimit(
            response, lambda seconds, act: acts.append(act) or Timer(), lambda: True
        )
        limit.begin(1.0, anew=True)
        limit.end()
        limit.end()
        acts[0]()
        other.sendall(b"x")
        assert one.recv(1) == b"x"
