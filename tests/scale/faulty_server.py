"""A provider on the loopback that fails a share of its requests, and remembers all of them.

It streams `answer to N: 3N` for `prompt N`. `FaultyServer` runs in a thread of the test, so
that what it saw survives any client.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import socket
import struct
import threading
from collections import Counter
from typing import Any

FAULTS = ("429", "500", "reset", "cut")
PIECES = ("answer ", "to {0}", ": {1}")


class FaultyServer:
    """Counts by prompt: `calls` that arrived, `faults` that were played, `answers` sent whole."""

    def __init__(self, faults: float, delay: tuple[float, float], seed: int = 1) -> None:
        self.calls: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self.answers: Counter[str] = Counter()
        self.refused: dict[str, tuple[int, dict[str, Any]]] = {}
        """Prompts that get an error each time: status and body."""
        self.keys: set[str] = set()
        self.in_flight = self.most_in_flight = 0
        self._share, self._delay = faults, delay
        self._chance = random.Random(seed)
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._listen()), daemon=True)
        self.base_url = ""

    def __enter__(self) -> FaultyServer:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join(10)

    async def _listen(self) -> None:
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.base_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        self._ready.set()
        await self._ended.wait()
        # The connections are tasks, which `asyncio.run` cancels and waits for.
        server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                length = re.search(r"content-length: (\d+)", head, re.IGNORECASE)
                assert length
                body = json.loads(await reader.readexactly(int(length[1])))
                found = re.search(r"authorization: bearer (\S+)", head, re.IGNORECASE)
                self.keys.add(found[1] if found else "")
                self.in_flight += 1
                self.most_in_flight = max(self.most_in_flight, self.in_flight)
                try:
                    await self._answer(body, writer)
                finally:
                    self.in_flight -= 1
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            writer.close()

    async def _answer(self, body: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        prompt = body["messages"][-1]["content"]
        self.calls[prompt] += 1
        refused = self.refused.get(prompt)
        fault = self._chance.choice(FAULTS) if self._chance.random() < self._share else None
        await asyncio.sleep(self._chance.uniform(*self._delay))
        if refused or fault in ("429", "500"):
            self.faults[prompt] += 1
            status, error = refused or (int(fault or 0), {"error": {"message": "try again"}})
            text = json.dumps(error)
            wait = "Retry-After-Ms: 200\r\n" if fault == "429" and not refused else ""
            writer.write(
                f"HTTP/1.1 {status} Error\r\nContent-Type: application/json\r\n{wait}"
                f"Content-Length: {len(text)}\r\n\r\n{text}".encode()
            )
            await writer.drain()
            return
        if fault == "reset":
            self.faults[prompt] += 1
            linger = struct.pack("ii", 1, 0)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            writer.close()
            raise ConnectionResetError
        await self._stream(prompt, body["model"], writer, cut=fault == "cut")

    async def _stream(
        self, prompt: str, model: str, writer: asyncio.StreamWriter, *, cut: bool
    ) -> None:
        number = int(prompt.rsplit(maxsplit=1)[-1])
        head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked"
        writer.write(f"{head}\r\n\r\n".encode())
        choices: list[dict[str, Any]] = [
            {"index": 0, "delta": {"content": piece.format(number, 3 * number)}} for piece in PIECES
        ]
        choices.append({"index": 0, "delta": {}, "finish_reason": "stop"})
        usage = {"prompt_tokens": 5, "completion_tokens": 9, "total_tokens": 14}
        event = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": model}
        for choice in choices[: 2 if cut else None]:
            last = {"usage": usage} if "finish_reason" in choice else {}
            data = f"data: {json.dumps({**event, 'choices': [choice], **last})}\n\n"
            writer.write(f"{len(data):x}\r\n{data}\r\n".encode())
            await writer.drain()
            await asyncio.sleep(self._delay[0] / 10)
        if cut:
            self.faults[prompt] += 1
            raise ConnectionResetError
        writer.write(b"e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n")
        await writer.drain()
        self.answers[prompt] += 1
