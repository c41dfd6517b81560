"""Ways in which a call fails, each with a host or an address that makes it so."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.secrets.canary import CALL_AUTHORIZATION, CALL_HEADER, KEY, TEAM_HEADER
from tests.secrets.host import Answer, Host, Received

ECHO = f"no: {KEY} {TEAM_HEADER} {CALL_HEADER} {CALL_AUTHORIZATION}"


ECHOING_HEADERS = {"x-echo": ECHO, "set-cookie": f"s={KEY}"}


def _echo(status: int, body: Any, **headers: str) -> Any:
    kind = {"content-type": "application/json"}
    return lambda received: Answer(status, {**kind, **headers}, json.dumps(body).encode())


ECHOED = {"error": {"message": ECHO, "code": KEY, "param": KEY, "type": KEY}, "request_id": KEY}
CODED = {"choices": None, "base_resp": {"status_code": 1004, "status_msg": ECHO}, "id": KEY}


def _cut(received: Received) -> Answer:
    event = {"choices": [{"index": 0, "delta": {"content": "2"}}]}
    return Answer(200, {"content-type": "text/event-stream"}, f"data: {event}\n\n".encode())


@contextmanager
def _answering(answer: Any) -> Iterator[dict[str, Any]]:
    with Host(answer) as host:
        yield {"base_url": host.base_url}


@contextmanager
def _refused() -> Iterator[dict[str, Any]]:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        yield {"base_url": f"http://127.0.0.1:{unused.getsockname()[1]}/v1"}


@contextmanager
def _silent() -> Iterator[dict[str, Any]]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        yield {"base_url": url, "timeout": 0.2}


@contextmanager
def _no_http() -> Iterator[dict[str, Any]]:
    with Host() as host:
        yield {"base_url": host.base_url.replace("http://", "https://")}


FAILURES: dict[str, Any] = {
    "status 400 that repeats the key": lambda: _answering(_echo(400, ECHOED, **ECHOING_HEADERS)),
    "status 401 that repeats the key": lambda: _answering(_echo(401, ECHOED)),
    "status 500 of text": lambda: _answering(lambda r: Answer(500, {}, ECHO.encode())),
    "code inside HTTP 200": lambda: _answering(_echo(200, CODED)),
    "no choices": lambda: _answering(_echo(200, {"oops": ECHO})),
    "no JSON": lambda: _answering(lambda r: Answer(200, {}, ECHO.encode())),
    "events that are no JSON": lambda: _answering(_cut),
    "redirect": lambda: _answering(
        lambda r: Answer(307, {"location": f"https://u:{KEY}@h.invalid/v1?key={KEY}"})
    ),
    "connection refused": _refused,
    "timeout": _silent,
    "TLS with a host that has none": _no_http,
}
