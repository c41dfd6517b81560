"""Ingestion: what extractors write into nodes, and so into an index, is what was said."""

from __future__ import annotations

import json
from typing import Any

import pytest
from llama_index.core import Document, MockEmbedding, VectorStoreIndex
from llama_index.core.extractors import (
    DocumentContextExtractor,
    KeywordExtractor,
    PydanticProgramExtractor,
    QuestionsAnsweredExtractor,
    SummaryExtractor,
    TitleExtractor,
)
from llama_index.core.ingestion import IngestionCache, IngestionPipeline
from llama_index.core.node_parser import SentenceSplitter
from llama_index.core.program import FunctionCallingProgram
from llama_index.core.storage.docstore import SimpleDocumentStore
from pydantic import BaseModel

from mara_minimax.emulator import Reply, ToolCall
from tests.ecosystem.conftest import HEADER, KEY

DOCUMENT = Document(text="Paris is the capital of France.", id_="france")


class Place(BaseModel):
    city: str


def place_extractor(llm: Any) -> PydanticProgramExtractor:
    program = FunctionCallingProgram.from_defaults(
        output_cls=Place, prompt_template_str="{input}", llm=llm
    )
    return PydanticProgramExtractor(program=program, input_key="input", num_workers=1)


# What is said to each request, and the metadata that it becomes.
EXTRACTORS: dict[str, tuple[Any, list[Any], dict[str, str]]] = {
    "title": (
        lambda llm: TitleExtractor(llm=llm, nodes=1, num_workers=1),
        ["Capitals", "On capitals"],
        {"document_title": "On capitals"},
    ),
    "keywords": (
        lambda llm: KeywordExtractor(llm=llm, num_workers=1),
        ["Paris, France"],
        {"excerpt_keywords": "Paris, France"},
    ),
    "summary": (
        lambda llm: SummaryExtractor(llm=llm, num_workers=1),
        ["On Paris."],
        {"section_summary": "On Paris."},
    ),
    "questions": (
        lambda llm: QuestionsAnsweredExtractor(llm=llm, questions=1, num_workers=1),
        ["What is the capital?"],
        {"questions_this_excerpt_can_answer": "What is the capital?"},
    ),
    "program": (place_extractor, [ToolCall("Place", {"city": "Paris"})], {"city": "Paris"}),
}


@pytest.mark.parametrize("form", ["plain", "async"])
@pytest.mark.parametrize("name", list(EXTRACTORS))
async def test_an_extractor_writes_what_is_said(name: str, form: str, llm: Any, says: Any) -> None:
    make, said, metadata = EXTRACTORS[name]
    says(*said)
    pipeline = IngestionPipeline(transformations=[SentenceSplitter(), make(llm)])
    if form == "async":
        (node,) = await pipeline.arun(documents=[DOCUMENT])
    else:
        (node,) = pipeline.run(documents=[DOCUMENT])
    assert node.metadata == metadata


def contexts(llm: Any) -> IngestionPipeline:
    documents = SimpleDocumentStore()
    documents.add_documents([DOCUMENT])
    extractor = DocumentContextExtractor(docstore=documents, llm=llm, num_workers=1)
    return IngestionPipeline(transformations=[SentenceSplitter(), extractor])


def test_the_context_of_a_document_is_no_thought(llm: Any, says: Any, prompts: Any) -> None:
    # This extractor reads the first block of a message alone, which is the thought.
    says("A page on capitals.")
    (node,) = contexts(llm).run(documents=[DOCUMENT])
    assert node.metadata == {}
    assert DOCUMENT.text in prompts()[0]


def test_the_context_of_a_document_is_what_a_model_says_without_a_thought(
    llm: Any, emulator: Any
) -> None:
    emulator.answer = lambda _: Reply("A page on capitals.")
    (node,) = contexts(llm).run(documents=[DOCUMENT])
    assert node.metadata == {"context": "A page on capitals."}
    assert len(emulator.requests) == 1


def test_a_pipeline_asks_once_and_its_index_and_cache_hold_neither_thought_nor_secret(
    llm: Any, says: Any, tmp_path: Any
) -> None:
    says("Paris, France")
    pipeline = IngestionPipeline(
        transformations=[
            SentenceSplitter(),
            KeywordExtractor(llm=llm, num_workers=1),
            MockEmbedding(8),
        ],
        cache=IngestionCache(),
    )
    nodes = pipeline.run(documents=[DOCUMENT])
    assert pipeline.run(documents=[DOCUMENT])[0].metadata == nodes[0].metadata
    pipeline.persist(str(tmp_path / "pipeline"))
    VectorStoreIndex(nodes).storage_context.persist(tmp_path / "index")
    written = [path.read_text("utf-8") for path in tmp_path.rglob("*.json")]
    assert [text for text in written if "Paris, France" in text]
    for text in written:
        assert json.loads(text) is not None
        assert "trap" not in text.lower()
        assert KEY not in text
        assert HEADER not in text
