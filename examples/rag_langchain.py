"""Retrieval-augmented answers with LangChain: a retriever, a prompt, a streamed answer."""

from __future__ import annotations

from pathlib import Path

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.retrievers import BaseRetriever

from examples.arguments import RAG_QUESTION, parse_arguments
from examples.connect import connect
from examples.display import AnswerView
from examples.documents import PassageIndex, load_index
from langchain_mara_minimax import ChatMARA, ChatMiniMax

CHAT_MODELS = {"minimax": ChatMiniMax, "mara": ChatMARA}

PROMPT = ChatPromptTemplate.from_messages(
    [
        ("system", "Answer from this context only, in one to three sentences.\n\n{context}"),
        ("human", "{question}"),
    ]
)


class PassageRetriever(BaseRetriever):
    """BM25 as a LangChain retriever."""

    index: PassageIndex

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[Document]:
        return [
            Document(page_content=passage.text, metadata={"source": passage.source})
            for passage, _ in self.index.search(query)
        ]


def main(provider: str, question: str, docs: Path | None = None) -> AnswerView:
    retriever = PassageRetriever(index=load_index(docs))
    with connect(provider) as connection:
        chain = PROMPT | CHAT_MODELS[provider](**connection)
        documents = retriever.invoke(question)
        context = "\n\n".join(document.page_content for document in documents)
        view = AnswerView(question)
        usage = None
        for chunk in chain.stream({"context": context, "question": question}):
            view.show_reasoning(chunk.additional_kwargs.get("reasoning_content", ""))
            view.show_answer(chunk.text)
            usage = chunk.usage_metadata or usage
        view.finish(usage=usage, sources=[document.metadata["source"] for document in documents])
    return view


if __name__ == "__main__":
    arguments = parse_arguments(__doc__, RAG_QUESTION)
    main(arguments.provider, arguments.question, arguments.docs)
