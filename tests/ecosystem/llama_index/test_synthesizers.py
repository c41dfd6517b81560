"""Response synthesizers: each mode asks as often as it says, and answers with what is said."""

from __future__ import annotations

from typing import Any

import pytest
from llama_index.core.response_synthesizers import get_response_synthesizer
from llama_index.core.schema import NodeWithScore, TextNode
from pydantic import BaseModel

from mara_minimax.emulator import ToolCall

NODES = [
    NodeWithScore(node=TextNode(text=text), score=1.0)
    for text in ("Paris is the capital of France.", "Oslo is the capital of Norway.")
]
QUESTION = "What are the capitals?"
# What is said to each request, and the answer.
MODES = {
    "refine": (["It is Paris.", "Paris and Oslo."], "Paris and Oslo."),
    "compact": (["Paris and Oslo."], "Paris and Oslo."),
    "simple_summarize": (["Paris and Oslo."], "Paris and Oslo."),
    "tree_summarize": (["Paris and Oslo."], "Paris and Oslo."),
    "generation": (["Paris and Oslo."], "Paris and Oslo."),
    "accumulate": (
        ["Paris.", "Oslo."],
        "Response 1: Paris.\n---------------------\nResponse 2: Oslo.",
    ),
    "compact_accumulate": (["Paris and Oslo."], "Response 1: Paris and Oslo."),
}


class Capitals(BaseModel):
    names: list[str]


def synthesize(mode: str, **settings: Any) -> Any:
    synthesizer = get_response_synthesizer(response_mode=mode, **settings)
    return synthesizer.synthesize(QUESTION, nodes=NODES)


@pytest.mark.parametrize("mode", list(MODES))
def test_a_mode_answers(mode: str, llm: Any, says: Any) -> None:
    said, answer = MODES[mode]
    says(*said)
    assert synthesize(mode).response == answer


@pytest.mark.parametrize("mode", [mode for mode in MODES if "accumulate" not in mode])
def test_a_mode_streams_its_answer(mode: str, llm: Any, says: Any) -> None:
    said, answer = MODES[mode]
    says(*said)
    assert "".join(synthesize(mode, streaming=True).response_gen) == answer


async def test_an_async_synthesizer_answers(llm: Any, says: Any) -> None:
    says("Paris and Oslo.")
    synthesizer = get_response_synthesizer(response_mode="tree_summarize", use_async=True)
    response = await synthesizer.asynthesize(QUESTION, nodes=NODES)
    assert response.response == "Paris and Oslo."


@pytest.mark.parametrize("mode", ["refine", "compact", "tree_summarize"])
def test_an_output_class_is_filled(mode: str, llm: Any, says: Any) -> None:
    call = ToolCall("Capitals", {"names": ["Paris", "Oslo"]})
    says(*[call] * (2 if mode == "refine" else 1))
    synthesizer = get_response_synthesizer(response_mode=mode, output_cls=Capitals)
    response = synthesizer.synthesize(QUESTION, nodes=NODES)
    assert response.response == Capitals(names=["Paris", "Oslo"])


def test_answers_that_the_query_does_not_satisfy_are_filtered(llm: Any, says: Any) -> None:
    says(
        ToolCall("StructuredRefineResponse", {"answer": "No.", "query_satisfied": False}),
        ToolCall("StructuredRefineResponse", {"answer": "Oslo.", "query_satisfied": True}),
    )
    synthesizer = get_response_synthesizer(response_mode="refine", structured_answer_filtering=True)
    assert synthesizer.synthesize(QUESTION, nodes=NODES).response == "Oslo."
