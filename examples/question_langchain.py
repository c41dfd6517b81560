"""One question with a tool in LangChain: the reasoning apart, then the call."""

from __future__ import annotations

from examples.connect import connect
from examples.display import AnswerView
from examples.rag_langchain import CHAT_MODELS

QUESTION = "What is the weather in Paris?"


def get_weather(city: str) -> str:
    """Return the weather of a city."""
    return f"It is sunny in {city}."


def main(provider: str = "minimax") -> AnswerView:
    with connect(provider) as connection:
        model = CHAT_MODELS[provider](**connection).bind_tools([get_weather])
        view = AnswerView(QUESTION)
        whole = None
        for chunk in model.stream(QUESTION):
            view.show_reasoning(chunk.additional_kwargs.get("reasoning_content", ""))
            view.show_answer(chunk.text)
            whole = chunk if whole is None else whole + chunk
        for call in whole.tool_calls if whole else ():
            view.show_tool_call(call["name"], call["args"])
        view.finish(usage=whole.usage_metadata if whole else None)
    return view


if __name__ == "__main__":
    main()
