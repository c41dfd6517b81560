"""`transport="aiohttp"` changes what carries async calls, and nothing that users see."""

from __future__ import annotations

import asyncio
import gc
import importlib.util
import socket
import threading
import weakref
from pathlib import Path

import aiohttp
import pytest
from yarl import URL

from mara_minimax import errors, fields
from mara_minimax.emulator import CannedReply
from mara_minimax.http_library import http_library
from mara_minimax.settings import MiniMaxSettings
from mara_minimax.transport import pools
from mara_minimax.transport.aiohttp_transport import AiohttpTransport, _library_error
from tests.core.calls import GOOD_REPLY, USAGE, USER, call, chunk, sse
from tests.core.raw_server import END, RawServer, events

LIBRARY = http_library()
ASYNC = pytest.mark.parametrize("form", ["acomplete", "astream"])


def over_aiohttp(base_url, **fields):
    given = {"api_key": "key-of-mine", "base_url": base_url, "max_retries": 1, **fields}
    return MiniMaxSettings(**given, transport="aiohttp")


def over_aiohttp_to(listener, **fields):
    return over_aiohttp(f"http://127.0.0.1:{listener.getsockname()[1]}/v1", max_retries=0, **fields)


def large_request(settings, form="acomplete"):
    """Return a request that no buffer between the two takes whole."""
    text = "x" * 20_000_000
    return settings.encode([{"role": "user", "content": text}], stream=form == "astream")


@pytest.fixture
def fresh_pools():
    """Pools read the proxy variables when they are made."""
    pools._forget_pools()
    yield
    pools._forget_pools()


async def test_the_transport_is_only_what_was_asked_for(emulator, monkeypatch):
    # As without `pytest --transport aiohttp`.
    monkeypatch.setitem(pools._ASYNC_OPTIONS, "httpx", pools._pool_options)
    for name, is_aiohttp in (("httpx", False), ("aiohttp", True)):
        settings = MiniMaxSettings(api_key="key", base_url=emulator.base_url, transport=name)
        await settings.client.acomplete(settings.encode(USER, stream=False))
        ((_, used),) = [
            pair for each in pools._loop_pools for pair in each.pools.items() if pair[0][0] == name
        ]
        assert isinstance(used._transport, AiohttpTransport) is is_aiohttp
    assert MiniMaxSettings(api_key="key").transport == "httpx"


def test_without_aiohttp_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setattr(fields, "find_spec", lambda name: None)
    with pytest.raises(errors.ParameterError, match=r"pip install 'mara-minimax\[fast\]'"):
        MiniMaxSettings(api_key="key", transport="aiohttp")
    assert importlib.util.find_spec("aiohttp") is not None


@ASYNC
def test_both_transports_send_the_same_request(form, emulator, settings):
    replies = [
        call(each, form)
        for each in (settings, over_aiohttp(emulator.base_url, api_key="key", max_retries=2))
    ]
    one, other = emulator.requests
    assert replies[0].text == replies[1].text
    assert one.headers == other.headers
    assert one.body == other.body


@ASYNC
def test_a_large_request_is_sent_in_one_piece_too(form, emulator):
    settings = over_aiohttp(emulator.base_url)
    text = "x" * 300_000
    request = settings.encode([{"role": "user", "content": text}], stream=form == "astream")

    async def main():
        return [delta async for delta in settings.client.astream(request)]

    assert asyncio.run(main())[-1].reply.text
    (sent,) = emulator.requests
    assert sent.body["messages"][0]["content"] == text
    assert "transfer-encoding" not in sent.headers


@ASYNC
@pytest.mark.timeout(30)
def test_a_host_that_does_not_take_the_request_is_a_timeout(form):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings = over_aiohttp_to(silent, timeout=0.3)
        request = large_request(settings, form)
        with pytest.raises(errors.APITimeoutError, match=r"did not take the request within 0\.3 s"):
            asyncio.run(settings.client.acomplete(request))


def open_files():
    return len(list(Path("/dev/fd").iterdir()))


@pytest.mark.timeout(30)
def test_a_host_that_does_not_take_requests_holds_no_connections():
    async def opened(settings):
        request = large_request(settings)
        counts = []
        for _ in range(2):
            with pytest.raises(errors.APITimeoutError):
                await settings.client.acomplete(request)
            await asyncio.sleep(0.05)
            counts.append(open_files())
        return counts

    with socket.create_server(("127.0.0.1", 0)) as silent:
        first, second = asyncio.run(opened(over_aiohttp_to(silent, timeout=0.3)))
    assert first == second


def answer_before_the_request_is_read(listener):
    connection, _ = listener.accept()
    with connection:
        received = connection.recv(1024)
        steps = [*events(sse(chunk(content="2"))), *list(events(sse(chunk("stop"))))[1:], END]
        for step in steps[:2]:
            connection.sendall(step)
        while not received.endswith(b"}"):
            received += connection.recv(1 << 16)
        for step in steps[2:]:
            connection.sendall(step)


