"""Query engines, selectors, evaluators and extractors: none sees a thought in its text."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from llama_index.core import Document, MockEmbedding, SummaryIndex, VectorStoreIndex
from llama_index.core.base.llms.types import ChatMessage
from llama_index.core.chat_engine import CondensePlusContextChatEngine
from llama_index.core.evaluation import (
    CorrectnessEvaluator,
    FaithfulnessEvaluator,
    RelevancyEvaluator,
)
from llama_index.core.extractors import KeywordExtractor, SummaryExtractor, TitleExtractor
from llama_index.core.indices.property_graph import SimpleLLMPathExtractor
from llama_index.core.memory import ChatMemoryBuffer
from llama_index.core.postprocessor import LLMRerank
from llama_index.core.query_engine import RouterQueryEngine
from llama_index.core.question_gen import LLMQuestionGenerator
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode
from llama_index.core.selectors import LLMMultiSelector, LLMSingleSelector
from llama_index.core.tools import QueryEngineTool, ToolMetadata

from llama_index_mara_minimax import MARA, MiniMax
from mara_minimax.emulator import Emulator

NODES = [
    TextNode(text="Paris is the capital of France. It lies on the Seine.", id_="a"),
    TextNode(text="Oslo is the capital of Norway. It lies by a fjord.", id_="b"),
]
DOCUMENTS = [Document(text=node.text) for node in NODES]


@pytest.mark.parametrize(
    "mode", ["compact", "refine", "tree_summarize", "simple_summarize", "accumulate"]
)
def test_a_query_engine_answers_with_text(mode: str, answering: Any) -> None:
    index = SummaryIndex(NODES)
    engine = index.as_query_engine(llm=answering("It is Paris."), response_mode=mode)
    answer = str(engine.query("What is the capital of France?"))
    assert "It is Paris." in answer
    assert "trap" not in answer


def test_an_async_query_engine_answers_with_text(answering: Any) -> None:
    engine = SummaryIndex(NODES).as_query_engine(llm=answering("It is Paris."))
    assert str(asyncio.run(engine.aquery("What is the capital?"))) == "It is Paris."


def test_no_thought_is_in_a_later_prompt_of_refine(
    answering: Any, server: Emulator, mara_server: Emulator
) -> None:
    engine = SummaryIndex(NODES).as_query_engine(
        llm=answering("It is Paris."), response_mode="refine"
    )
    engine.query("What is the capital of France?")
    bodies = [request.body for request in [*server.requests, *mara_server.requests]]
    assert len(bodies) == 2
    assert "It is Paris." in str(bodies[1])
    assert "trap" not in str(bodies)


def test_a_streamed_answer_is_text(answering: Any) -> None:
    llm = answering("It is Paris.", stream=True)
    engine = SummaryIndex(NODES).as_query_engine(llm=llm, streaming=True)
    tokens = list(engine.query("What is the capital?").response_gen)
    assert "".join(tokens) == "It is Paris."


def test_a_vector_index_answers_with_text(answering: Any) -> None:
    index = VectorStoreIndex(NODES, embed_model=MockEmbedding(8))
    engine = index.as_query_engine(llm=answering("It is Paris."), similarity_top_k=2)
    assert str(engine.query("What is the capital?")) == "It is Paris."


CHOICES = [ToolMetadata("about France", name="a"), ToolMetadata("about Norway", name="b")]


def test_a_single_selector_picks(answering: Any) -> None:
    llm = answering('[{"choice": 2, "reason": "Norway"}]')
    assert LLMSingleSelector.from_defaults(llm=llm).select(CHOICES, "Oslo?").ind == 1


def test_a_multi_selector_picks(answering: Any) -> None:
    llm = answering('[{"choice": 1, "reason": "x"}, {"choice": 2, "reason": "y"}]')
    assert LLMMultiSelector.from_defaults(llm=llm).select(CHOICES, "Both?").inds == [0, 1]


def test_a_router_goes_where_it_should(answering: Any) -> None:
    llm = answering('[{"choice": 2, "reason": "Norway"}]')
    tools = [
        QueryEngineTool.from_defaults(
            SummaryIndex([node]).as_query_engine(llm=llm),
            description=node.text,
        )
        for node in NODES
    ]
    engine = RouterQueryEngine.from_defaults(
        tools, llm=llm, selector=LLMSingleSelector.from_defaults(llm=llm)
    )
    response = engine.query("What is the capital of Norway?")
    assert response.metadata["selector_result"].ind == 1


def test_sub_questions_are_read(answering: Any) -> None:
    llm = answering('```json\n{"items": [{"sub_question": "Capital?", "tool_name": "a"}]}\n```')
    questions = LLMQuestionGenerator.from_defaults(llm=llm).generate(CHOICES, QueryBundle("x"))
    assert [question.sub_question for question in questions] == ["Capital?"]


@pytest.mark.parametrize("evaluator", [FaithfulnessEvaluator, RelevancyEvaluator])
@pytest.mark.parametrize(("said", "passing"), [("NO", False), ("YES", True)])
def test_an_evaluator_reads_the_answer_and_not_the_thought(
    evaluator: Any, said: str, passing: bool, answering: Any
) -> None:
    result = evaluator(llm=answering(said)).evaluate(
        query="Capital?", response="It is Paris.", contexts=["Paris is the capital."]
    )
    assert result.passing is passing


def test_a_correctness_score_is_read(answering: Any) -> None:
    result = CorrectnessEvaluator(llm=answering("2.0\nIt is wrong.")).evaluate(
        query="Capital?", response="It is Oslo.", reference="Paris"
    )
    assert result.score == 2.0
    assert result.feedback == "It is wrong."


def test_extractors_store_no_thought(answering: Any) -> None:
    llm = answering("Capitals of Europe")

    async def extract() -> list[Any]:
        return [
            await extractor.aextract(NODES)
            for extractor in (
                TitleExtractor(llm=llm),
                KeywordExtractor(llm=llm),
                SummaryExtractor(llm=llm),
            )
        ]

    values = {
        value for found in asyncio.run(extract()) for item in found for value in item.values()
    }
    assert values == {"Capitals of Europe"}


def test_a_graph_extractor_invents_no_triplet(answering: Any) -> None:
    llm = answering("(Paris, Capital of, France)")
    (node,) = SimpleLLMPathExtractor(llm=llm, num_workers=1)([NODES[0]], show_progress=False)
    names = {entity.name for entity in node.metadata["nodes"]}
    assert names == {"Paris", "France"}


def test_a_reranker_reads_the_ranks(answering: Any) -> None:
    llm = answering("Doc: 2, Relevance: 9")
    nodes = [NodeWithScore(node=node) for node in NODES]
    ranked = LLMRerank(llm=llm, top_n=2).postprocess_nodes(nodes, query_str="Oslo?")
    assert [node.node.node_id for node in ranked] == ["b"]


def test_a_condensed_question_is_text(
    answering: Any, server: Emulator, mara_server: Emulator
) -> None:
    llm = answering("It is Paris.")
    memory = ChatMemoryBuffer.from_defaults(
        chat_history=[ChatMessage(role="user", content="Hi")], llm=llm
    )
    engine = CondensePlusContextChatEngine.from_defaults(
        SummaryIndex(NODES).as_retriever(), llm=llm, memory=memory
    )
    assert str(engine.chat("And the capital?")) == "It is Paris."
    bodies = [request.body for request in [*server.requests, *mara_server.requests]]
    assert len(bodies) == 2
    assert "trap" not in str(bodies)
    assert [message.content for message in memory.get_all()][-1] == "It is Paris."


@pytest.mark.parametrize("cls", ["minimax", "mara"])
def test_the_emulated_providers_answer_from_documents(cls: str, llm: MiniMax, mara: MARA) -> None:
    model = llm if cls == "minimax" else mara
    index = VectorStoreIndex.from_documents(DOCUMENTS, embed_model=MockEmbedding(8))
    engine = index.as_query_engine(llm=model, similarity_top_k=2)
    assert "Norway" in str(engine.query("What is the capital of Norway?"))
