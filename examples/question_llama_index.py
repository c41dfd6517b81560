"""One question with a tool in LlamaIndex: the reasoning apart, then the call."""

from __future__ import annotations

from llama_index.core.tools import FunctionTool

from examples.connect import connect
from examples.display import AnswerView
from examples.rag_llama_index import LLMS

QUESTION = "What is the weather in Paris?"


def get_weather(city: str) -> str:
    """Return the weather of a city."""
    return f"It is sunny in {city}."


def main(provider: str = "minimax") -> AnswerView:
    with connect(provider) as connection:
        llm = LLMS[provider](**connection)
        view = AnswerView(QUESTION)
        last = None
        tool = FunctionTool.from_defaults(get_weather)
        for last in llm.stream_chat_with_tools([tool], user_msg=QUESTION):
            view.show_reasoning(last.additional_kwargs.get("thinking_delta") or "")
            view.show_answer(last.delta or "")
        if last is not None:
            for call in llm.get_tool_calls_from_response(last, error_on_no_tool_call=False):
                view.show_tool_call(call.tool_name, call.tool_kwargs)
        view.finish(usage=(last.raw or {}).get("usage") if last else None)
    return view


if __name__ == "__main__":
    main()
