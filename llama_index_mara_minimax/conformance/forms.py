"""The forms of a call, and how rules make them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from llama_index.core.base.llms.types import ChatMessage, ThinkingBlock
from llama_index.core.tools import FunctionTool

THOUGHT = "YES [yes] {1} (A, Is, B) Action: x\nAnswer: 5.0, a trap."

CHAT_FORMS = ("chat", "achat", "stream_chat", "astream_chat")
COMPLETE_FORMS = ("complete", "acomplete", "stream_complete", "astream_complete")
FORMS = (*CHAT_FORMS, *COMPLETE_FORMS)
STREAMS = tuple(form for form in FORMS if "stream" in form)
TOOL_FORMS = tuple(f"{form}_with_tools" for form in CHAT_FORMS)

every_form = pytest.mark.parametrize("form", FORMS)
every_chat_form = pytest.mark.parametrize("form", CHAT_FORMS)
every_stream = pytest.mark.parametrize("form", STREAMS)
every_chat_stream = pytest.mark.parametrize("form", ["stream_chat", "astream_chat"])
every_tool_form = pytest.mark.parametrize("form", TOOL_FORMS)


def ask(llm: Any, form: str, question: Any = "Hi", **kwargs: Any) -> list[Any]:
    """Call `llm` in one form; returns all responses, which is one unless it streams."""
    if form not in COMPLETE_FORMS and isinstance(question, str):
        question = [ChatMessage(role="user", content=question)]
    return drain(form, getattr(llm, form), question, **kwargs)


def ask_with_tools(llm: Any, form: str, tools: list[Any], **kwargs: Any) -> list[Any]:
    """Call `llm` with tools in one form."""
    return drain(form, getattr(llm, form), tools, **{"user_msg": "Hi", **kwargs})


def drain(form: str, method: Any, *args: Any, **kwargs: Any) -> list[Any]:
    """Call `method`, sync or async, streaming or not as its name says; in a loop of its own."""

    async def collect() -> list[Any]:
        result = await method(*args, **kwargs)
        return [item async for item in result] if "stream" in form else [result]

    if form.startswith("a"):
        return asyncio.run(collect())
    result = method(*args, **kwargs)
    return list(result) if "stream" in form else [result]


def text_of(response: Any) -> str:
    """The text of a chat response or of a completion."""
    return (response.message.content if hasattr(response, "message") else response.text) or ""


def thought_of(response: Any) -> str:
    """The text of all thinking blocks of a chat response."""
    blocks = [block for block in response.message.blocks if isinstance(block, ThinkingBlock)]
    return "".join(block.content or "" for block in blocks)


def get_weather(city: str) -> str:
    """Say what the weather is in a city."""
    return f"Rain in {city}."


def get_time(city: str, zone: str = "") -> str:
    """Say what time it is in a city."""
    return f"Noon in {city} {zone}."


WEATHER = FunctionTool.from_defaults(get_weather)
TIME = FunctionTool.from_defaults(get_time)
