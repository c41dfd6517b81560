"""Subjects without a framework: the bytes alone, the openai SDK, and this package's core."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import time
from collections.abc import AsyncIterator, Iterator
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from benchmarks.histories import WireMessage
from benchmarks.serving import Target
from benchmarks.subjects.subject import Subject, pause_of
from benchmarks.wire import MODEL

_END = b"0\r\n\r\n"
"""The last chunk of a body."""
_SDK_SCRIPT = """
from openai import OpenAI
client = OpenAI(api_key="none", base_url="{url}")
reply = client.chat.completions.create(
    model="MiniMax-M2.5", messages=[{{"role": "user", "content": "Hi"}}]
)
print(reply.choices[0].message.content)
"""


class RawBytes:
    """Read bytes, cut them at line ends, parse each event; nothing else."""

    def __init__(self, target: Target) -> None:
        import httpx

        self._url = f"{target.url}/chat/completions"
        context = ssl.create_default_context()
        self._client = httpx.Client(trust_env=False, verify=context)
        # As wide as a thousand streams at once; the default of 100 makes the others time out.
        wide = httpx.Limits(max_connections=None)
        self._async_client = httpx.AsyncClient(
            trust_env=False, verify=context, limits=wide, timeout=None
        )

    def stream(self, messages: list[WireMessage]) -> Iterator[Any]:
        rest = b""
        with self._client.stream("POST", self._url, json=self._body(messages, True)) as answer:
            for data in answer.iter_bytes():
                *lines, rest = (rest + data).split(b"\n")
                yield from _events(lines)

    async def astream(self, messages: list[WireMessage]) -> AsyncIterator[Any]:
        rest = b""
        body = self._body(messages, True)
        async with self._async_client.stream("POST", self._url, json=body) as answer:
            async for data in answer.aiter_bytes():
                *lines, rest = (rest + data).split(b"\n")
                for event in _events(lines):
                    yield event

    def ask(self, messages: list[WireMessage]) -> Any:
        return self._client.post(self._url, json=self._body(messages, False)).json()

    def read(self, chunk: Any) -> tuple[str, str, str]:
        delta = chunk["choices"][0]["delta"] if chunk["choices"] else {}
        details = delta.get("reasoning_details") or [{}]
        reasoning = delta.get("reasoning_content") or details[0].get("text", "")
        calls = delta.get("tool_calls") or [{"function": {"arguments": ""}}]
        return delta.get("content") or "", reasoning, calls[0]["function"]["arguments"]

    def text(self, reply: Any) -> str:
        return str(reply["choices"][0]["message"]["content"])

    def _body(self, messages: list[WireMessage], stream: bool) -> dict[str, Any]:
        return {"model": MODEL, "messages": messages, "stream": stream}


def _events(lines: list[bytes]) -> Iterator[Any]:
    for line in lines:
        if line.startswith(b"data: {"):
            yield json.loads(line[6:])


class AiohttpBytes(RawBytes):
    """The same over aiohttp, in async calls."""

    def __init__(self, target: Target) -> None:
        super().__init__(target)
        self._session: Any = None

    async def astream(self, messages: list[WireMessage]) -> AsyncIterator[Any]:
        import aiohttp

        if self._session is None:
            self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        rest = b""
        async with self._session.post(self._url, json=self._body(messages, True)) as answer:
            while data := await answer.content.readany():
                *lines, rest = (rest + data).split(b"\n")
                for event in _events(lines):
                    yield event


class SocketBytes(RawBytes):
    """The same from a bare socket, or from asyncio's stream of one: no HTTP library reads."""

    def stream(self, messages: list[WireMessage]) -> Iterator[Any]:
        data = b""
        with self._connect() as connection:
            connection.sendall(self._request(messages))
            while not data.endswith(_END) and (received := connection.recv(65_536)):
                data = data.rpartition(b"\n")[2] + received
                yield from _events(data.split(b"\n")[:-1])

    async def astream(self, messages: list[WireMessage]) -> AsyncIterator[Any]:
        data = b""
        reader, writer = await asyncio.open_connection(*self._address, ssl=self._context)
        writer.write(self._request(messages))
        while not data.endswith(_END) and (received := await reader.read(65_536)):
            data = data.rpartition(b"\n")[2] + received
            for event in _events(data.split(b"\n")[:-1]):
                yield event
        writer.close()

    def _connect(self) -> socket.socket:
        plain = socket.create_connection(self._address)
        if self._context is None:
            return plain
        return self._context.wrap_socket(plain, server_hostname=self._address[0])

    @property
    def _context(self) -> ssl.SSLContext | None:
        return ssl.create_default_context() if self._url.startswith("https:") else None

    @property
    def _address(self) -> tuple[str | None, int | None]:
        parts = urlsplit(self._url)
        return parts.hostname, parts.port

    def _request(self, messages: list[WireMessage]) -> bytes:
        body = json.dumps(self._body(messages, True)).encode()
        path = urlsplit(self._url).path
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n"
        return head.encode() + body


