"""`ChatMiniMax` and a server of one's own."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from langchain_core.exceptions import ModelAuthenticationError
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage
from pydantic import BaseModel

from langchain_mara_minimax import ChatMARA, ChatMiniMax
from tests.scripted_host import ScriptedHost, assert_lists_are_refused_with, assert_lists_models

URL = "http://127.0.0.1:8000/v1"


class Joke(BaseModel):
    """A joke."""

    setup: str
    punchline: str


@pytest.fixture
def host() -> ScriptedHost:
    return ScriptedHost()


@pytest.fixture
def model(host: ScriptedHost) -> ChatMiniMax:
    return ChatMiniMax(endpoint="self-hosted", base_url=URL, **host.clients)


def answer(model: ChatMiniMax, form: str) -> AIMessage:
    async def drain() -> list[AIMessageChunk]:
        return [chunk async for chunk in model.astream("Hi")]

    if form == "invoke":
        return model.invoke("Hi")
    if form == "ainvoke":
        return asyncio.run(model.ainvoke("Hi"))
    chunks = list(model.stream("Hi")) if form == "stream" else asyncio.run(drain())
    whole = chunks[0]
    for chunk in chunks[1:]:
        whole += chunk
    return whole


@pytest.mark.parametrize("form", ["invoke", "ainvoke", "stream", "astream"])
def test_a_turn_goes_back_in_the_field_it_came_in(
    host: ScriptedHost, model: ChatMiniMax, form: str
) -> None:
    first = answer(model, form)
    assert first.additional_kwargs["reasoning_content"] == "Greet."
    assert first.content_blocks[0]["type"] == "reasoning"
    assert first.response_metadata["model_provider"] == "self-hosted"
    model.invoke([HumanMessage("Hi"), first, HumanMessage("And?")])
    sent = host.last_body
    assert sent["model"] == "m2"
    assert sent["messages"][1]["reasoning"] == "Greet."
    assert "reasoning_split" not in sent
    assert host.paths.count("/v1/models") == 1


def test_a_schema_is_sent_without_words_and_a_forced_tool_by_its_name(
    host: ScriptedHost, model: ChatMiniMax
) -> None:
    model.with_structured_output(Joke, method="json_schema", include_raw=True).invoke("A joke")
    assert host.last_body["messages"] == [{"role": "user", "content": "A joke"}]
    assert host.last_body["response_format"]["json_schema"]["name"] == "Joke"
    model.with_structured_output(Joke, include_raw=True).invoke("A joke")
    assert host.last_body["messages"] == [{"role": "user", "content": "A joke"}]
    assert host.last_body["tool_choice"]["function"]["name"] == "Joke"


def test_the_profile_says_that_choice_and_schema_are_enforced(model: ChatMiniMax) -> None:
    assert (model.profile["tool_choice"], model.profile["structured_output"]) == (True, True)


def test_models_are_listed_in_both_ways(host: ScriptedHost, model: ChatMiniMax) -> None:
    listed = model.list_models()
    assert listed == asyncio.run(model.alist_models())
    assert [one.id for one in listed] == ["m2", "lora"]


@pytest.mark.parametrize("kind", [ChatMiniMax, ChatMARA])
def test_a_list_that_is_refused_is_an_error_of_the_framework_too(kind: Any) -> None:
    assert_lists_are_refused_with(ModelAuthenticationError, kind)


@pytest.mark.parametrize("kind", [ChatMiniMax, ChatMARA])
def test_both_classes_list_models(kind: Any) -> None:
    assert_lists_models(kind)
