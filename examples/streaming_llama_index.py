"""A LlamaIndex stream: the reasoning dimmed while the model thinks, then the answer."""

from __future__ import annotations

from llama_index.core.llms import ChatMessage

from examples.connect import connect
from examples.display import AnswerView
from llama_index_mara_minimax import MiniMax

QUESTION = "Share a happy story with me."


def main() -> AnswerView:
    with connect("minimax", scenario="slow", delay=0.03) as connection:
        llm = MiniMax(**connection)
        view = AnswerView(QUESTION)
        for response in llm.stream_chat([ChatMessage(QUESTION)]):
            view.show_reasoning(response.additional_kwargs.get("thinking_delta") or "")
            view.show_answer(response.delta)
    # The last response holds the whole message, its token usage included.
    view.finish(usage=response.raw["usage"])
    return view


if __name__ == "__main__":
    main()
