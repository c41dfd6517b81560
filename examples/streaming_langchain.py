"""A LangChain stream: the reasoning dimmed while the model thinks, then the answer."""

from __future__ import annotations

from examples.connect import connect
from examples.display import AnswerView
from langchain_mara_minimax import ChatMiniMax

QUESTION = "Share a happy story with me."


def main() -> AnswerView:
    with connect("minimax", scenario="slow", delay=0.03) as connection:
        model = ChatMiniMax(**connection)
        view = AnswerView(QUESTION)
        whole = None
        for chunk in model.stream(QUESTION):
            view.show_reasoning(chunk.additional_kwargs.get("reasoning_content", ""))
            view.show_answer(chunk.text)
            whole = chunk if whole is None else whole + chunk
    # Chunks add up to the message that `invoke` returns, its token usage included.
    view.finish(usage=whole.usage_metadata)
    return view


if __name__ == "__main__":
    main()
