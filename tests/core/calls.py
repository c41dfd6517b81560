"""Calls over a real connection: what the tests of the client share."""

from __future__ import annotations

import asyncio
import json

import pytest

USER = [{"role": "user", "content": "What is 1+1?"}]


def sse(*events, done=False):
    data = "".join(f"data: {json.dumps(event)}\n\n" for event in events)
    return (data + ("data: [DONE]\n\n" if done else "")).encode()


def chunk(finish_reason=None, **delta):
    choice = {"index": 0, "delta": delta}
    if finish_reason:
        choice["finish_reason"] = finish_reason
    return {"id": "r", "choices": [choice], "object": "chat.completion.chunk"}


GOOD_STREAM = sse(chunk(content="2"), chunk("stop"))
GOOD_REPLY = json.dumps(
    {"id": "r", "choices": [{"message": {"content": "2"}, "finish_reason": "stop"}]}
).encode()
LIMITED = json.dumps(
    {"id": "r", "choices": None, "base_resp": {"status_code": 1002, "status_msg": "rate limit"}}
).encode()


def call(settings, form, **parameters):
    """Run one of the four call forms and return the reply."""
    request = settings.encode(USER, stream=form in ("stream", "astream"), **parameters)
    client = settings.client

    async def drain():
        return [delta async for delta in client.astream(request)]

    if form == "complete":
        return client.complete(request)
    if form == "acomplete":
        return asyncio.run(client.acomplete(request))
    deltas = list(client.stream(request)) if form == "stream" else asyncio.run(drain())
    return deltas[-1].reply


FORMS = pytest.mark.parametrize("form", ["complete", "acomplete", "stream", "astream"])
STREAMS = pytest.mark.parametrize("form", ["stream", "astream"])

USAGE = {"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}}
