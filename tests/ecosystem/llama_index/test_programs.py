"""Structured programs: an object from a call, or from JSON text where a program reads text."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from llama_index.core.base.llms.types import ChatMessage, ImageBlock
from llama_index.core.output_parsers import PydanticOutputParser
from llama_index.core.program import (
    FunctionCallingProgram,
    LLMTextCompletionProgram,
    MultiModalLLMCompletionProgram,
)
from llama_index.core.prompts import PromptTemplate
from llama_index.core.selectors import PydanticMultiSelector
from llama_index.core.tools import ToolMetadata
from pydantic import BaseModel

from mara_minimax.emulator import ToolCall


class Capital(BaseModel):
    name: str


PARIS = Capital(name="Paris")
CALL = ToolCall("Capital", {"name": "Paris"})
TEXT = '```json\n{"name": "Paris"}\n```'
PROMPT = PromptTemplate("Name the capital of {country}.")
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
ANSWERS = {"call": CALL, "text": TEXT}


@pytest.mark.parametrize("way", list(ANSWERS))
@pytest.mark.parametrize("form", ["plain", "async"])
async def test_structured_predict_gives_the_object(
    form: str, way: str, llm: Any, says: Any, prompts: Any
) -> None:
    says(ANSWERS[way])
    if form == "async":
        found = await llm.astructured_predict(Capital, PROMPT, country="France")
    else:
        found = llm.structured_predict(Capital, PROMPT, country="France")
    assert found == PARIS
    assert "Name the capital of France." in prompts()[0]


@pytest.mark.parametrize("form", ["plain", "async"])
async def test_a_stream_ends_with_the_object(form: str, llm: Any, says: Any) -> None:
    says(CALL)
    if form == "async":
        stream = await llm.astream_structured_predict(Capital, PROMPT, country="France")
        found = [item async for item in stream]
    else:
        found = list(llm.stream_structured_predict(Capital, PROMPT, country="France"))
    assert found[-1].model_dump() == PARIS.model_dump()
    assert all("Paris".startswith(item.name or "") for item in found)


@pytest.mark.parametrize("way", list(ANSWERS))
@pytest.mark.parametrize("form", ["chat", "achat", "stream_chat", "complete"])
async def test_a_structured_llm_gives_the_object(form: str, way: str, llm: Any, says: Any) -> None:
    says(ANSWERS[way])
    structured = llm.as_structured_llm(Capital)
    question = [ChatMessage(role="user", content="Capital of France?")]
    if form == "complete":
        response = structured.complete("Capital of France?")
        assert Capital.model_validate_json(response.text) == PARIS
        return
    if form == "stream_chat":
        *_, response = structured.stream_chat(question)
    else:
        response = (
            await structured.achat(question) if form == "achat" else structured.chat(question)
        )
    assert response.raw.model_dump() == PARIS.model_dump()
    assert response.message.content == PARIS.model_dump_json()


def test_a_function_program_gives_one_object_for_each_call(llm: Any, says: Any) -> None:
    says([CALL, ToolCall("Capital", {"name": "Oslo"})])
    program = FunctionCallingProgram.from_defaults(
        output_cls=Capital, prompt=PROMPT, llm=llm, allow_parallel_tool_calls=True
    )
    assert program(country="France and Norway") == [PARIS, Capital(name="Oslo")]


def test_a_text_program_reads_the_json_that_is_said(llm: Any, says: Any) -> None:
    says(TEXT)
    program = LLMTextCompletionProgram.from_defaults(
        output_parser=PydanticOutputParser(output_cls=Capital), prompt=PROMPT, llm=llm
    )
    assert program(country="France") == PARIS


def test_a_selector_picks_by_a_call(llm: Any, says: Any) -> None:
    picked = [{"index": 1, "reason": "x"}, {"index": 2, "reason": "y"}]
    says(ToolCall("MultiSelection", {"selections": picked}))
    choices = [ToolMetadata("on France", name="a"), ToolMetadata("on Norway", name="b")]
    selector = PydanticMultiSelector.from_defaults(llm=llm)
    assert selector.select(choices, "Both?").inds == [0, 1]


def test_a_program_reads_what_is_said_of_an_image(llm: Any, says: Any, emulator: Any) -> None:
    says(TEXT)
    program = MultiModalLLMCompletionProgram.from_defaults(
        output_cls=Capital,
        prompt=PROMPT,
        multi_modal_llm=llm.model_copy(update={"model": "MiniMax-M3"}),
        image_documents=[ImageBlock(image=PIXEL, image_mimetype="image/png")],
    )
    assert program(country="France") == PARIS
    image, text = emulator.last_body["messages"][-1]["content"]
    assert image["type"] == "image_url"
    assert text["text"].startswith("Name the capital of France.")
