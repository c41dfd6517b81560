"""Parts that parse what the model says, for each form of reasoning: they read the answer."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Literal

import pytest
from llama_index.core import KeywordTableIndex
from llama_index.core.evaluation import (
    AnswerRelevancyEvaluator,
    ContextRelevancyEvaluator,
    GuidelineEvaluator,
    PairwiseComparisonEvaluator,
)
from llama_index.core.extractors import QuestionsAnsweredExtractor
from llama_index.core.indices.property_graph import DynamicLLMPathExtractor, SchemaLLMPathExtractor
from llama_index.core.output_parsers import PydanticOutputParser
from llama_index.core.postprocessor import StructuredLLMRerank
from llama_index.core.postprocessor.rankGPT_rerank import RankGPTRerank
from llama_index.core.program import LLMTextCompletionProgram
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode
from llama_index.core.selectors import PydanticMultiSelector, PydanticSingleSelector
from llama_index.core.tools import ToolMetadata
from pydantic import BaseModel

from mara_minimax import errors
from mara_minimax.emulator import CannedReply, Emulator

NODES = [
    TextNode(text="Paris is the capital of France.", id_="a"),
    TextNode(text="Oslo is the capital of Norway.", id_="b"),
]
SCORED = [NodeWithScore(node=node, score=1.0) for node in NODES]
CHOICES = [ToolMetadata("about France", name="a"), ToolMetadata("about Norway", name="b")]
TRIPLET = {
    "subject": {"type": "CITY", "name": "Paris"},
    "relation": {"type": "IN"},
    "object": {"type": "COUNTRY", "name": "France"},
}


class Capital(BaseModel):
    name: str


@pytest.mark.parametrize("way", ["call", "text"])
def test_a_pydantic_selector_picks(way: str, answering: Any) -> None:
    choice = '{"index": 2, "reason": "Norway"}'
    llm = answering(calls=(("SingleSelection", choice),)) if way == "call" else answering(choice)
    assert PydanticSingleSelector.from_defaults(llm=llm).select(CHOICES, "Oslo?").ind == 1


@pytest.mark.parametrize("way", ["call", "text"])
def test_a_pydantic_multi_selector_picks(way: str, answering: Any) -> None:
    chosen = '{"selections": [{"index": 1, "reason": "x"}, {"index": 2, "reason": "y"}]}'
    llm = answering(calls=(("MultiSelection", chosen),)) if way == "call" else answering(chosen)
    assert PydanticMultiSelector.from_defaults(llm=llm).select(CHOICES, "Both?").inds == [0, 1]


@pytest.mark.parametrize("passing", [False, True])
def test_a_guideline_evaluator_reads_its_json(passing: bool, answering: Any) -> None:
    llm = answering(json.dumps({"passing": passing, "feedback": "Because."}))
    result = GuidelineEvaluator(llm=llm).evaluate(query="Capital?", response="Paris.")
    assert result.passing is passing
    assert result.feedback == "Because."


def test_a_pairwise_comparison_reads_the_verdict(answering: Any) -> None:
    evaluator = PairwiseComparisonEvaluator(llm=answering("[[B]]"), enforce_consensus=False)
    result = evaluator.evaluate(query="Q", response="1", second_response="2", reference="2")
    assert result.score == 0.0


@pytest.mark.parametrize("evaluator", [AnswerRelevancyEvaluator, ContextRelevancyEvaluator])
def test_a_relevancy_score_is_read(evaluator: Any, answering: Any) -> None:
    llm = answering("Feedback.\n[RESULT] 1")
    result = evaluator(llm=llm).evaluate(query="Q", response="Paris.", contexts=["Paris."])
    assert result.score == pytest.approx(1 / (2 if evaluator is AnswerRelevancyEvaluator else 4))


def test_a_text_program_reads_its_json(answering: Any) -> None:
    program = LLMTextCompletionProgram.from_defaults(
        output_parser=PydanticOutputParser(output_cls=Capital),
        prompt_template_str="Name a capital.",
        llm=answering('{"name": "Paris"}'),
    )
    assert program() == Capital(name="Paris")


def test_a_questions_extractor_stores_no_thought(answering: Any) -> None:
    extractor = QuestionsAnsweredExtractor(llm=answering("What is the capital?"))
    found = asyncio.run(extractor.aextract(NODES))
    assert [list(item.values()) for item in found] == [["What is the capital?"]] * 2


def test_a_keyword_table_holds_no_thought(answering: Any) -> None:
    index = KeywordTableIndex(NODES[:1], llm=answering("KEYWORDS: Paris, France"))
    assert set(index.index_struct.table) == {"paris", "france"}


def test_a_dynamic_extractor_invents_no_triplet(answering: Any) -> None:
    triplet = {"head": "Paris", "head_type": "CITY", "relation": "IN"}
    llm = answering(json.dumps([{**triplet, "tail": "France", "tail_type": "COUNTRY"}]))
    (node,) = DynamicLLMPathExtractor(llm=llm, num_workers=1)(
        [NODES[0].model_copy(deep=True)], show_progress=False
    )
    assert {entity.name for entity in node.metadata["nodes"]} == {"Paris", "France"}
    assert [relation.label for relation in node.metadata["relations"]] == ["IN"]


def schema_extractor(llm: Any) -> SchemaLLMPathExtractor:
    return SchemaLLMPathExtractor(
        llm=llm,
        possible_entities=Literal["CITY", "COUNTRY"],
        possible_relations=Literal["IN"],
        kg_validation_schema=[("CITY", "IN", "COUNTRY")],
        num_workers=1,
    )


@pytest.mark.parametrize("way", ["call", "text"])
def test_a_schema_extractor_stores_the_triplets_of_the_call(way: str, answering: Any) -> None:
    found = json.dumps({"triplets": [TRIPLET]})
    llm = answering(calls=(("KGSchema", found),)) if way == "call" else answering(found)
    (node,) = schema_extractor(llm)([NODES[0].model_copy(deep=True)], show_progress=False)
    assert {entity.name for entity in node.metadata["nodes"]} == {"Paris", "France"}


def test_a_schema_extractor_raises_what_the_provider_said(llm: Any, server: Emulator) -> None:
    server.enqueue(CannedReply.json({"error": {"message": "no (1004)"}}, status=401))
    with pytest.raises(errors.AuthenticationError):
        schema_extractor(llm)([NODES[0].model_copy(deep=True)], show_progress=False)


@pytest.mark.parametrize("way", ["call", "text"])
def test_a_structured_reranker_reads_the_ranks(way: str, answering: Any) -> None:
    ranks = '{"documents": [{"document_number": 2, "relevance": 9}]}'
    name = "DocumentRelevanceList"
    llm = answering(calls=((name, ranks),)) if way == "call" else answering(ranks)
    ranked = StructuredLLMRerank(llm=llm, top_n=2).postprocess_nodes(SCORED, query_str="Oslo?")
    assert [node.node.node_id for node in ranked] == ["b"]


def test_rank_gpt_reads_the_order(answering: Any) -> None:
    reranker = RankGPTRerank(llm=answering("[2] > [1]"), top_n=2)
    ranked = reranker.postprocess_nodes(SCORED, query_bundle=QueryBundle("Oslo?"))
    assert [node.node.node_id for node in ranked] == ["b", "a"]
