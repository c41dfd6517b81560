"""A web server that passes a LangChain stream on to browsers as server-sent events.

`python -m examples.sse_langchain --serve` keeps it running; a browser reads it with
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

from examples.connect import connect
from langchain_mara_minimax import ChatMiniMax


def create_app(model: ChatMiniMax) -> FastAPI:
    app = FastAPI()

    @app.get("/answers", response_class=EventSourceResponse)
    async def answers(question: str) -> AsyncIterable[ServerSentEvent]:
        usage = None
        try:
            async for chunk in model.astream(question):
                if reasoning := chunk.additional_kwargs.get("reasoning_content"):
                    yield ServerSentEvent(event="reasoning", data=reasoning)
                if chunk.text:
                    yield ServerSentEvent(event="answer", data=chunk.text)
                usage = chunk.usage_metadata or usage
            yield ServerSentEvent(event="end", data=usage)
        except openai.OpenAIError as error:
            # The status line has left already: a failure has to be an event too.
            yield ServerSentEvent(event="error", data=type(error).__name__)

    return app


def main() -> None:
    with connect("minimax") as connection:
        app = create_app(ChatMiniMax(**connection))
        if "--serve" in sys.argv:
            uvicorn.run(app, port=8000)
            return
        parameters = {"question": "Explain what an API is."}
        with TestClient(app).stream("GET", "/answers", params=parameters) as response:
            for line in filter(None, response.iter_lines()):
                print(line)


if __name__ == "__main__":
    main()
