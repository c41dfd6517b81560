"""A router in LlamaIndex: the model picks the query engine whose documents fit the question."""

from __future__ import annotations

import json

from llama_index.core import SummaryIndex
from llama_index.core.query_engine import RouterQueryEngine
from llama_index.core.schema import TextNode
from llama_index.core.selectors import LLMSingleSelector
from llama_index.core.tools import QueryEngineTool

from examples.connect import connect
from llama_index_mara_minimax import MiniMax
from mara_minimax.emulator import ChatRequest, Reply, answer

LIBRARY = {
    "The garden: vegetables such as tomatoes, flowers such as roses": (
        "Tomatoes in the north bed are watered every morning before eight.",
        "Roses are cut back in March, after the last frost.",
    ),
    "The workshop: machines such as the saw and the engine of the mower": (
        "The engine of the mower takes 4 litres of oil.",
        "The saw is sharpened on the first Monday of each month.",
    ),
}
QUESTIONS = (
    "When are the tomatoes watered?",
    "How much oil does the engine take?",
)


def choose(request: ChatRequest) -> Reply:
    """Stand in for a model without a key: choose an engine; the rest is the emulator's."""
    prompt = request.question.text
    if "choices" not in prompt:
        return answer(request)
    choice = 2 if QUESTIONS[1] in prompt else 1
    return Reply(json.dumps([{"choice": choice, "reason": "Its documents fit."}]))


def main() -> None:
    with connect("minimax", answer=choose) as connection:
        llm = MiniMax(**connection)
        tools = []
        for subject, sentences in LIBRARY.items():
            index = SummaryIndex([TextNode(text=sentence) for sentence in sentences])
            engine = index.as_query_engine(llm=llm)
            tools.append(QueryEngineTool.from_defaults(engine, description=subject))
        selector = LLMSingleSelector.from_defaults(llm=llm)
        router = RouterQueryEngine.from_defaults(tools, llm=llm, selector=selector)
        for question in QUESTIONS:
            response = router.query(question)
            chosen = response.metadata["selector_result"].selections[0].index
            print(f"{question}\n  asked:  {list(LIBRARY)[chosen]}\n  answer: {response}")


if __name__ == "__main__":
    main()
