"""Retrievers and engines that let the model write queries: what is said is searched for."""

from __future__ import annotations

import json
from typing import Any

from llama_index.core import SQLDatabase, SummaryIndex, VectorStoreIndex
from llama_index.core.graph_stores import SimplePropertyGraphStore
from llama_index.core.indices.property_graph import CypherTemplateRetriever
from llama_index.core.indices.query.query_transform import DecomposeQueryTransform
from llama_index.core.query_engine import (
    FLAREInstructQueryEngine,
    NLSQLTableQueryEngine,
    SQLJoinQueryEngine,
    TransformQueryEngine,
)
from llama_index.core.retrievers import (
    QueryFusionRetriever,
    SummaryIndexRetriever,
    VectorIndexAutoRetriever,
)
from llama_index.core.schema import TextNode
from llama_index.core.tools import QueryEngineTool
from llama_index.core.vector_stores import MetadataInfo, VectorStoreInfo
from pydantic import BaseModel
from sqlalchemy import create_engine, text

from mara_minimax.emulator import ToolCall

PARIS = TextNode(text="Paris lies on the Seine.", id_="paris", metadata={"country": "France"})
OSLO = TextNode(text="Oslo lies by a fjord.", id_="oslo", metadata={"country": "Norway"})
ANSWER = "It lies on the Seine."


def test_queries_that_are_said_are_fused(llm: Any, says: Any) -> None:
    says("Where is Paris?\nWhere is Oslo?")
    searched: list[str] = []

    class Retriever(SummaryIndexRetriever):
        def _retrieve(self, query_bundle: Any) -> Any:
            searched.append(query_bundle.query_str)
            return super()._retrieve(query_bundle)

    fusion = QueryFusionRetriever(
        [Retriever(SummaryIndex([PARIS]))], llm=llm, num_queries=3, use_async=False
    )
    assert [node.node_id for node in fusion.retrieve("Where?")] == ["paris"]
    assert searched == ["Where?", "Where is Paris?", "Where is Oslo?"]


def test_the_filters_that_are_said_are_used(llm: Any, says: Any) -> None:
    filters = [{"key": "country", "value": "Norway", "operator": "=="}]
    says(f"```json\n{json.dumps({'query': 'water', 'filters': filters, 'top_k': 2})}\n```")
    about = MetadataInfo(name="country", type="str", description="Where it is.")
    retriever = VectorIndexAutoRetriever(
        VectorStoreIndex([PARIS, OSLO]),
        vector_store_info=VectorStoreInfo(content_info="cities", metadata_info=[about]),
        llm=llm,
    )
    assert [node.node_id for node in retriever.retrieve("Norway's?")] == ["oslo"]


def test_a_graph_is_asked_with_the_parameters_of_the_call(llm: Any, says: Any) -> None:
    class Parameters(BaseModel):
        names: list[str]

    class Store(SimplePropertyGraphStore):
        supports_structured_queries = True

        def structured_query(self, query: str, param_map: Any = None) -> Any:
            return f"{query} with {param_map['names']}"

    says(ToolCall("Parameters", {"names": ["Paris"]}))
    retriever = CypherTemplateRetriever(Store(), Parameters, "MATCH $names", llm=llm)
    (found,) = retriever.retrieve("Where is Paris?")
    assert found.text == "MATCH $names with ['Paris']"


def test_a_question_is_broken_down_as_is_said(llm: Any, says: Any, prompts: Any) -> None:
    says("On which river does Paris lie?", ANSWER)
    engine = TransformQueryEngine(
        SummaryIndex([PARIS]).as_query_engine(),
        DecomposeQueryTransform(llm=llm),
        transform_metadata={"index_summary": "On rivers."},
    )
    assert engine.query("Where is Paris?").response == ANSWER
    assert "On which river does Paris lie?" in prompts()[1]


def test_flare_searches_for_what_is_said(llm: Any, says: Any, prompts: Any) -> None:
    says("Paris lies on [Search(Which river?)]", ANSWER, "Paris lies on the Seine.", "done")
    engine = FLAREInstructQueryEngine(SummaryIndex([PARIS]).as_query_engine(), llm=llm)
    assert "Paris lies on the Seine." in engine.query("Where is Paris?").response
    assert "Query: Which river?" in prompts()[1]


def test_rows_of_a_database_and_documents_are_joined(llm: Any, says: Any, prompts: Any) -> None:
    database = create_engine("sqlite://")
    with database.begin() as connection:
        connection.execute(text("CREATE TABLE cities (name TEXT, people INTEGER)"))
        connection.execute(text("INSERT INTO cities VALUES ('Paris', 2), ('Oslo', 1)"))
    says(
        ToolCall("SingleSelection", {"index": 1, "reason": "numbers"}),
        "SELECT name FROM cities WHERE people = 2",
        "It is Paris.",
        "Where does Paris lie?",
        ANSWER,
        "Paris, which lies on the Seine.",
    )
    sql = NLSQLTableQueryEngine(SQLDatabase(database), tables=["cities"], llm=llm)
    engine = SQLJoinQueryEngine(
        QueryEngineTool.from_defaults(sql, name="sql", description="numbers"),
        QueryEngineTool.from_defaults(
            SummaryIndex([PARIS]).as_query_engine(), name="text", description="rivers"
        ),
        llm=llm,
        verbose=False,
    )
    response = engine.query("Where is the city of two million?")
    assert response.response == "Paris, which lies on the Seine."
    assert response.metadata["sql_query"] == "SELECT name FROM cities WHERE people = 2"
    assert ANSWER in prompts()[5]
