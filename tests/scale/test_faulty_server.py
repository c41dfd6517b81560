"""The server of these tests, where it ends before its clients."""

from __future__ import annotations

import json
import socket
import time

from tests.scale.faulty_server import FaultyServer


def test_it_ends_its_open_connections_when_it_ends():
    body = json.dumps({"model": "m", "messages": [{"role": "user", "content": "prompt 1"}]})
    request = f"POST /v1 HTTP/1.1\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    with FaultyServer(faults=0.0, delay=(60.0, 60.0)) as server:
        port = int(server.base_url.split(":")[2].split("/")[0])
        client = socket.create_connection(("127.0.0.1", port), timeout=10)
        client.sendall(request.encode())
        while not server.in_flight:
            time.sleep(0.01)
    with client:
        assert client.recv(1) == b""
