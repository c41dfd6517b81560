"""A stream that breaks inside a call ends with a piece that keeps the call from being run."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from langchain_core.messages import AIMessageChunk

from langchain_mara_minimax import ChatMiniMax
from mara_minimax.emulator import Emulator
from mara_minimax.errors import IncompleteStreamError


def _read(model: ChatMiniMax, form: str, pieces: list[AIMessageChunk]) -> None:
    async def read() -> None:
        async for chunk in model.astream("Weather?"):
            pieces.append(chunk)

    if form == "astream":
        asyncio.run(read())
    else:
        for chunk in model.stream("Weather?"):
            pieces.append(chunk)


@pytest.mark.parametrize("form", ["stream", "astream"])
def test_half_a_call_becomes_an_invalid_call(
    form: str, model: ChatMiniMax, server: Emulator, turns: Any
) -> None:
    reply = turns(calls=(("get_weather", '{"city": "Paris"}'),)).stream(end=False)
    # The second event holds the second half of the arguments; `[DONE]` follows.
    reply.chunks = reply.chunks[:1]
    server.enqueue(reply)
    pieces: list[Any] = []
    with pytest.raises(IncompleteStreamError):
        _read(model, form, pieces)
    merged = pieces[0]
    for piece in pieces[1:]:
        merged += piece
    assert merged.tool_calls == []
    (invalid,) = merged.invalid_tool_calls
    assert invalid["name"] == "get_weather"
    assert invalid["args"].startswith('{"city"')
