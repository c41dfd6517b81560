"""The table of failures is well-formed, and its server sends what a row says."""

from __future__ import annotations

import json
import socket

import httpx
import pytest

from mara_minimax.emulator.faults import FAULTS, GROUPS, FaultServer, RawAnswer, good_stream
from mara_minimax.emulator.faults.bodies import http

ASKED = {"messages": []}


@pytest.fixture
def server():
    with FaultServer() as server:
        yield server


def post(server: FaultServer) -> httpx.Response:
    return httpx.post(f"{server.base_url}/chat/completions", json=ASKED, timeout=5)


def test_every_row_has_a_name_of_its_own():
    assert len(FAULTS) == sum(map(len, GROUPS.values()))


def test_every_row_says_something_of_its_own():
    said = [fault.what for fault in FAULTS.values()]
    assert len(set(said)) == len(said)


@pytest.mark.parametrize("fault", FAULTS.values(), ids=lambda fault: fault.name)
def test_a_row_is_retried_twice_or_not_at_all(fault):
    assert {fault.plain_ending.requests, fault.stream_ending.requests} <= {1, 3}


def test_requests_are_recorded_and_answered_on_one_connection(server):
    server.play(lambda body: http(json.dumps(body).encode()))
    with httpx.Client() as client:
        for _ in range(2):
            reply = client.post(f"{server.base_url}/chat/completions", json=ASKED)
            assert reply.json() == ASKED
    assert server.bodies == [ASKED, ASKED]
    assert server.connections == 1


def test_a_chunked_answer_is_whole(server):
    server.play(lambda _: good_stream("4"))
    assert post(server).text.endswith("data: [DONE]\n\n")


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (RawAnswer(end="close"), httpx.RemoteProtocolError),
        (RawAnswer(end="reset"), httpx.ReadError),
        (http(b"ab", length=3, end="close"), httpx.RemoteProtocolError),
        (http(b"ab", framing="chunked", end="close"), httpx.RemoteProtocolError),
        (RawAnswer(b"hello\r\n\r\n", "close"), httpx.RemoteProtocolError),
    ],
)
def test_broken_answers_are_broken(server, answer, kind):
    server.play(lambda _: answer)
    with pytest.raises(kind):
        post(server)


@pytest.mark.parametrize("end", ["hold", "repeat"])
def test_an_answer_without_end_ends_with_the_client(server, end):
    server.play(lambda _: http(b"a", framing="chunked", end=end, tail=b"b"))
    with (
        httpx.stream("POST", server.base_url, json=ASKED) as reply,
    ):
        assert next(reply.iter_raw(1)) == b"a"
    server.play(lambda _: http(b"next"))
    assert post(server).text == "next"


def test_a_greeting_of_tls_is_answered_in_plain_text(server):
    server.play(lambda _: RawAnswer(b"HTTP/1.1 400 Bad Request\r\n\r\n", "close"))
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as client:
        client.sendall(b"\x16\x03\x01\x00\x05hello")
        assert client.recv(100).startswith(b"HTTP/1.1 400")
