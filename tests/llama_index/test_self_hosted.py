"""`MiniMax` and a server of one's own."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from llama_index.core.base.llms.types import ChatMessage, ChatResponse, ThinkingBlock
from llama_index.core.prompts import PromptTemplate
from pydantic import BaseModel

from llama_index_mara_minimax import MARA, MiniMax
from mara_minimax.errors import AuthenticationError
from tests.scripted_host import ScriptedHost, assert_lists_are_refused_with, assert_lists_models

URL = "http://127.0.0.1:8000/v1"
HELLO = ChatMessage(role="user", content="Hi")


class Joke(BaseModel):
    """A joke."""

    setup: str
    punchline: str


@pytest.fixture
def host() -> ScriptedHost:
    return ScriptedHost()


@pytest.fixture
def llm(host: ScriptedHost) -> MiniMax:
    return MiniMax(endpoint="self-hosted", base_url=URL, **host.clients)


def answer(llm: MiniMax, form: str) -> ChatResponse:
    async def drain() -> list[ChatResponse]:
        return [response async for response in await llm.astream_chat([HELLO])]

    if form == "chat":
        return llm.chat([HELLO])
    if form == "achat":
        return asyncio.run(llm.achat([HELLO]))
    return (list(llm.stream_chat([HELLO])) if form == "stream_chat" else asyncio.run(drain()))[-1]


@pytest.mark.parametrize("form", ["chat", "achat", "stream_chat", "astream_chat"])
def test_a_turn_goes_back_in_the_field_it_came_in(
    host: ScriptedHost, llm: MiniMax, form: str
) -> None:
    first = answer(llm, form).message
    (thought,) = [block for block in first.blocks if isinstance(block, ThinkingBlock)]
    assert thought.content == "Greet."
    llm.chat([HELLO, first, ChatMessage(role="user", content="And?")])
    sent = host.last_body
    assert sent["model"] == "m2"
    assert sent["messages"][1]["reasoning"] == "Greet."
    assert "reasoning_split" not in sent
    assert host.paths.count("/v1/models") == 1


def test_structured_prediction_forces_the_call_without_words(
    host: ScriptedHost, llm: MiniMax
) -> None:
    with pytest.raises(ValueError, match="tool call"):
        llm.structured_predict(Joke, PromptTemplate("A joke"))
    assert host.last_body["messages"] == [{"role": "user", "content": "A joke"}]
    assert host.last_body["tool_choice"] == "required"


def test_models_are_listed_in_both_ways(host: ScriptedHost, llm: MiniMax) -> None:
    listed = llm.list_models()
    assert listed == asyncio.run(llm.alist_models())
    assert [one.id for one in listed] == ["m2", "lora"]


@pytest.mark.parametrize("kind", [MiniMax, MARA])
def test_a_list_that_is_refused_is_an_error(kind: Any) -> None:
    assert_lists_are_refused_with(AuthenticationError, kind)


@pytest.mark.parametrize("kind", [MiniMax, MARA])
def test_both_classes_list_models(kind: Any) -> None:
    assert_lists_models(kind)
