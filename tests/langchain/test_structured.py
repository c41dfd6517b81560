"""Structured output: what is asked, and every form of answer that is understood."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any, TypedDict

import pytest
from langchain_core.exceptions import OutputParserException
from langchain_core.messages import AIMessage, SystemMessage
from pydantic import BaseModel

from langchain_mara_minimax import ChatMARA, ChatMiniMax
from langchain_mara_minimax.parsing import (
    StructuredOutputError,
    StructuredOutputParser,
)
from mara_minimax.emulator import CannedReply, Emulator
from mara_minimax.errors import ParameterError


class Joke(BaseModel):
    """A joke."""

    setup: str
    punchline: str
    rating: int = 5


class JokeDict(TypedDict):
    """A joke."""

    setup: str
    punchline: str


JOKE_SCHEMA = {
    "title": "JokeSchema",
    "description": "A joke.",
    "type": "object",
    "properties": {"setup": {"type": "string"}, "punchline": {"type": "string"}},
    "required": ["setup", "punchline"],
}
ANSWER = {"setup": "Knock knock", "punchline": "Who's there?"}
TEXT = json.dumps(ANSWER)
METHODS = ["function_calling", "json_schema", "json_mode"]

SCHEMAS = [
    pytest.param(Joke, Joke(**ANSWER), id="pydantic"),  # type: ignore[arg-type]
    pytest.param(JokeDict, ANSWER, id="typeddict"),
    pytest.param(JOKE_SCHEMA, ANSWER, id="json_schema"),
]


def name_of(schema: Any) -> str:
    return schema["title"] if isinstance(schema, dict) else schema.__name__


@pytest.mark.filterwarnings("ignore:.*strict=True")
@pytest.mark.parametrize(("schema", "expected"), SCHEMAS)
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("strict", [None, True, False])
@pytest.mark.parametrize("include_raw", [False, True])
def test_every_method_and_schema_gives_the_object(
    model: ChatMiniMax,
    server: Emulator,
    turns: Any,
    schema: Any,
    expected: Any,
    method: Any,
    strict: bool | None,
    include_raw: bool,
) -> None:
    structured: Any = model.with_structured_output(
        schema, method=method, strict=strict, include_raw=include_raw
    )
    if include_raw:
        structured = structured.pick("parsed")
    called = turns(reasoning=("Hm.",), calls=((name_of(schema), TEXT),))
    written = turns(reasoning=("Hm.",), text=(TEXT,))
    for turn in (called, written):
        server.enqueue(turn.plain())
        assert structured.invoke("Tell me a joke") == expected
        server.enqueue(turn.plain())
        assert asyncio.run(structured.ainvoke("Tell me a joke")) == expected


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(TEXT, id="plain"),
        pytest.param(f"```json\n{TEXT}\n```", id="fenced"),
        pytest.param(f"```\n{TEXT}\n```\nI hope you like it!", id="fenced with a remark"),
        pytest.param(f"```json\n{TEXT}", id="fence left open"),
        pytest.param(f"Here is {{a}} joke: {TEXT} Enjoy {{it}}!", id="in prose"),
        pytest.param(f'First try: {{"setup": "?"}}. Better: {TEXT}', id="after another object"),
        pytest.param(f"<think>\n{{}} or so\n</think>\n\n{TEXT}", id="after reasoning"),
        pytest.param(TEXT.replace("Knock knock", "Knock\nknock"), id="with a raw line break"),
    ],
)
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("schema", [Joke, JokeDict])
def test_json_in_text_is_found(
    mara: ChatMARA, mara_server: Emulator, turns: Any, text: str, method: Any, schema: Any
) -> None:
    mara_server.enqueue(turns(text=(text,)).plain())
    answer = mara.with_structured_output(schema, method=method).invoke("Tell me a joke")
    assert dict(answer)["punchline"] == "Who's there?"


@pytest.mark.parametrize(
    "turn",
    [
        pytest.param({"text": ("I know no jokes.",)}, id="prose"),
        pytest.param({"text": ("",)}, id="nothing"),
        pytest.param({"text": ('{"setup": "Knock',), "finish_reason": "length"}, id="cut text"),
        pytest.param({"text": ('["a"]',)}, id="a list"),
        pytest.param({"text": ('{"setup": "?"}',)}, id="a key missing"),
        pytest.param(
            {"calls": (("Joke", '{"setup": "Knock'),), "finish_reason": "length"}, id="cut call"
        ),
        pytest.param({"calls": (("Other", TEXT),)}, id="another tool"),
    ],
)
@pytest.mark.parametrize("method", METHODS)
def test_an_answer_without_the_object_is_an_error_that_carries_it(
    model: ChatMiniMax, server: Emulator, turns: Any, turn: Any, method: Any
) -> None:
    structured = model.with_structured_output(Joke, method=method)
    server.enqueue(turns(**turn).plain())
    with pytest.raises(StructuredOutputError, match="'Joke'") as caught:
        structured.invoke("Tell me a joke")
    assert isinstance(caught.value, OutputParserException)
    assert isinstance(caught.value.raw_message, AIMessage)
    assert caught.value.llm_output == caught.value.raw_message.text
    assert ("max_tokens" in str(caught.value)) == (turn.get("finish_reason") == "length")
    server.enqueue(turns(**turn).stream())
    with pytest.raises(StructuredOutputError):
        list(structured.stream("Tell me a joke"))


def test_the_raw_message_can_be_had_with_the_object(
    model: ChatMiniMax, server: Emulator, turns: Any
) -> None:
    structured = model.with_structured_output(Joke, include_raw=True)
    server.enqueue(turns(reasoning=("Hm.",), calls=(("Joke", TEXT),)).plain())
    answer: Any = structured.invoke("Tell me a joke")
    assert answer["parsed"] == Joke(**ANSWER)  # type: ignore[arg-type]
    assert answer["parsing_error"] is None
    assert answer["raw"].additional_kwargs["reasoning_content"] == "Hm."


def test_the_raw_message_comes_with_the_error_too(
    model: ChatMiniMax, server: Emulator, turns: Any
) -> None:
    structured = model.with_structured_output(Joke, include_raw=True)
    server.enqueue(turns(text=("No.",)).plain())
    answer: Any = structured.invoke("Tell me a joke")
    assert answer["raw"].text == "No."
    assert answer["parsed"] is None
    assert isinstance(answer["parsing_error"], StructuredOutputError)


@pytest.mark.parametrize("called", [True, False])
@pytest.mark.parametrize("asynchronous", [True, False])
def test_a_stream_gives_the_object_as_it_grows(
    model: ChatMiniMax, server: Emulator, turns: Any, called: bool, asynchronous: bool
) -> None:
    structured = model.with_structured_output(JokeDict)
    pieces = (TEXT[:20], TEXT[20:40], TEXT[40:])
    turn = turns(calls=(("JokeDict", TEXT),)) if called else turns(text=pieces)
    server.enqueue(turn.stream())

    async def collect() -> list[Any]:
        return [part async for part in structured.astream("Tell me a joke")]

    parts = asyncio.run(collect()) if asynchronous else list(structured.stream("Tell me a joke"))
    assert len(parts) > 1
    assert parts[0]["setup"] == ANSWER["setup"][: len(parts[0]["setup"])]
    assert parts[-1] == ANSWER


def test_a_stream_of_a_pydantic_class_gives_only_valid_objects(
    model: ChatMiniMax, server: Emulator, turns: Any
) -> None:
    server.enqueue(turns(calls=(("Joke", TEXT),)).stream())
    parts = list(model.with_structured_output(Joke).stream("Tell me a joke"))
    assert all(isinstance(part, Joke) for part in parts)
    assert parts[-1] == Joke(**ANSWER)  # type: ignore[arg-type]


def test_minimax_is_asked_by_a_tool_and_in_words(
    model: ChatMiniMax, server: Emulator, turns: Any
) -> None:
    server.enqueue(turns(calls=(("Joke", TEXT),)).plain())
    model.with_structured_output(Joke).invoke([SystemMessage("Be funny."), ("user", "A joke!")])
    body = server.last_body
    assert [tool["function"]["name"] for tool in body["tools"]] == ["Joke"]
    assert "tool_choice" not in body
    assert "response_format" not in body
    system, user = body["messages"]
    assert system["role"] == "system"
    assert system["content"].startswith("Be funny.")
    assert "`Joke`" in system["content"]
    assert user == {"role": "user", "content": "A joke!"}


def test_mara_is_asked_by_a_forced_tool(mara: ChatMARA, mara_server: Emulator, turns: Any) -> None:
    mara_server.enqueue(turns(calls=(("Joke", TEXT),)).plain())
    mara.with_structured_output(Joke).invoke("A joke!")
    body = mara_server.last_body
    assert body["tool_choice"] == {"type": "function", "function": {"name": "Joke"}}
    assert body["messages"] == [{"role": "user", "content": "A joke!"}]


@pytest.mark.parametrize(
    ("method", "kind"), [("json_schema", "json_schema"), ("json_mode", "json_object")]
)
def test_json_is_asked_for_by_format_and_in_words(
    mara: ChatMARA, mara_server: Emulator, turns: Any, method: Any, kind: str
) -> None:
    mara_server.enqueue(turns(text=(TEXT,)).plain())
    mara.with_structured_output(Joke, method=method, strict=True).invoke("A joke!")
    body = mara_server.last_body
    assert body["response_format"]["type"] == kind
    if method == "json_schema":
        assert body["response_format"]["json_schema"]["name"] == "Joke"
        assert body["response_format"]["json_schema"]["strict"] is True
        assert "setup" in body["response_format"]["json_schema"]["schema"]["properties"]
    assert "tools" not in body
    assert '"punchline"' in body["messages"][0]["content"]


def test_json_mode_works_without_a_schema(model: ChatMiniMax, server: Emulator, turns: Any) -> None:
    server.enqueue(turns(text=('{"a": 1}',)).plain())
    assert model.with_structured_output(method="json_mode").invoke("JSON!") == {"a": 1}


def test_parameters_of_each_call_can_be_given(
    model: ChatMiniMax, server: Emulator, turns: Any
) -> None:
    server.enqueue(turns(calls=(("Joke", TEXT),)).plain())
    model.with_structured_output(Joke, temperature=0.25).invoke("A joke!")
    assert server.last_body["temperature"] == 0.25


def test_an_unknown_method_is_refused(model: ChatMiniMax) -> None:
    with pytest.raises(ParameterError, match="'json_schema'"):
        model.with_structured_output(Joke, method="xml")  # type: ignore[arg-type]


def test_a_method_that_needs_a_schema_says_so(model: ChatMiniMax) -> None:
    with pytest.raises(ParameterError, match="needs a schema"):
        model.with_structured_output()


def test_traces_show_what_was_asked(model: ChatMiniMax) -> None:
    structured: Callable[..., Any] = model.with_structured_output(Joke, method="json_schema")
    bound = structured.steps[-2]  # type: ignore[attr-defined]
    shown = bound.kwargs["ls_structured_output_format"]
    assert shown["kwargs"] == {"method": "json_schema", "strict": None}
    assert shown["schema"]["function"]["name"] == "Joke"


def test_more_tools_can_be_offered_beside_the_schema(
    mara: ChatMARA, mara_server: Emulator, turns: Any
) -> None:
    mara_server.enqueue(turns(text=(TEXT,)).plain())
    structured = mara.with_structured_output(Joke, method="json_schema", tools=[JokeDict])
    assert structured.invoke("A joke!") == Joke(**ANSWER)  # type: ignore[arg-type]
    (tool,) = mara_server.last_body["tools"]
    assert tool["function"]["name"] == "JokeDict"


def test_the_parser_reads_text_too() -> None:
    parser = StructuredOutputParser(name="Joke", schema_type=Joke)
    assert parser.parse(TEXT) == parser.invoke(TEXT) == Joke(**ANSWER)  # type: ignore[arg-type]
    assert list(parser.transform(iter([TEXT]))) == [Joke(**ANSWER)]  # type: ignore[arg-type]


def test_a_model_that_does_not_stream_gives_the_object_at_once(
    make_model: Callable[..., ChatMiniMax], server: Emulator, turns: Any
) -> None:
    server.enqueue(turns(calls=(("JokeDict", TEXT),)).plain())
    structured = make_model(disable_streaming=True).with_structured_output(JokeDict)
    assert list(structured.stream("A joke!")) == [ANSWER]


class Guess(BaseModel):
    """A guess, of which nothing is certain."""

    name: str | None = None
    age: int | None = None


@pytest.mark.parametrize("method", ["function_calling", "json_schema"])
def test_an_object_of_something_else_is_no_guess(
    method: Any, model: ChatMiniMax, server: Emulator
) -> None:
    text = 'The call failed: {"error": "no such person"}'
    message = {"role": "assistant", "content": text}
    server.enqueue(CannedReply.json({"choices": [{"message": message, "finish_reason": "stop"}]}))
    with pytest.raises(StructuredOutputError):
        model.with_structured_output(Guess, method=method).invoke("Who?")
    assert server.requests[-1].status == 200
