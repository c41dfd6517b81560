"""A host on loopback that keeps every request as it arrived, its key included."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

CHOICE = {"index": 0, "message": {"role": "assistant", "content": "2"}, "finish_reason": "stop"}
REPLY = {"id": "r", "model": "m", "choices": [CHOICE]}
EVENTS = (
    {"id": "r", "choices": [{"index": 0, "delta": {"role": "assistant", "content": "2"}}]},
    {"id": "r", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
)


@dataclass
class Received:
    """One request, as it arrived."""

    line: str
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        return next((v for n, v in self.headers if n.lower() == name.lower()), None)


@dataclass
class Answer:
    """What the host answers instead of a chat reply."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


class Host:
    """Answers chat requests with `2`, or with what `answer` returns."""

    def __init__(self, answer: Callable[[Received], Answer | None] = lambda _: None) -> None:
        self.received: list[Received] = []
        self.answer = answer
        host = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                received = Received(self.requestline, list(self.headers.items()), body)
                host.received.append(received)
                answer = host.answer(received) or _chat(received)
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

            do_GET = do_POST

            def log_message(self, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.base_url = f"http://127.0.0.1:{self.port}/v1"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.005,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def _chat(received: Received) -> Answer:
    body = json.loads(received.body or b"{}")
    if body.get("stream"):
        events = "".join(f"data: {json.dumps(event)}\n\n" for event in EVENTS)
        stream = {"content-type": "text/event-stream"}
        return Answer(200, stream, (events + "data: [DONE]\n\n").encode())
    return Answer(200, {"content-type": "application/json"}, json.dumps(REPLY).encode())
