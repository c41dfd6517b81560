"""A web server that passes a LlamaIndex stream on to browsers as server-sent events.

`python -m examples.sse_llama_index --serve` keeps it running; a browser reads it with
`new EventSource("/answers?question=…")` and listeners for `reasoning`, `answer` and `end`.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterable

import openai
import uvicorn
from fastapi import FastAPI
from fastapi.sse import EventSourceResponse, ServerSentEvent
from fastapi.testclient import TestClient
from llama_index.core.llms import ChatMessage

from examples.connect import connect
from llama_index_mara_minimax import MiniMax


def create_app(llm: MiniMax) -> FastAPI:
    app = FastAPI()

    @app.get("/answers", response_class=EventSourceResponse)
    async def answers(question: str) -> AsyncIterable[ServerSentEvent]:
        try:
            async for response in await llm.astream_chat([ChatMessage(question)]):
                if reasoning := response.additional_kwargs.get("thinking_delta"):
                    yield ServerSentEvent(event="reasoning", data=reasoning)
                if response.delta:
                    yield ServerSentEvent(event="answer", data=response.delta)
            yield ServerSentEvent(event="end", data=response.raw["usage"])
        except openai.OpenAIError as error:
            # The status line has left already: a failure has to be an event too.
            yield ServerSentEvent(event="error", data=type(error).__name__)

    return app


def main() -> None:
    with connect("minimax") as connection:
        app = create_app(MiniMax(**connection))
        if "--serve" in sys.argv:
            uvicorn.run(app, port=8000)
            return
        parameters = {"question": "Explain what an API is."}
        with TestClient(app).stream("GET", "/answers", params=parameters) as response:
            for line in filter(None, response.iter_lines()):
                print(line)


if __name__ == "__main__":
    main()
