"""Ways in which a call fails, each with a host or an address that makes it so."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from tests.secrets.canary import CALL_AUTHORIZATION, CALL_HEADER, KEY, TEAM_HEADER
from tests.secrets.host import Answer, Host, Received

ECHO = f"no: {KEY} {TEAM_HEADER} {CALL_HEADER} {CALL_AUTHORIZATION}"


ECHOING_HEADERS = {"x-echo": ECHO, "set-cookie": f"s={KEY}"}


def _echo(status: int, body: Any, **headers: str) -> Any:
    kind = {"content-type": "application/json"}
    return lambda received: Answer(status, {**kind, **headers}, json.dumps(body).encode())


ECHOED = {"error": {"message": ECHO, "code": KEY, "param": KEY, "type": KEY}, "request_id": KEY}
CODED = {"choices": None, "base_resp": {"status_code": 1004, "status_msg": ECHO}, "id": KEY}


NESTED = b'{"error": {"message": "%s", "x": %s%s}}' % (ECHO.encode(), b"[" * 700, b"]" * 700)
"""Too deep for a walk by recursion, and flat enough for the json module."""


def _nested_event(received: Received) -> Answer:
    return Answer(200, {"content-type": "text/event-stream"}, b"data: " + NESTED + b"\n\n")


def _escaped(text: str) -> str:
    return re.sub(r"[^\w ]|[0-9A-Z]", lambda found: f"\\u{ord(found[0]):04x}", text)


ESCAPED = f'{{"error": {{"message": "{_escaped(ECHO)}", "code": "{_escaped(KEY)}"}}}}'


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
    "a nested error": lambda: _answering(lambda r: Answer(401, {}, NESTED)),
    "a nested answer": lambda: _answering(lambda r: Answer(200, {}, NESTED)),
    "a nested event": lambda: _answering(_nested_event),
    "a key in escapes": lambda: _answering(lambda r: Answer(400, {}, ESCAPED.encode())),
    "a key in escapes inside HTTP 200": lambda: _answering(
        lambda r: Answer(200, {}, ESCAPED.encode())
    ),
    "a key in escapes in broken JSON": lambda: _answering(
        lambda r: Answer(400, {}, ESCAPED.encode()[:-1])
    ),
    "a key in UTF-16": lambda: _answering(
        lambda r: Answer(400, {}, json.dumps(ECHOED).encode("utf-16"))
    ),
    "a key in a URL": lambda: _answering(
        _echo(400, {"error": {"message": quote(ECHO)}}, **{"x-echo": quote(ECHO)})
    ),
    "a key in another case": lambda: _answering(
        _echo(400, {"error": {"message": ECHO.upper()}}, **{"x-echo": ECHO.lower()})
    ),
    "redirect": lambda: _answering(
        lambda r: Answer(307, {"location": f"https://u:{KEY}@h.invalid/v1?key={KEY}"})
    ),
    "connection refused": _refused,
    "timeout": _silent,
    "TLS with a host that has none": _no_http,
}
