"""A LlamaIndex event handler that measures each answer: first token, tokens per second."""

from __future__ import annotations

import time
from typing import Any

from llama_index.core.instrumentation import get_dispatcher
from llama_index.core.instrumentation.event_handlers import BaseEventHandler
from llama_index.core.instrumentation.events.llm import (
    LLMChatEndEvent,
    LLMChatInProgressEvent,
    LLMChatStartEvent,
)
from llama_index.core.llms import ChatMessage
from pydantic import Field

from examples.connect import connect
from llama_index_mara_minimax import MiniMax


class SpeedHandler(BaseEventHandler):
    """Print one line an answer; a chunk is not a token, so tokens come from the usage."""

    started: dict[str, float] = Field(default_factory=dict)
    first: dict[str, float] = Field(default_factory=dict)
    speeds: list[float] = Field(default_factory=list)

    def handle(self, event: Any, **_: Any) -> None:
        now, call = time.perf_counter(), event.span_id
        if isinstance(event, LLMChatStartEvent):
            self.started[call] = now
        elif isinstance(event, LLMChatInProgressEvent):
            self.first.setdefault(call, now)
        elif isinstance(event, LLMChatEndEvent):
            start = self.started.pop(call)
            first = self.first.pop(call, start)
            tokens = event.response.raw["usage"]["completion_tokens"]
            wait, speed = (first - start) * 1000, tokens / (now - first)
            self.speeds.append(speed)
            print(f"{tokens} tokens: first chunk after {wait:.0f} ms, then {speed:.0f} tokens/s")


def main() -> list[float]:
    handler = SpeedHandler()
    get_dispatcher().add_event_handler(handler)
    try:
        with connect("minimax", scenario="slow", delay=0.03) as connection:
            llm = MiniMax(**connection)
            for question in ("Share a happy story with me.", "Tell me a joke."):
                stream = llm.stream_chat([ChatMessage(question)])
                print(question, "->", "".join(response.delta for response in stream))
    finally:
        get_dispatcher().event_handlers.remove(handler)
    return handler.speeds


if __name__ == "__main__":
    main()
