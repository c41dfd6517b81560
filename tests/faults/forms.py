"""The eight forms of a call: four of LangChain, four of LlamaIndex."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from langchain_core.messages import AIMessageChunk
from llama_index.core.base.llms.types import ChatMessage, ChatResponse

from langchain_mara_minimax import ChatMARA, ChatMiniMax
from llama_index_mara_minimax import MARA, MiniMax

KEY = "sk-canary-7d1f"
QUESTION = "What is 6 * 7?"
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "get_weather",
            "description": "Tell the weather.",
            "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
        },
    }
]
LANGCHAIN = ("invoke", "ainvoke", "stream", "astream")
LLAMA_INDEX = ("chat", "achat", "stream_chat", "astream_chat")
FORMS = (*LANGCHAIN, *LLAMA_INDEX)

_CHAT_MODELS: dict[str, Any] = {"minimax": ChatMiniMax, "mara": ChatMARA}
_LLMS: dict[str, Any] = {"minimax": MiniMax, "mara": MARA}


def streams(form: str) -> bool:
    return "stream" in form


@dataclass
class Call:
    """One call in one form: what it gave before it ended, and how it ended."""

    form: str
    error: Exception | None = None
    pieces: list[Any] = field(default_factory=list)

    @property
    def text(self) -> str:
        if self.form in LANGCHAIN:
            return "".join(piece.text for piece in self.pieces)
        if not streams(self.form):
            return "".join(piece.message.content or "" for piece in self.pieces)
        return "".join(piece.delta or "" for piece in self.pieces)

    @property
    def reasoning(self) -> str:
        found = [
            piece.additional_kwargs.get(
                "reasoning_content" if self.form in LANGCHAIN else "thinking_delta", ""
            )
            for piece in self.pieces
        ]
        return "".join(found)

    def merged(self) -> AIMessageChunk:
        """What a caller of LangChain holds: all chunks so far, added up."""
        whole = self.pieces[0]
        for piece in self.pieces[1:]:
            whole += piece
        return whole

    def last(self) -> ChatResponse:
        """What a caller of LlamaIndex holds: the response so far."""
        return self.pieces[-1]


def make_model(form: str, provider: str, base_url: str, **settings: Any) -> Any:
    classes = _CHAT_MODELS if form in LANGCHAIN else _LLMS
    return classes[provider](**{"api_key": KEY, "base_url": base_url, "max_retries": 2, **settings})


def run(model: Any, form: str, runner: asyncio.Runner, **parameters: Any) -> Call:
    """Call `model`; the error ends up in the result."""
    call = Call(form)
    if form in ("ainvoke", "astream", "achat", "astream_chat"):
        runner.run(ask_async(model, call, **parameters))
        return call
    try:
        result = getattr(model, form)(_question(form), **parameters)
        for piece in result if streams(form) else [result]:
            call.pieces.append(piece)
    except Exception as error:  # noqa: BLE001 - whatever comes out is what is tested
        call.error = error
    return call


async def ask_async(model: Any, call: Call, **parameters: Any) -> None:
    """Call `model` in an async form; the error ends up in `call`."""
    try:
        result = getattr(model, call.form)(_question(call.form), **parameters)
        if call.form == "astream_chat":
            result = await result
        if streams(call.form):
            async for piece in result:
                call.pieces.append(piece)
        else:
            call.pieces.append(await result)
    except Exception as error:  # noqa: BLE001 - whatever comes out is what is tested
        call.error = error


def _question(form: str) -> Any:
    return QUESTION if form in LANGCHAIN else [ChatMessage(role="user", content=QUESTION)]
