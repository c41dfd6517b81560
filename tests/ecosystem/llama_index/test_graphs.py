"""Graphs, tables of keywords and summaries: what is stored is what was said, and no thought."""

from __future__ import annotations

import json
from typing import Any, Literal

from llama_index.core import (
    Document,
    DocumentSummaryIndex,
    KeywordTableIndex,
    PropertyGraphIndex,
    TreeIndex,
)
from llama_index.core.indices.property_graph import (
    DynamicLLMPathExtractor,
    LLMSynonymRetriever,
    SchemaLLMPathExtractor,
    SimpleLLMPathExtractor,
)
from llama_index.core.response_synthesizers import get_response_synthesizer
from llama_index.core.schema import TextNode

from mara_minimax.emulator import ToolCall

TEXT = "Paris is the capital of France."
DOCUMENT = Document(text=TEXT, id_="france")
TRIPLET = ("Paris", "CAPITAL_OF", "France")


def graph(llm: Any, extractor: Any) -> PropertyGraphIndex:
    return PropertyGraphIndex.from_documents(
        [DOCUMENT],
        llm=llm,
        kg_extractors=[extractor],
        embed_kg_nodes=False,
        show_progress=False,
        use_async=False,
    )


def stored(index: Any) -> str:
    """Return all that the index keeps, in lower case."""
    kept = index.storage_context.to_dict()
    if hasattr(index, "property_graph_store"):
        kept |= {"property_graph": index.property_graph_store.graph.model_dump(mode="json")}
    return json.dumps(kept, default=str).lower()


def triplets(index: Any) -> list[tuple[str, str, str]]:
    found = index.property_graph_store.get_triplets(relation_names=[TRIPLET[1], "Capital of"])
    return [(head.name, relation.label, tail.name) for head, relation, tail in found]


def test_a_graph_holds_the_triplets_that_are_said(llm: Any, says: Any) -> None:
    says("(Paris, Capital of, France)")
    index = graph(llm, SimpleLLMPathExtractor(llm=llm, num_workers=1))
    assert triplets(index) == [("Paris", "Capital of", "France")]
    assert "trap" not in stored(index)


def test_a_graph_holds_the_triplets_of_the_json_that_is_said(llm: Any, says: Any) -> None:
    head = {"head": "Paris", "head_type": "CITY", "relation": "CAPITAL_OF"}
    says(json.dumps([{**head, "tail": "France", "tail_type": "COUNTRY"}]))
    index = graph(llm, DynamicLLMPathExtractor(llm=llm, num_workers=1))
    assert triplets(index) == [TRIPLET]
    assert "trap" not in stored(index)


def test_a_graph_with_a_schema_holds_the_triplets_of_the_call(llm: Any, says: Any) -> None:
    triplet = {
        "subject": {"type": "CITY", "name": "Paris"},
        "relation": {"type": "CAPITAL_OF"},
        "object": {"type": "COUNTRY", "name": "France"},
    }
    says(ToolCall("KGSchema", {"triplets": [triplet]}))
    extractor = SchemaLLMPathExtractor(
        llm=llm,
        possible_entities=Literal["CITY", "COUNTRY"],
        possible_relations=Literal["CAPITAL_OF"],
        kg_validation_schema=[("CITY", "CAPITAL_OF", "COUNTRY")],
        num_workers=1,
    )
    index = graph(llm, extractor)
    assert triplets(index) == [TRIPLET]
    assert "trap" not in stored(index)


def test_a_graph_is_asked_by_the_synonyms_that_are_said(llm: Any, says: Any, prompts: Any) -> None:
    says("(Paris, Capital of, France)", "Paris^City of light", "It is Paris.")
    index = graph(llm, SimpleLLMPathExtractor(llm=llm, num_workers=1))
    retriever = LLMSynonymRetriever(index.property_graph_store, llm=llm)
    engine = index.as_query_engine(llm=llm, sub_retrievers=[retriever], use_async=False)
    assert engine.query("What is the capital of France?").response == "It is Paris."
    assert "Paris -> Capital of -> France" in prompts()[2]


def test_a_keyword_table_holds_the_keywords_that_are_said(llm: Any, says: Any) -> None:
    says("KEYWORDS: Paris, France", "KEYWORDS: France", "It is Paris.")
    index = KeywordTableIndex([TextNode(text=TEXT)], llm=llm)
    assert set(index.index_struct.table) == {"paris", "france"}
    engine = index.as_query_engine(llm=llm)
    assert engine.query("What is the capital of France?").response == "It is Paris."
    assert "trap" not in stored(index)


def test_a_tree_holds_the_summary_that_is_said(llm: Any, says: Any) -> None:
    says("On capitals.", "On Paris.", "ANSWER: 2. It is on Paris.", "It is Paris.")
    nodes = [TextNode(text=TEXT) for _ in range(3)]
    index = TreeIndex(nodes, llm=llm, num_children=2, use_async=False)
    assert "on capitals." in stored(index)
    assert "trap" not in stored(index)
    engine = index.as_query_engine(llm=llm)
    assert engine.query("What is the capital of France?").response == "It is Paris."


def test_a_document_is_found_by_the_summary_that_is_said(llm: Any, says: Any) -> None:
    says("On Paris.", "Doc: 1, Relevance: 9", "It is Paris.")
    index = DocumentSummaryIndex.from_documents(
        [DOCUMENT],
        llm=llm,
        response_synthesizer=get_response_synthesizer(llm=llm, response_mode="tree_summarize"),
        show_progress=False,
    )
    assert index.get_document_summary("france") == "On Paris."
    engine = index.as_query_engine(llm=llm, retriever_mode="llm")
    assert engine.query("What is the capital of France?").response == "It is Paris."
    assert "trap" not in stored(index)
