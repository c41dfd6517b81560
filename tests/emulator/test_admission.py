"""Who may ask and how much: this machine alone, and bodies of at most 64 MiB."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator

import pytest

from mara_minimax.emulator import Emulator

LIMIT = 64 * 1024 * 1024
PIECE = b" " * (1024 * 1024)


def exchange(emulator: Emulator, head: str, *body: bytes) -> tuple[int, dict]:
    """Send bytes as they are; the status and the JSON of the answer."""
    port = int(emulator.base_url.split(":")[2].split("/")[0])
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(head.replace("\n", "\r\n").encode() + b"\r\n\r\n")
        for piece in body:
            connection.sendall(piece)
        reply = b""
        while not reply.partition(b"\r\n\r\n")[2].endswith(b"}"):
            received = connection.recv(65_536)
            assert received, reply
            reply += received
    head, _, payload = reply.decode().partition("\r\n\r\n")
    return int(head.split()[1]), json.loads(payload)


def ask(emulator: Emulator, host: str) -> tuple[int, dict]:
    return exchange(
        emulator, f"GET /v1/models HTTP/1.1\nHost: {host}\nAuthorization: Bearer some-key"
    )


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.1:8080", "localhost", "LocalHost:1", "[::1]:8080", "127.9.9.9"]
)
def test_hosts_of_this_machine_are_served(minimax, host):
    status, body = ask(minimax.emulator, host)
    assert (status, body["object"]) == (200, "list")


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8080", "127.0.0.1.evil.example", "localhost.evil.example",
     "192.168.0.7", "[::2]:80", "0.0.0.0", "::1", ""],
)  # fmt: skip
def test_other_hosts_are_refused_by_name(any_provider, host):
    status, body = ask(any_provider.emulator, host)
    assert status == 403
    message = body["error"]["message"]
    assert message.startswith("The emulator serves this machine alone and refuses the host")
    assert repr(host) in message


def test_a_chat_request_for_another_host_is_refused_before_it_is_read(minimax):
    head = "POST /v1/chat/completions HTTP/1.1\nHost: evil.example\nContent-Length: 2"
    status, body = exchange(minimax.emulator, head, b"{}")
    assert (status, body["error"]["type"]) == (403, "bad_request_error")
    (record,) = minimax.emulator.requests
    assert (record.status, record.body) == (403, None)


def test_a_request_without_host_is_refused(minimax):
    status, _ = exchange(minimax.emulator, "GET /v1/models HTTP/1.0\nConnection: close")
    assert status == 403


def test_it_does_not_listen_beyond_this_machine(minimax):
    port = int(minimax.emulator.base_url.split(":")[2].split("/")[0])
    # A server of all addresses would take this one too.
    with pytest.raises(OSError):  # noqa: PT011 - refused, or without a route
        socket.create_connection(("127.0.0.2", port), timeout=5)


REFUSED = {
    "minimax": ("bad_request_error", "invalid params, request body exceeds 64 MB (2013)"),
    "mara": ("invalid_request_error", "The request body is larger than 64 MiB."),
    "llmprovider": ("invalid_request_error", "The request body is larger than 64 MiB."),
}


def head(*fields: str) -> str:
    lines = ["POST /v1/chat/completions HTTP/1.1", "Host: localhost", *fields]
    return "\n".join([*lines, "Authorization: Bearer some-key"])


def chunks(count: int) -> Iterator[bytes]:
    for _ in range(count):
        yield b"%x\r\n%b\r\n" % (len(PIECE), PIECE)
    yield b"1\r\n \r\n0\r\n\r\n"


def test_a_body_that_is_said_to_be_too_large_is_refused_at_once(any_provider):
    status, body = exchange(any_provider.emulator, head(f"Content-Length: {LIMIT + 1}"))
    kind, message = REFUSED[any_provider.emulator.provider]
    assert (status, body["error"]["type"], body["error"]["message"]) == (413, kind, message)
    (record,) = any_provider.emulator.requests
    assert (record.status, record.body) == (413, None)


def test_a_chunked_body_is_refused_as_soon_as_it_is_too_large(minimax):
    pieces = chunks(LIMIT // len(PIECE))
    status, body = exchange(minimax.emulator, head("Transfer-Encoding: chunked"), *pieces)
    assert (status, body["error"]["message"]) == (413, REFUSED["minimax"][1])


def test_a_body_of_the_largest_size_is_read(minimax):
    body = json.dumps(minimax.body("What is 6 * 7?")).encode()
    body += b" " * (LIMIT - len(body))
    reply = minimax.http.post("/chat/completions", content=body)
    assert reply.status_code == 200


@pytest.mark.parametrize("too_large", [False, True])
def test_the_connection_serves_the_next_request(minimax, too_large):
    body = b" " * (LIMIT + 1) if too_large else b"{}"
    assert minimax.http.post("/chat/completions", content=body).status_code == 400 + 13 * too_large
    assert minimax.post().status_code == 200


def test_a_chunked_body_that_fits_is_read(minimax):
    raw = json.dumps(minimax.body("What is 6 * 7?")).encode()
    reply = minimax.http.post("/chat/completions", content=iter([raw[:9], raw[9:]]))
    assert "content-length" not in reply.request.headers
    assert reply.status_code == 200
