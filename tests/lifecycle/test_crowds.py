"""Thousands of calls that begin at once in one event loop."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.lifecycle.callers import CoreCaller
from tests.lifecycle.conftest import CHUNK

STREAMS = 5000
SERVER = """
import asyncio, resource, sys

_, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
answer = sys.argv[1].encode()

async def serve(reader, writer):
    try:
        while True:
            head = await reader.readuntil(b"\\r\\n\\r\\n")
            length = head.lower().partition(b"content-length:")[2].partition(b"\\r\\n")[0]
            await reader.readexactly(int(length))
            writer.write(b"HTTP/1.1 200 OK\\r\\nContent-Type: text/event-stream\\r\\n")
            writer.write(b"Content-Length: %d\\r\\n\\r\\n" % len(answer))
            await asyncio.sleep(0.05)
            writer.write(answer)
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()

async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()

asyncio.run(main())
"""


@pytest.fixture
def crowd_url() -> Iterator[str]:
    """The base URL of a server, in a process of its own, that answers anybody at once."""
    text = {**CHUNK, "choices": [{"index": 0, "delta": {"content": "word"}}]}
    last = {**CHUNK, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    answer = "".join(f"data: {json.dumps(event)}\n\n" for event in (text, last))
    command = [sys.executable, "-c", SERVER, answer]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}/v1"
        process.kill()


@pytest.mark.usefixtures("many_descriptors")
def test_5000_streams_that_begin_at_once_all_get_their_answer(crowd_url):
    """Nobody's connection times out because the loop is busy with beginning the others."""
    caller = CoreCaller(crowd_url)

    async def one():
        try:
            return "".join([delta.text async for delta in await caller.astream()])
        except Exception as error:  # noqa: BLE001 - counted by its name
            return type(error).__name__

    async def main():
        return Counter(await asyncio.gather(*[one() for _ in range(STREAMS)]))

    assert asyncio.run(main()) == {"word": STREAMS}
