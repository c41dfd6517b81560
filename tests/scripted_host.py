"""A host that answers as a test says, without a network, HTTP clients for it, and what it lists."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from mara_minimax.http_library import http_library

LIBRARY = http_library()

REPLY = {
    "id": "chatcmpl-1",
    "model": "m2",
    "choices": [
        {
            "index": 0,
            "message": {"role": "assistant", "content": "\n\nHi.", "reasoning": "Greet."},
            "finish_reason": "stop",
        }
    ],
    "usage": {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7},
}
"""A reply as vLLM sends it with a reasoning parser."""

EVENTS = (
    {
        "id": "chatcmpl-1",
        "model": "m2",
        "choices": [{"index": 0, "delta": {"reasoning": "Greet."}}],
    },
    {"id": "chatcmpl-1", "model": "m2", "choices": [{"index": 0, "delta": {"content": "\n\nHi."}}]},
    {"id": "chatcmpl-1", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
    {"id": "chatcmpl-1", "choices": [], "usage": REPLY["usage"]},
)

MODELS = {
    "object": "list",
    "data": [
        {"id": "m2", "object": "model", "owned_by": "vllm", "max_model_len": 32_768},
        {"id": "lora", "object": "model", "owned_by": "vllm"},
    ],
}


class ScriptedHost:
    """Answers `GET /models` with `listing`, and chat requests with `REPLY` or its stream."""

    def __init__(self, listing: Any = MODELS) -> None:
        self.listings: list[Any] = [listing]
        """Answers to `GET /models`: JSON values, exceptions, or what makes a response."""
        self.chat: Any = None
        """What makes the response to a chat request, instead of `REPLY` and `EVENTS`."""
        self.requests: list[Any] = []
        self.clients = {
            "http_client": LIBRARY.Client(transport=LIBRARY.MockTransport(self._answer)),
            "http_async_client": LIBRARY.AsyncClient(
                transport=LIBRARY.MockTransport(self._answer_later)
            ),
        }

    @property
    def paths(self) -> list[str]:
        return [request.url.path for request in self.requests]

    @property
    def last_body(self) -> dict[str, Any]:
        body: dict[str, Any] = json.loads(self.requests[-1].content)
        return body

    def _answer(self, request: Any) -> Any:
        self.requests.append(request)
        if request.url.path.endswith("/models"):
            listing = self.listings.pop(0) if len(self.listings) > 1 else self.listings[0]
            if isinstance(listing, Exception):
                raise listing
            if callable(listing):
                return listing()
            return LIBRARY.Response(200, json=listing)
        if self.chat is not None:
            return self.chat()
        if json.loads(request.content).get("stream"):
            events = "".join(f"data: {json.dumps(event)}\n\n" for event in EVENTS)
            return LIBRARY.Response(
                200,
                headers={"content-type": "text/event-stream"},
                content=events + "data: [DONE]\n\n",
            )
        return LIBRARY.Response(200, json=REPLY)

    async def _answer_later(self, request: Any) -> Any:
        return self._answer(request)


def assert_lists_are_refused_with(error: type[Exception], model_class: Any) -> None:
    """Assert that listing models where a key is refused raises this error, in both ways."""
    host = ScriptedHost(lambda: LIBRARY.Response(401, json={"error": "Unauthorized"}))
    model = model_class(api_key="sk-0123456789", **host.clients)
    with pytest.raises(error):
        model.list_models()
    with pytest.raises(error):
        asyncio.run(model.alist_models())


def assert_lists_models(model_class: Any) -> None:
    """Assert that both ways to list models give the same two."""
    model = model_class(api_key="k", **ScriptedHost().clients)
    listed = model.list_models()
    assert listed == asyncio.run(model.alist_models())
    assert [one.id for one in listed] == [row["id"] for row in MODELS["data"]]