@ASYNC
@pytest.mark.timeout(30)
def test_an_answer_that_begins_before_the_request_is_taken_is_read_to_its_end(form):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        settings = over_aiohttp_to(listener, timeout=20)
        request = large_request(settings, form)
        thread = threading.Thread(target=answer_before_the_request_is_read, args=(listener,))
        thread.start()
        assert asyncio.run(settings.client.acomplete(request)).text == "2"
        thread.join()


@ASYNC
def test_a_refused_connection_is_a_connection_error(form, sleeps):
    with RawServer(lambda _: []) as server:
        url = server.base_url
    with pytest.raises(
        errors.APIConnectionError, match="connection refused by 127.0.0.1"
    ) as caught:
        call(over_aiohttp(url), form)
    assert type(caught.value) is errors.APIConnectionError
    assert len(sleeps) == 1


@ASYNC
def test_a_host_that_is_silent_is_a_timeout(form):
    silence = pytest.raises(errors.APITimeoutError, match=r"nothing came from 127.0.0.1:.* 0.2 s")
    with RawServer(lambda _: ["hold"]) as server, silence:
        call(over_aiohttp(server.base_url, timeout=0.2, max_retries=0), form)


@ASYNC
def test_a_body_that_falls_silent_is_a_timeout_that_keeps_what_came(form):
    steps = [*events(sse(chunk(content="one "))), "hold"]
    silence = pytest.raises(errors.APITimeoutError, match=r"nothing came from 127.0.0.1:.* 0.3 s")
    with RawServer(lambda _: steps) as server, silence as caught:
        call(over_aiohttp(server.base_url, timeout=0.3, max_retries=0), form)
    assert caught.value.partial.text == "one "


@ASYNC
def test_only_the_wait_for_one_piece_is_limited(form):
    """The whole takes longer than the limit, each piece does not."""
    texts = [sse(chunk(content=text)) for text in "abcd"]
    slow = [step for text in texts for step in (*list(events(text))[1:], 0.4)]
    steps = [*list(events())[:1], *slow, *list(events(sse(chunk("stop"))))[1:], END]
    with RawServer(lambda _: steps) as server:
        assert call(over_aiohttp(server.base_url, timeout=1.0), form).text == "abcd"


async def test_the_time_that_a_reader_takes_is_not_the_hosts():
    steps = [*events(sse(chunk(content="one "))), 0.1]
    steps += [*list(events(sse(chunk("stop", content="two"))))[1:], END]
    with RawServer(lambda _: steps) as server:
        settings = over_aiohttp(server.base_url, timeout=0.5)
        texts = []
        async for delta in settings.client.astream(settings.encode(USER, stream=True)):
            texts.append(delta.text)
            await asyncio.sleep(0.8)
    assert "".join(texts) == "one two"


@ASYNC
def test_a_call_without_a_time_limit_gets_its_answer(form, emulator):
    settings = over_aiohttp(emulator.base_url, timeout=LIBRARY.Timeout(None))
    assert call(settings, form).text


async def test_an_event_is_given_out_when_it_comes():
    """Nothing is read ahead: the second event is sent after the first was received."""
    received = asyncio.Event()
    first, second = sse(chunk(content="one ")), sse(chunk("stop", content="two"))
    loop = asyncio.get_running_loop()

    def steps(_):
        yield from events(first)
        asyncio.run_coroutine_threadsafe(received.wait(), loop).result(20)
        yield from list(events(second))[1:]
        yield b"0\r\n\r\n"

    with RawServer(steps) as server:
        settings = over_aiohttp(server.base_url)
        texts = []
        async for delta in settings.client.astream(settings.encode(USER, stream=True)):
            texts.append(delta.text)
            received.set()
    assert "".join(texts) == "one two"


@ASYNC
@pytest.mark.parametrize("transport", ["httpx", "aiohttp"])
def test_a_body_that_a_patched_client_has_read_is_not_lost(
    form, transport, settings, emulator, monkeypatch
):
    """Instrumentation may patch `send`, also after this package was imported."""
    send = LIBRARY.AsyncClient.send

    async def send_and_read(self, *arguments, **options):
        response = await send(self, *arguments, **options)
        await response.aread()
        return response

    monkeypatch.setattr(LIBRARY.AsyncClient, "send", send_and_read)
    unread = settings if transport == "httpx" else over_aiohttp(emulator.base_url)
    reply = call(unread, form)
    assert "2" in reply.text
    assert len(emulator.requests) == 1


async def test_no_cookie_of_one_answer_is_sent_with_the_next_request(emulator):
    headers = {"set-cookie": "session=1", "content-type": "application/json"}
    settings = over_aiohttp(emulator.base_url)
    for _ in range(2):
        emulator.enqueue(CannedReply(headers=headers, chunks=[GOOD_REPLY]))
        await settings.client.acomplete(settings.encode(USER, stream=False))
    assert [request.headers.get("cookie") for request in emulator.requests] == [None, None]


