"""Query engines: each asks as often as it must, and answers, routes and retries by what is said."""

from __future__ import annotations

from typing import Any

import pytest
from llama_index.core import SQLDatabase, SummaryIndex, VectorStoreIndex
from llama_index.core.evaluation import GuidelineEvaluator, RelevancyEvaluator
from llama_index.core.indices.query.query_transform import (
    HyDEQueryTransform,
    StepDecomposeQueryTransform,
)
from llama_index.core.indices.query.query_transform.feedback_transform import (
    FeedbackQueryTransformation,
)
from llama_index.core.query_engine import (
    CitationQueryEngine,
    MultiStepQueryEngine,
    NLSQLTableQueryEngine,
    RetryGuidelineQueryEngine,
    RetryQueryEngine,
    RouterQueryEngine,
    SubQuestionQueryEngine,
    TransformQueryEngine,
)
from llama_index.core.question_gen import LLMQuestionGenerator
from llama_index.core.response_synthesizers import get_response_synthesizer
from llama_index.core.schema import TextNode
from llama_index.core.selectors import LLMSingleSelector, PydanticSingleSelector
from llama_index.core.tools import QueryEngineTool
from sqlalchemy import create_engine, text

from mara_minimax.emulator import ToolCall

FRANCE = TextNode(text="Paris is the capital of France.", id_="france")
NORWAY = TextNode(text="Oslo is the capital of Norway.", id_="norway")
QUESTION = "What is the capital of France?"
ANSWER = "It is Paris."


def engine_over(llm: Any, *nodes: TextNode) -> Any:
    return SummaryIndex(list(nodes)).as_query_engine(llm=llm)


def tools_of(llm: Any) -> list[QueryEngineTool]:
    return [
        QueryEngineTool.from_defaults(engine_over(llm, node), name=name, description=f"on {name}")
        for name, node in (("france", FRANCE), ("norway", NORWAY))
    ]


@pytest.mark.parametrize("form", ["plain", "streaming", "async"])
async def test_a_vector_index_answers(form: str, llm: Any, says: Any, prompts: Any) -> None:
    index = VectorStoreIndex([FRANCE, NORWAY])
    engine = index.as_query_engine(llm=llm, streaming=form == "streaming")
    says(ANSWER)
    response = await engine.aquery(QUESTION) if form == "async" else engine.query(QUESTION)
    if form == "streaming":
        response = response.get_response()
    assert response.response == ANSWER
    assert {node.node_id for node in response.source_nodes} == {"france", "norway"}
    (prompt,) = prompts()
    assert FRANCE.text in prompt
    assert QUESTION in prompt


def test_a_summary_index_answers(llm: Any, says: Any, prompts: Any) -> None:
    says("It is Oslo.", ANSWER)
    engine = SummaryIndex([NORWAY, FRANCE]).as_query_engine(llm=llm, response_mode="refine")
    assert engine.query(QUESTION).response == ANSWER
    assert "It is Oslo." in prompts()[1]


@pytest.mark.parametrize("selector", ["text", "call"])
def test_a_router_goes_where_the_model_says(selector: str, llm: Any, says: Any) -> None:
    choice: str | ToolCall = '[{"choice": 2, "reason": "Norway"}]'
    chooser: Any = LLMSingleSelector
    if selector == "call":
        choice = ToolCall("SingleSelection", {"index": 2, "reason": "Norway"})
        chooser = PydanticSingleSelector
    says(choice, "It is Oslo.")
    engine = RouterQueryEngine.from_defaults(
        tools_of(llm), llm=llm, selector=chooser.from_defaults(llm=llm)
    )
    response = engine.query("What is the capital of Norway?")
    assert response.response == "It is Oslo."
    assert response.metadata["selector_result"].ind == 1


