"""A LangChain callback that measures each answer: time to first token, tokens per second."""

from __future__ import annotations

import time
from typing import Any
from uuid import UUID

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.outputs import LLMResult

from examples.connect import connect
from langchain_mara_minimax import ChatMiniMax


class SpeedHandler(BaseCallbackHandler):
    """Print one line an answer; a chunk is not a token, so tokens come from the usage."""

    def __init__(self) -> None:
        """Start without calls."""
        self._started: dict[UUID, float] = {}
        self._first: dict[UUID, float] = {}
        self.speeds: list[float] = []

    def on_chat_model_start(self, *_: Any, run_id: UUID, **__: Any) -> None:
        self._started[run_id] = time.perf_counter()

    def on_llm_new_token(self, *_: Any, run_id: UUID, **__: Any) -> None:
        self._first.setdefault(run_id, time.perf_counter())

    def on_llm_end(self, response: LLMResult, *, run_id: UUID, **_: Any) -> None:
        end, start = time.perf_counter(), self._started.pop(run_id)
        first = self._first.pop(run_id, start)
        usage = response.generations[0][0].message.usage_metadata
        speed = usage["output_tokens"] / (end - first)
        self.speeds.append(speed)
        reasoning = usage.get("output_token_details", {}).get("reasoning", 0)
        print(
            f"{usage['output_tokens']} tokens ({reasoning} of reasoning): first chunk after "
            f"{(first - start) * 1000:.0f} ms, then {speed:.0f} tokens/s"
        )


def main() -> list[float]:
    handler = SpeedHandler()
    with connect("minimax", scenario="slow", delay=0.03) as connection:
        model = ChatMiniMax(**connection, callbacks=[handler])
        for question in ("Share a happy story with me.", "Tell me a joke."):
            print(question, "->", "".join(chunk.text for chunk in model.stream(question)))
    return handler.speeds


if __name__ == "__main__":
    main()
