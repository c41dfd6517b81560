"""A closing tag alone: text of an answer at a provider's own hosts, the end of reasoning elsewhere.

Two frameworks, sync and async, plain and streamed, against each kind of host.
"""

from __future__ import annotations

import asyncio
import functools
import json
from collections.abc import Callable
from typing import Any

import pytest
from llama_index.core.base.llms.types import ChatMessage, ThinkingBlock

from langchain_mara_minimax import ChatMARA, ChatMiniMax
from llama_index_mara_minimax import MARA, MiniMax
from mara_minimax.http_library import http_library

TEXT = "To end the block, write this on its own line:\n</think>\nThen write the answer."
THOUGHT, ANSWER = "To end the block, write this on its own line:", "Then write the answer."
HELLO = [ChatMessage(role="user", content="Hi")]
Outcome = tuple[str, str]


def respond(request: Any) -> Any:
    """Answer any request with `TEXT`, in the form that it asks for."""
    frame = {"id": "r", "model": "M", "created": 1}
    if json.loads(request.content).get("stream"):
        half = len(TEXT) // 2
        deltas = [{"content": TEXT[:half]}, {"content": TEXT[half:]}]
        choices = [{"index": 0, "delta": delta} for delta in deltas]
        choices.append({"index": 0, "delta": {}, "finish_reason": "stop"})
        events = [json.dumps({**frame, "choices": [choice]}) for choice in choices]
        content = "".join(f"data: {event}\n\n" for event in events)
    else:
        message = {"role": "assistant", "content": TEXT}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        content = json.dumps({**frame, "choices": [choice]})
    return http_library().Response(200, content=content.encode())


def from_message(message: Any) -> Outcome:
    return message.text, message.additional_kwargs.get("reasoning_content", "")


def from_response(response: Any) -> Outcome:
    blocks = response.message.blocks
    thoughts = [block.content or "" for block in blocks if isinstance(block, ThinkingBlock)]
    return response.message.content or "", "".join(thoughts)


def merged(chunks: list[Any]) -> Any:
    return functools.reduce(lambda left, right: left + right, chunks)


async def astream(chat: Any, _: Any) -> Outcome:
    return from_message(merged([chunk async for chunk in chat.astream("Hi")]))


async def astream_chat(_: Any, llm: Any) -> Outcome:
    return from_response([response async for response in await llm.astream_chat(HELLO)][-1])


FORMS: dict[str, Callable[[Any, Any], Outcome]] = {
    "invoke": lambda chat, _: from_message(chat.invoke("Hi")),
    "ainvoke": lambda chat, _: from_message(asyncio.run(chat.ainvoke("Hi"))),
    "stream": lambda chat, _: from_message(merged(list(chat.stream("Hi")))),
    "astream": lambda chat, llm: asyncio.run(astream(chat, llm)),
    "chat": lambda _, llm: from_response(llm.chat(HELLO)),
    "achat": lambda _, llm: from_response(asyncio.run(llm.achat(HELLO))),
    "stream_chat": lambda _, llm: from_response(list(llm.stream_chat(HELLO))[-1]),
    "astream_chat": lambda chat, llm: asyncio.run(astream_chat(chat, llm)),
}


def read(form: str, provider: str, **settings: Any) -> Outcome:
    transport = http_library().MockTransport(respond)
    given = {
        "api_key": "sk-test",
        "http_client": http_library().Client(transport=transport),
        "http_async_client": http_library().AsyncClient(transport=transport),
        **settings,
    }
    kinds = {"minimax": (ChatMiniMax, MiniMax), "mara": (ChatMARA, MARA)}[provider]
    return FORMS[form](*(kind(**given) for kind in kinds))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("provider", "settings"),
    [
        ("minimax", {}),
        ("minimax", {"endpoint": "china"}),
        ("mara", {}),
        ("mara", {"model": "gpt-oss-120b"}),
    ],
)
def test_it_is_text_at_a_providers_own_hosts(form, provider, settings):
    assert read(form, provider, **settings) == (TEXT, "")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("provider", "settings"),
    [
        ("minimax", {"base_url": "https://proxy.example.com/v1"}),
        ("mara", {"base_url": "https://proxy.example.com/v1"}),
        ("mara", {"model": "DeepSeek-V3.1"}),
    ],
)
def test_it_ends_reasoning_elsewhere_and_for_models_that_send_it(form, provider, settings):
    late = (TEXT, "")
    expected = late if form in ("stream", "astream") else (ANSWER, THOUGHT)
    assert read(form, provider, **settings) == expected


@pytest.mark.parametrize("form", FORMS)
def test_it_ends_reasoning_where_the_user_says_so(form):
    assert read(form, "minimax", starts_in_reasoning=True) == (ANSWER, THOUGHT)
