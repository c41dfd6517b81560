"""Evaluators and rerankers: they judge by what is said, where the thought says the opposite."""

from __future__ import annotations

from typing import Any

import pytest
from llama_index.core.evaluation import (
    AnswerRelevancyEvaluator,
    BatchEvalRunner,
    ContextRelevancyEvaluator,
    CorrectnessEvaluator,
    DatasetGenerator,
    FaithfulnessEvaluator,
    GuidelineEvaluator,
    PairwiseComparisonEvaluator,
    RelevancyEvaluator,
)
from llama_index.core.postprocessor import LLMRerank, StructuredLLMRerank
from llama_index.core.postprocessor.rankGPT_rerank import RankGPTRerank
from llama_index.core.schema import NodeWithScore, TextNode

from mara_minimax.emulator import ToolCall

ASKED: dict[str, Any] = {
    "query": "What is the capital of France?",
    "response": "It is Oslo.",
    "contexts": ["Paris is the capital of France."],
}
COMPARED = {"query": "Capital?", "response": "Oslo.", "second_response": "Paris."}
NODES = [
    NodeWithScore(node=TextNode(text="Paris is in France.", id_="france"), score=1.0),
    NodeWithScore(node=TextNode(text="Oslo is in Norway.", id_="norway"), score=1.0),
]


@pytest.mark.parametrize("evaluator", [FaithfulnessEvaluator, RelevancyEvaluator])
def test_no_is_no(evaluator: Any, llm: Any, says: Any) -> None:
    says("NO")
    result = evaluator(llm=llm).evaluate(**ASKED)
    assert (result.passing, result.feedback) == (False, "NO")


def test_a_score_and_its_reason_are_read(llm: Any, says: Any) -> None:
    says("2.0\nIt is wrong.")
    result = CorrectnessEvaluator(llm=llm).evaluate(**ASKED, reference="Paris.")
    assert (result.score, result.passing, result.feedback) == (2.0, False, "It is wrong.")


@pytest.mark.parametrize(
    ("evaluator", "score"), [(AnswerRelevancyEvaluator, 0.5), (ContextRelevancyEvaluator, 0.25)]
)
def test_a_result_in_brackets_is_read(evaluator: Any, score: float, llm: Any, says: Any) -> None:
    says("It is partly so.\n[RESULT] 1")
    result = evaluator(llm=llm).evaluate(**ASKED)
    assert result.score == score
    assert result.feedback == "It is partly so.\n[RESULT] 1"


def test_a_guideline_is_judged_by_the_json_that_is_said(llm: Any, says: Any) -> None:
    says('{"passing": false, "feedback": "Be polite."}')
    result = GuidelineEvaluator(llm=llm, guidelines="Be polite.").evaluate(**ASKED)
    assert (result.passing, result.feedback) == (False, "Be polite.")


def test_a_comparison_has_the_same_winner_in_both_orders(llm: Any, says: Any) -> None:
    says("[[B]]", "[[A]]")
    result = PairwiseComparisonEvaluator(llm=llm).evaluate(**COMPARED)
    assert result.score == 0.0


@pytest.mark.filterwarnings("ignore:asyncio_module:DeprecationWarning")
async def test_a_batch_asks_each_evaluator_about_each_answer(
    llm: Any, says: Any, emulator: Any
) -> None:
    says("NO", "NO", "NO", "NO")
    runner = BatchEvalRunner(
        {"faithful": FaithfulnessEvaluator(llm=llm), "relevant": RelevancyEvaluator(llm=llm)},
        workers=2,
    )
    results = await runner.aevaluate_response_strs(
        queries=["Capital?", "River?"],
        response_strs=["Oslo.", "Seine."],
        contexts_list=[ASKED["contexts"]] * 2,
    )
    assert {name: [r.passing for r in found] for name, found in results.items()} == {
        "faithful": [False, False],
        "relevant": [False, False],
    }


@pytest.mark.parametrize("reranker", ["text", "call", "order"])
def test_nodes_are_ranked_as_is_said(reranker: str, llm: Any, says: Any) -> None:
    ranks = {"documents": [{"document_number": 2, "relevance": 9}]}
    make, said = {
        "text": (LLMRerank, "Doc: 2, Relevance: 9"),
        "call": (StructuredLLMRerank, ToolCall("DocumentRelevanceList", ranks)),
        "order": (RankGPTRerank, "[2] > [1]"),
    }[reranker]
    says(said)
    ranked = make(llm=llm, top_n=1).postprocess_nodes(NODES, query_str="Where is Oslo?")
    assert [found.node.node_id for found in ranked] == ["norway"]


def data_set(llm: Any) -> Any:
    generator = DatasetGenerator([NODES[0].node], llm=llm, num_questions_per_chunk=1)
    return generator.generate_dataset_from_nodes()


@pytest.mark.filterwarnings("ignore:Call to deprecated class QueryResponseDataset")
def test_questions_and_answers_of_a_data_set_are_what_is_said(llm: Any, says: Any) -> None:
    says("What is the capital of France?", "It is Paris.")
    with pytest.warns(DeprecationWarning, match="RagDatasetGenerator"):
        found = data_set(llm)
    assert found.qr_pairs == [("What is the capital of France?", "It is Paris.")]
