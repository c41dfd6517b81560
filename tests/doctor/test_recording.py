"""What passes through the client is kept as it came, without what must not be kept."""

from __future__ import annotations

import gzip
import json

import pytest

from mara_minimax import limits
from mara_minimax.doctor.probe import Probe
from mara_minimax.doctor.recording import RecordingClient
from mara_minimax.emulator import CannedReply
from mara_minimax.http_library import http_library
from mara_minimax.secrets.redaction import long_secrets
from mara_minimax.settings import MiniMaxSettings

http = http_library()
KEY = "sk-9f3a71c2-not-for-your-eyes"


@pytest.fixture
def exchanges():
    return []


@pytest.fixture
def recording(exchanges):
    """A recording client around an HTTP client whose answers a handler gives."""

    def wrap(handler, after_piece=lambda _: None, secrets=(KEY,)):
        client = http.Client(transport=http.MockTransport(handler))
        return RecordingClient(client, exchanges, secrets, after_piece)

    return wrap


def send(client):
    headers = {"Authorization": f"Bearer {KEY}"}
    request = client.build_request("POST", "https://x/v1/chat", content=b"{}", headers=headers)
    return client.send(request, stream=True)


def test_the_reader_gets_the_answer_as_it_is(recording):
    answer = {"headers": {"x-id": "7"}, "content": iter([b"Hel", b"lo."])}
    client = recording(lambda _: http.Response(201, **answer))
    response = send(client)
    assert (response.status_code, response.headers["x-id"]) == (201, "7")
    assert response.read() == b"Hello."


def test_the_answer_is_kept(recording, exchanges):
    send(recording(lambda _: http.Response(201, content=iter([b"Hello."])))).read()
    (exchange,) = exchanges
    assert exchange.status == 201
    assert exchange.body == b"Hello."
    assert exchange.read_to_end
    assert exchange.failure is None


def test_an_answer_that_a_hook_of_the_client_has_read_is_kept(recording, exchanges):
    response = send(recording(lambda _: http.Response(200, content=b"Hello.")))
    assert response.read() == exchanges[0].body == b"Hello."
    assert exchanges[0].read_to_end


@pytest.mark.parametrize(
    "pieces",
    [[f"Key {KEY}!".encode()], [b"Key sk-9f3a71c", f"2{KEY[11:]}!".encode()]],
    ids=["whole", "cut"],
)
def test_a_key_that_is_repeated_is_not_kept(pieces, recording, exchanges):
    client = recording(lambda _: http.Response(200, content=iter(pieces)))
    assert KEY in send(client).read().decode()
    assert exchanges[0].body == b"Key [redacted]!"
    assert KEY not in repr(exchanges)


def test_bytes_that_are_no_text_are_kept_as_they_came(recording, exchanges):
    send(recording(lambda _: http.Response(200, content=iter([b"\xff\x00\n"])))).read()
    assert exchanges[0].body == b"\xff\x00\n"


def test_a_key_of_few_letters_is_left_in_the_words_that_hold_it(recording, exchanges):
    client = recording(
        lambda _: http.Response(200, content=iter([b"Hello."])), secrets=long_secrets("l")
    )
    send(client).read()
    assert exchanges[0].body == b"Hello."


def test_a_compressed_body_is_kept_decoded_so_that_a_key_is_found_in_it(recording, exchanges):
    body = gzip.compress(f"Key {KEY}!".encode())
    headers = {"content-encoding": "gzip"}
    client = recording(lambda _: http.Response(200, headers=headers, content=iter([body])))
    send(client).read()
    assert exchanges[0].body == b"Key [redacted]!"


def test_a_body_that_is_not_compressed_as_it_says_is_not_kept(recording, exchanges):
    headers = {"content-encoding": "gzip"}
    client = recording(lambda _: http.Response(200, headers=headers, content=iter([b"Hello."])))
    response = send(client)
    with pytest.raises(http.DecodingError):
        response.read()
    response.close()
    assert exchanges[0].status == 200
    assert exchanges[0].body == b""


def test_a_body_that_the_reader_leaves_is_kept_as_far_as_it_was_read(recording, exchanges):
    client = recording(lambda _: http.Response(200, content=iter([b"Hel", b"lo."])))
    response = send(client)
    assert next(response.iter_bytes()) == b"Hel"
    response.close()
    assert exchanges[0].body == b"Hel"
    assert not exchanges[0].read_to_end


def test_what_breaks_the_reading_off_is_kept_and_raised(recording, exchanges):
    def body():
        yield b"Hel"
        raise http.ReadError("reset")

    response = send(recording(lambda _: http.Response(200, content=body())))
    with pytest.raises(http.ReadError, match="reset"):
        response.read()
    response.close()
    (exchange,) = exchanges
    assert exchange.failure is http.ReadError
    assert exchange.body == b"Hel"
    assert not exchange.read_to_end


def test_a_request_that_nothing_answers_is_kept(recording, exchanges):
    def refuse(_):
        raise http.ConnectError("refused")

    with pytest.raises(http.ConnectError):
        send(recording(refuse))
    assert (exchanges[0].status, exchanges[0].body) == (None, b"")


def test_the_caller_can_end_the_reading_after_each_piece(recording, exchanges):
    def stop(exchange):
        raise InterruptedError

    client = recording(lambda _: http.Response(200, content=iter([b"Hel", b"lo."])), stop)
    response = send(client)
    with pytest.raises(InterruptedError):
        response.read()
    response.close()
    assert exchanges[0].failure is InterruptedError
    assert exchanges[0].body == b"Hel"


def test_a_probe_keeps_what_passed_between_the_library_and_the_host(server, monkeypatch):
    monkeypatch.setenv("MINIMAX_API_KEY", KEY)
    message = {"role": "assistant", "content": f"Your key is {KEY}."}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    server.enqueue(CannedReply.json({"choices": [choice]}))
    probe = Probe(MiniMaxSettings(base_url=server.base_url), 20)
    answer = probe.ask([{"role": "user", "content": "Hello"}])
    (exchange,) = probe.exchanges
    assert KEY in answer.reply.text
    kept = json.loads(exchange.body)
    assert kept["choices"][0]["message"]["content"] == "Your key is [redacted]."
    assert KEY not in repr(probe.exchanges)


def test_no_more_is_kept_than_an_answer_may_have(recording, exchanges, monkeypatch):
    monkeypatch.setattr(limits, "MAX_ANSWER_BYTES", 8)
    pieces = [b"12345", b"67890", b"more"]
    response = send(recording(lambda _: http.Response(200, content=iter(pieces))))
    assert response.read() == b"1234567890more"
    assert exchanges[0].body == b"1234567890"


def test_a_compression_that_nobody_asked_for_is_not_kept(recording, exchanges):
    answer = {"headers": {"content-encoding": "br"}, "content": iter([b"\x0b\x02\x80"])}
    response = send(recording(lambda _: http.Response(200, **answer)))
    assert b"".join(response.iter_raw()) == b"\x0b\x02\x80"
    assert exchanges[0].body == b""