class Waking(RawBytes):
    """Receives nothing: what it costs that a process, or an event loop, wakes for each event."""

    def __init__(self, target: Target) -> None:
        self._pieces = tuple(piece for _, piece in target.script.pieces())
        self._pause = pause_of(target)

    def stream(self, messages: list[WireMessage]) -> Iterator[Any]:  # noqa: ARG002 - nobody is asked
        for piece in self._pieces:
            time.sleep(self._pause)
            yield {"choices": [{"delta": {"content": piece}}]}

    async def astream(self, messages: list[WireMessage]) -> AsyncIterator[Any]:  # noqa: ARG002 - same
        for piece in self._pieces:
            await asyncio.sleep(self._pause)
            yield {"choices": [{"delta": {"content": piece}}]}


class OpenAISDK:
    """`client.chat.completions.create`, with the SDK's typed objects."""

    def __init__(self, target: Target) -> None:
        import openai

        self._client = openai.OpenAI(api_key="none", base_url=target.url)
        self._async_client = openai.AsyncOpenAI(api_key="none", base_url=target.url)

    def stream(self, messages: Any) -> Iterator[Any]:
        yield from self._client.chat.completions.create(model=MODEL, messages=messages, stream=True)

    async def astream(self, messages: Any) -> AsyncIterator[Any]:
        chunks = await self._async_client.chat.completions.create(
            model=MODEL, messages=messages, stream=True
        )
        async for chunk in chunks:
            yield chunk

    def ask(self, messages: Any) -> Any:
        return self._client.chat.completions.create(model=MODEL, messages=messages)

    def read(self, chunk: Any) -> tuple[str, str, str]:
        if not chunk.choices:
            return "", "", ""
        delta = chunk.choices[0].delta
        extra = delta.model_extra or {}
        details = extra.get("reasoning_details") or [{}]
        reasoning = extra.get("reasoning_content") or details[0].get("text", "")
        arguments = delta.tool_calls[0].function.arguments if delta.tool_calls else ""
        return delta.content or "", reasoning, arguments

    def text(self, reply: Any) -> str:
        return str(reply.choices[0].message.content)


class Core:
    """This package's core, which knows no framework."""

    def __init__(self, target: Target, **settings: Any) -> None:
        from mara_minimax.settings import MiniMaxSettings

        given = {"api_key": "none", "base_url": target.url, "model": MODEL}
        self._settings = MiniMaxSettings(**given, **settings)

    def stream(self, messages: list[WireMessage]) -> Iterator[Any]:
        yield from self._settings.client.stream(self._settings.encode(messages, stream=True))

    def astream(self, messages: list[WireMessage]) -> AsyncIterator[Any]:
        return self._settings.client.astream(self._settings.encode(messages, stream=True))

    def ask(self, messages: list[WireMessage]) -> Any:
        return self._settings.client.complete(self._settings.encode(messages, stream=False))

    def read(self, chunk: Any) -> tuple[str, str, str]:
        arguments = "".join(call.arguments for call in chunk.tool_calls)
        return chunk.text, chunk.reasoning, arguments

    def text(self, reply: Any) -> str:
        return str(reply.text)


def _as_they_are(messages: list[WireMessage]) -> list[WireMessage]:
    return messages


RAW_BYTES = Subject("raw bytes", RawBytes, _as_they_are, "floor")
OPENAI_SDK = Subject(
    "openai SDK", OpenAISDK, _as_they_are, "sdk", module="openai", script=_SDK_SCRIPT
)
CORE = Subject("mara_minimax", Core, _as_they_are, "ours")
CORE_FAST = Subject(
    "mara_minimax, aiohttp", partial(Core, transport="aiohttp"), _as_they_are, "ours"
)
AIOHTTP_BYTES = Subject("raw bytes, aiohttp", AiohttpBytes, _as_they_are, "floor")
WAKING = Subject("waking", Waking, _as_they_are, "floor")
SOCKET_BYTES = Subject("raw bytes, socket", SocketBytes, _as_they_are, "floor")
RAW = (CORE, OPENAI_SDK, RAW_BYTES)
