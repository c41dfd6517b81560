"""`include_response_headers`: what a host says of limits and ids, in every form of a call."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from langchain_mara_minimax import ChatMARA, ChatMiniMax
from llama_index_mara_minimax import MARA, MiniMax
from mara_minimax.emulator import CannedReply, Emulator

HEADERS = {
    "X-RateLimit-Remaining-Tokens": "99",
    "X-Request-Id": "r-1",
    "Set-Cookie": "session=SECRET",
    "X-Auth-Token": "SECRET",
    "WWW-Authenticate": "Bearer SECRET",
    "Proxy_Authorization": "SECRET",
    "X-Echo": "emulator-key",
}


def message(**choice: Any) -> dict[str, Any]:
    return {"id": "r", "choices": [{"index": 0, "finish_reason": "stop", **choice}]}


async def _last(stream: Any) -> Any:
    chunks = [chunk async for chunk in stream]
    return chunks[-1]


def _merged(chunks: list[Any]) -> Any:
    merged = chunks[0]
    for chunk in chunks[1:]:
        merged += chunk
    return merged


async def _amerged(stream: Any) -> Any:
    return _merged([chunk async for chunk in stream])


async def _astream_chat(llm: Any) -> Any:
    return await _last(await llm.astream_complete("Hi"))


LANGCHAIN: dict[str, Callable[[Any], Any]] = {
    "invoke": lambda model: model.invoke("Hi"),
    "ainvoke": lambda model: asyncio.run(model.ainvoke("Hi")),
    "stream": lambda model: _merged(list(model.stream("Hi"))),
    "astream": lambda model: asyncio.run(_amerged(model.astream("Hi"))),
}
LLAMA_INDEX: dict[str, Callable[[Any], Any]] = {
    "complete": lambda llm: llm.complete("Hi"),
    "acomplete": lambda llm: asyncio.run(llm.acomplete("Hi")),
    "stream_complete": lambda llm: list(llm.stream_complete("Hi"))[-1],
    "astream_complete": lambda llm: asyncio.run(_astream_chat(llm)),
}
FORMS = [
    *[(cls, form) for cls in (ChatMiniMax, ChatMARA) for form in LANGCHAIN],
    *[(cls, form) for cls in (MiniMax, MARA) for form in LLAMA_INDEX],
]


def answered(cls: Any, form: str, **settings: Any) -> dict[str, Any]:
    """Return what a reply says of itself: `response_metadata`, or `raw`."""
    with Emulator("minimax" if "MiniMax" in cls.__name__ else "mara") as server:
        if "stream" in form:
            reply = CannedReply.sse(message(delta={"content": "2"}), done=True)
        else:
            reply = CannedReply.json(message(message={"content": "2"}))
        reply.headers.update(HEADERS)
        server.enqueue(reply)
        model = cls(api_key=server.api_key, base_url=server.base_url, **settings)
        got = (LANGCHAIN | LLAMA_INDEX)[form](model)
    said: dict[str, Any] = got.response_metadata if form in LANGCHAIN else got.raw
    return said


@pytest.mark.parametrize(("cls", "form"), FORMS)
def test_they_are_shown_where_asked_for_without_cookies_and_authentication(
    cls: Any, form: str
) -> None:
    headers = answered(cls, form, include_response_headers=True)["headers"]
    assert (headers["x-ratelimit-remaining-tokens"], headers["x-request-id"]) == ("99", "r-1")
    assert headers["x-echo"] == "[redacted]"
    assert headers.keys().isdisjoint(
        {"set-cookie", "x-auth-token", "www-authenticate", "proxy_authorization"}
    )
    assert "SECRET" not in str(headers)


@pytest.mark.parametrize(("cls", "form"), FORMS)
def test_they_are_not_shown_unless_asked_for(cls: Any, form: str) -> None:
    assert "headers" not in answered(cls, form)