def test_sub_questions_are_asked_and_put_together(llm: Any, says: Any, prompts: Any) -> None:
    says(
        '```json\n{"items": [{"sub_question": "Capital?", "tool_name": "france"}, '
        '{"sub_question": "And there?", "tool_name": "norway"}]}\n```',
        ANSWER,
        "It is Oslo.",
        "Paris and Oslo.",
    )
    engine = SubQuestionQueryEngine.from_defaults(
        tools_of(llm),
        llm=llm,
        question_gen=LLMQuestionGenerator.from_defaults(llm=llm),
        verbose=False,
        use_async=False,
    )
    response = engine.query("What are the capitals?")
    assert response.response == "Paris and Oslo."
    assert "Sub question: Capital?\nResponse: It is Paris." in prompts()[3]
    assert "Sub question: And there?\nResponse: It is Oslo." in prompts()[3]


@pytest.mark.parametrize("streaming", [False, True])
def test_citations_point_to_the_sources(streaming: bool, llm: Any, says: Any, prompts: Any) -> None:
    says("It is Paris [1].")
    index = SummaryIndex([FRANCE, NORWAY])
    engine = CitationQueryEngine.from_args(
        index, llm=llm, retriever=index.as_retriever(), streaming=streaming
    )
    response = engine.query(QUESTION)
    if streaming:
        response = response.get_response()
    assert response.response == "It is Paris [1]."
    assert f"Source 1:\n{FRANCE.text}" in response.source_nodes[0].text
    assert f"Source 1:\n{FRANCE.text}" in prompts()[0]


def test_an_answer_that_is_not_relevant_is_asked_for_again(
    llm: Any, says: Any, prompts: Any
) -> None:
    says("It is Oslo.", "NO", ANSWER, "YES")
    engine = RetryQueryEngine(engine_over(llm, FRANCE), RelevancyEvaluator(llm=llm))
    assert engine.query(QUESTION).response == ANSWER
    assert "Here is a previous bad answer.\nIt is Oslo." in prompts()[2]


def test_an_answer_against_a_guideline_is_asked_for_again(
    llm: Any, says: Any, prompts: Any
) -> None:
    says(
        "Paris.",
        '{"passing": false, "feedback": "Answer in a sentence."}',
        "What is the capital of France, in a sentence?",
        ANSWER,
        '{"passing": true, "feedback": "Good."}',
    )
    engine = RetryGuidelineQueryEngine(
        engine_over(llm, FRANCE),
        GuidelineEvaluator(llm=llm, guidelines="Answer in sentences."),
        query_transformer=FeedbackQueryTransformation(llm=llm, resynthesize_query=True),
    )
    assert engine.query(QUESTION).response == ANSWER
    assert "What is the capital of France, in a sentence?" in prompts()[3]


def test_steps_end_where_the_model_says_none(llm: Any, says: Any, prompts: Any) -> None:
    says("Which country is it?", "It is France.", "None", ANSWER)
    engine = MultiStepQueryEngine(
        engine_over(llm, FRANCE),
        StepDecomposeQueryTransform(llm=llm),
        response_synthesizer=get_response_synthesizer(llm=llm),
        index_summary="On France.",
    )
    response = engine.query(QUESTION)
    assert response.response == ANSWER
    assert [question for question, _ in response.metadata["sub_qa"]] == ["Which country is it?"]
    assert "- Which country is it?\n- It is France." in prompts()[2]


def test_a_hypothetical_document_is_what_is_embedded(llm: Any, says: Any) -> None:
    says("Paris, of course.", ANSWER)
    transform = HyDEQueryTransform(llm=llm)
    engine = TransformQueryEngine(engine_over(llm, FRANCE), transform)
    assert engine.query(QUESTION).response == ANSWER


def test_a_database_is_asked_in_the_sql_that_is_said(llm: Any, says: Any, prompts: Any) -> None:
    database = create_engine("sqlite://")
    with database.begin() as connection:
        connection.execute(text("CREATE TABLE cities (name TEXT, people INTEGER)"))
        connection.execute(text("INSERT INTO cities VALUES ('Paris', 2), ('Oslo', 1)"))
    says("SELECT name FROM cities WHERE people = 2", ANSWER)
    engine = NLSQLTableQueryEngine(SQLDatabase(database), tables=["cities"], llm=llm)
    response = engine.query("Which city has two million people?")
    assert response.response == ANSWER
    assert response.metadata["result"] == [("Paris",)]
    assert response.metadata["sql_query"] == "SELECT name FROM cities WHERE people = 2"
    assert "[('Paris',)]" in prompts()[1]
