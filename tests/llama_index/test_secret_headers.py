"""Headers are sent as given and shown hidden; variables of prompts are text whatever their name."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from llama_index.core.prompts import PromptTemplate
from pydantic import BaseModel, SecretStr

from llama_index_mara_minimax import MiniMax
from mara_minimax.emulator import Emulator

TEMPLATE = PromptTemplate("{api_key} / {headers} / {extra_headers} / {default_headers}")
VARIABLES = {
    "api_key": "a variable",
    "headers": {"From": "mail"},
    "extra_headers": "more",
    "default_headers": ["Date"],
}


class City(BaseModel):
    name: str


async def _apredict(llm: MiniMax) -> None:
    await llm.apredict(TEMPLATE, **VARIABLES)


async def _astream(llm: MiniMax) -> None:
    async for _ in await llm.astream(TEMPLATE, **VARIABLES):
        pass


async def _astructured(llm: MiniMax) -> None:
    await llm.astructured_predict(City, TEMPLATE, **VARIABLES)


async def _astream_structured(llm: MiniMax) -> None:
    async for _ in await llm.astream_structured_predict(City, TEMPLATE, **VARIABLES):
        pass


PREDICTIONS: dict[str, Callable[[MiniMax], object]] = {
    "predict": lambda llm: llm.predict(TEMPLATE, **VARIABLES),
    "apredict": lambda llm: asyncio.run(_apredict(llm)),
    "stream": lambda llm: list(llm.stream(TEMPLATE, **VARIABLES)),
    "astream": lambda llm: asyncio.run(_astream(llm)),
    "structured_predict": lambda llm: llm.structured_predict(City, TEMPLATE, **VARIABLES),
    "astructured_predict": lambda llm: asyncio.run(_astructured(llm)),
    "stream_structured_predict": lambda llm: list(
        llm.stream_structured_predict(City, TEMPLATE, **VARIABLES)
    ),
    "astream_structured_predict": lambda llm: asyncio.run(_astream_structured(llm)),
}


@pytest.mark.parametrize("form", PREDICTIONS)
def test_variables_of_a_prompt_are_sent_as_given_whatever_their_names(
    form: str, llm: MiniMax, server: Emulator
) -> None:
    PREDICTIONS[form](llm)
    content = server.requests[0].body["messages"][-1]["content"]
    assert "a variable / {'From': 'mail'} / more / ['Date']" in content


FORMS = pytest.mark.parametrize("value", [str, SecretStr], ids=["plain", "hidden"])


@FORMS
@pytest.mark.parametrize("form", ["structured_predict", "stream_structured_predict"])
@pytest.mark.parametrize("positional", [True, False], ids=["positional", "by name"])
def test_headers_of_a_structured_call_are_sent(
    value: Any, form: str, positional: bool, llm: MiniMax, server: Emulator
) -> None:
    given: dict[str, Any] = {"extra_headers": {"X-Call": value("given-value")}}
    call = getattr(llm, form)
    prompt = PromptTemplate("Name a city.")
    result = call(City, prompt, given) if positional else call(City, prompt, llm_kwargs=given)
    if form == "stream_structured_predict":
        result = list(result)
    assert result
    assert server.requests[0].headers["x-call"] == "given-value"
    assert given == {"extra_headers": {"X-Call": value("given-value")}}


@FORMS
def test_headers_of_a_call_are_sent_in_every_form(
    value: Any, call: Any, llm: MiniMax, server: Emulator
) -> None:
    call(llm, "Hi", extra_headers={"X-Call": value("given-value")})
    assert server.requests[-1].headers["x-call"] == "given-value"


def test_headers_of_the_llm_are_given_as_text_and_shown_as_hidden_values(
    make_llm: Callable[..., MiniMax], server: Emulator
) -> None:
    llm = make_llm(
        default_headers={"X-One": "secret-1"},
        additional_kwargs={"extra_headers": {"X-Two": "secret-2"}, "top_p": 0.5},
    )
    assert llm.default_headers == {"X-One": SecretStr("secret-1")}
    assert llm.additional_kwargs == {
        "extra_headers": {"X-Two": SecretStr("secret-2")},
        "top_p": 0.5,
    }
    assert "secret" not in f"{llm.default_headers} {llm.additional_kwargs}"
    llm.complete("Hi")
    assert server.requests[-1].headers["x-one"] == "secret-1"
    assert server.requests[-1].headers["x-two"] == "secret-2"
    assert server.last_body["top_p"] == 0.5
