"""Retrieval-augmented answers with LlamaIndex: a query engine with a streamed answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from llama_index.core.instrumentation import get_dispatcher
from llama_index.core.instrumentation.event_handlers import BaseEventHandler
from llama_index.core.instrumentation.events.llm import LLMChatEndEvent, LLMChatInProgressEvent
from llama_index.core.query_engine import RetrieverQueryEngine
from llama_index.core.retrievers import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from examples.arguments import RAG_QUESTION, parse_arguments
from examples.connect import connect
from examples.display import AnswerView
from examples.documents import PassageIndex, load_index
from llama_index_mara_minimax import MARA, MiniMax

LLMS = {"minimax": MiniMax, "mara": MARA}


class PassageRetriever(BaseRetriever):
    """BM25 as a LlamaIndex retriever."""

    def __init__(self, index: PassageIndex) -> None:
        self._index = index
        super().__init__()

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return [
            NodeWithScore(
                node=TextNode(text=passage.text, metadata={"source": passage.source}), score=score
            )
            for passage, score in self._index.search(query_bundle.query_str)
        ]


class ReasoningHandler(BaseEventHandler):
    """Show reasoning, which query engines leave out of their answer streams."""

    view: Any
    usage: Any = None

    def handle(self, event: Any, **_: Any) -> None:
        if isinstance(event, LLMChatInProgressEvent):
            self.view.show_reasoning(event.response.additional_kwargs.get("thinking_delta") or "")
        elif isinstance(event, LLMChatEndEvent) and event.response is not None:
            self.usage = (event.response.raw or {}).get("usage")


def main(provider: str, question: str, docs: Path | None = None) -> AnswerView:
    retriever = PassageRetriever(load_index(docs))
    with connect(provider) as connection:
        llm = LLMS[provider](**connection)
        engine = RetrieverQueryEngine.from_args(retriever, llm=llm, streaming=True)
        view = AnswerView(question)
        handler = ReasoningHandler(view=view)
        get_dispatcher().add_event_handler(handler)
        try:
            response = engine.query(question)
            for text in response.response_gen:
                view.show_answer(text)
        finally:
            get_dispatcher().event_handlers.remove(handler)
        sources = [node.metadata["source"] for node in response.source_nodes]
        view.finish(usage=handler.usage, sources=sources)
    return view


if __name__ == "__main__":
    arguments = parse_arguments(__doc__, RAG_QUESTION)
    main(arguments.provider, arguments.question, arguments.docs)