async def test_an_idle_connection_that_the_host_ends_costs_no_wait(sleeps):
    good = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(GOOD_REPLY), GOOD_REPLY)
    with RawServer(lambda number: ["close"] if number == 1 else [good]) as server:
        settings = over_aiohttp(server.base_url)
        request = settings.encode(USER, stream=False)
        for _ in range(2):
            assert (await settings.client.acomplete(request)).text == "2"
        assert server.requests == [1, 1, 2]
    assert sleeps == [0]


@pytest.mark.usefixtures("fresh_pools")
def test_a_proxy_of_the_environment_is_used_with_its_password(monkeypatch, sleeps):
    refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
    with RawServer(lambda _: [refusal, "close"]) as proxy:
        address = proxy.base_url.removeprefix("http://").removesuffix("/v1")
        monkeypatch.setenv("https_proxy", f"someone:some-password@{address}")
        with pytest.raises(errors.APIConnectionError) as caught:
            call(over_aiohttp("https://api.minimax.invalid/v1"), "acomplete")
        assert len(proxy.requests) == 1
    assert f"the proxy {address} asks for a password." in str(caught.value)
    assert "some-password" not in f"{caught.value!r} {caught.value.__cause__!r}"
    assert sleeps == []


PROXIES = {
    ("https://api.minimax.io/v1", "http://proxy:1", ""): "http://proxy:1",
    ("https://api.minimax.io/v1", "proxy:1", ""): "http://proxy:1",
    ("https://api.minimax.io/v1", "http://proxy:1", "minimax.io"): None,
    ("https://api.minimax.io/v1", "", ""): None,
}


@pytest.mark.parametrize("given", PROXIES)
def test_proxy_variables_decide_as_the_standard_library_reads_them(given, monkeypatch):
    url, proxy, no_proxy = given
    for name, value in (("all_proxy", proxy), ("no_proxy", no_proxy)):
        monkeypatch.setenv(name, value)
    transport = AiohttpTransport(verify=None, trust_env=True, limit=1)
    expected = PROXIES[given]
    assert transport._proxy_for(URL(url)) == (URL(expected) if expected else None)
    assert AiohttpTransport(verify=None, trust_env=False, limit=1)._proxy_for(URL(url)) is None


@ASYNC
@pytest.mark.usefixtures("fresh_pools")
def test_a_socks_proxy_is_refused_by_its_kind_and_once(form, monkeypatch, sleeps, caplog):
    monkeypatch.setenv("https_proxy", "socks5://127.0.0.1:1080")
    with pytest.raises(errors.APIConnectionError, match="takes no proxy of this kind"):
        call(over_aiohttp("https://api.minimax.invalid/v1"), form)
    gc.collect()
    assert sleeps == []
    # aiohttp logs a session that nobody closed.
    assert caplog.messages == []


async def test_a_transport_that_sent_nothing_closes_all_the_same():
    await AiohttpTransport(verify=None, trust_env=False, limit=1).aclose()


async def test_a_request_without_our_extensions_is_sent_too(emulator):
    transport = AiohttpTransport(verify=None, trust_env=False, limit=1)
    async with LIBRARY.AsyncClient(transport=transport) as client:
        for _ in range(2):
            response = await client.get(f"{emulator.base_url}/models")
            assert response.status_code == 401
            assert response.json()


@pytest.mark.timeout(30)
async def test_a_body_that_never_ends_is_let_go_and_a_left_one_is_closed():
    text, last = sse(chunk(content="2")), sse(chunk("stop"), USAGE)
    with RawServer(lambda _: [*events(text, last), "hold"]) as server:
        settings = over_aiohttp(server.base_url)
        request = settings.encode(USER, stream=True)
        assert (await settings.client.acomplete(request)).text == "2"
        left = settings.client.astream(request)
        assert (await anext(left)).text == "2"
        await left.aclose()
        assert server.requests == [1, 2]


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_loop_that_nobody_closes_is_collected_without_a_word(emulator, caplog):
    settings = over_aiohttp(emulator.base_url)
    loop = asyncio.new_event_loop()
    request = settings.encode(USER, stream=False)
    assert loop.run_until_complete(settings.client.acomplete(request)).text
    gone = weakref.ref(loop)
    del loop
    gc.collect()
    assert gone() is None
    assert "Unclosed" not in caplog.text


ERRORS = {
    aiohttp.ConnectionTimeoutError("x"): LIBRARY.ConnectTimeout,
    aiohttp.SocketTimeoutError("x"): LIBRARY.ReadTimeout,
    aiohttp.ServerDisconnectedError(): LIBRARY.RemoteProtocolError,
    aiohttp.ClientPayloadError("cut"): LIBRARY.RemoteProtocolError,
    aiohttp.ClientResponseError(None, ()): LIBRARY.RemoteProtocolError,
    aiohttp.ClientConnectionResetError("closing"): LIBRARY.ReadError,
    aiohttp.ClientConnectionError("closed"): LIBRARY.ReadError,
    ConnectionResetError("reset"): LIBRARY.ReadError,
}


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_an_error_of_aiohttp_is_the_http_librarys_of_the_same_meaning(error):
    assert type(_library_error(error)) is ERRORS[error]
