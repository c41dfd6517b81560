"""Structured prediction in its four forms, and where the provider does not enforce it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from llama_index.core.base.llms.types import ChatMessage
from llama_index.core.program import FunctionCallingProgram
from llama_index.core.prompts import ChatPromptTemplate, PromptTemplate
from llama_index.core.selectors import PydanticSingleSelector
from llama_index.core.types import PydanticProgramMode
from pydantic import BaseModel

from llama_index_mara_minimax import MARA, MiniMax
from mara_minimax.emulator import CannedReply, Emulator


class Song(BaseModel):
    title: str
    seconds: int


class Album(BaseModel):
    """An album."""

    name: str
    artist: str
    songs: list[Song]


ALBUM = {
    "name": "Kind of Blue",
    "artist": "Miles Davis",
    "songs": [{"title": "So What", "seconds": 562}, {"title": "Blue in Green", "seconds": 327}],
}
TEXT = json.dumps(ALBUM)
PROMPT = PromptTemplate("Name an album of {topic}.")


async def _acollect(coroutine: Any) -> list[Any]:
    return [item async for item in await coroutine]


def _arguments(prompt: Any, kwargs: dict[str, Any]) -> dict[str, Any]:
    return {"output_cls": Album, "prompt": prompt, "topic": "jazz", **kwargs}


PREDICT: dict[str, Callable[..., list[Any]]] = {
    "structured_predict": lambda llm, p=PROMPT, **k: [llm.structured_predict(**_arguments(p, k))],
    "astructured_predict": lambda llm, p=PROMPT, **k: [
        asyncio.run(llm.astructured_predict(**_arguments(p, k)))
    ],
    "stream_structured_predict": lambda llm, p=PROMPT, **k: list(
        llm.stream_structured_predict(**_arguments(p, k))
    ),
    "astream_structured_predict": lambda llm, p=PROMPT, **k: asyncio.run(
        _acollect(llm.astream_structured_predict(**_arguments(p, k)))
    ),
}


@pytest.fixture(params=list(PREDICT))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def predict(name: str) -> Callable[..., list[Any]]:
    """One of the four forms; returns all objects."""
    return PREDICT[name]


@pytest.fixture
def called(name: str, wire: Any) -> CannedReply:
    """The album as a call of the function."""
    if "stream" not in name:
        return wire.reply(wire.message("\n", "hm", tool_calls=[wire.call("Album", TEXT)]))
    pieces = [TEXT[i : i + 12] for i in range(0, len(TEXT), 12)]
    return wire.stream(
        wire.thought("hm"),
        wire.call_delta(id="c1", type="function", index=0, function={"name": "Album"}),
        *(wire.call_delta(index=0, function={"arguments": piece}) for piece in pieces),
        finish_reason="tool_calls",
    )


def written(name: str, wire: Any, text: str) -> CannedReply:
    """The album as text."""
    if "stream" not in name:
        return wire.reply(wire.message(text, "Maybe {this}?"))
    pieces = [text[i : i + 12] for i in range(0, len(text), 12)]
    return wire.stream(wire.thought("Maybe {this}?"), *(wire.text(piece) for piece in pieces))


def test_every_form_gives_the_object(
    predict: Any, called: CannedReply, llm: MiniMax, server: Emulator
) -> None:
    server.enqueue(called)
    assert predict(llm)[-1] == Album.model_validate(ALBUM)


@pytest.mark.parametrize(
    "name", ["stream_structured_predict", "astream_structured_predict"], indirect=True
)
def test_streamed_objects_fill_up(
    predict: Any, called: CannedReply, llm: MiniMax, server: Emulator
) -> None:
    server.enqueue(called)
    objects = predict(llm)
    names = [getattr(item, "name", None) for item in objects]
    assert None in names
    assert "Kind of Blue" in names
    counts = [len(item.songs or []) for item in objects if hasattr(item, "songs")]
    assert {1, 2} <= set(counts)
    assert counts == sorted(counts)


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        f"\n\n{TEXT}\n",
        f"```json\n{json.dumps(ALBUM, indent=2)}\n```",
        f"```\n{TEXT}\n```",
        f"Here is the album:\n\n{TEXT}\n\nEnjoy!",
        f"An {{album}} for you:\n```json\n{TEXT}\n```",
        f'{{"name": "Album", "arguments": {TEXT}}}',
    ],
    ids=["plain", "padded", "fenced", "plain fence", "among words", "after braces", "spelt call"],
)
def test_an_answer_in_json_text_counts(
    text: str, name: str, predict: Any, llm: MiniMax, server: Emulator, wire: Any
) -> None:
    server.enqueue(written(name, wire, text))
    assert predict(llm)[-1] == Album.model_validate(ALBUM)


class Choice(BaseModel):
    reason: str | None = None


@pytest.mark.parametrize("text", ["{}", "```json\n{}\n```"])
def test_an_empty_object_fills_a_class_of_optional_fields(
    text: str, llm: MiniMax, server: Emulator, wire: Any
) -> None:
    server.enqueue(wire.reply(wire.message(text)))
    assert llm.structured_predict(Choice, PromptTemplate("x")) == Choice()


@pytest.mark.parametrize("text", ['{"other": 1}', "I would say {}."])
def test_an_object_of_something_else_fills_nothing(
    text: str, llm: MiniMax, server: Emulator, wire: Any
) -> None:
    server.enqueue(wire.reply(wire.message(text)))
    with pytest.raises(ValueError, match="tool call"):
        llm.structured_predict(Choice, PromptTemplate("x"))


def test_objects_in_text_fill_up_too(llm: MiniMax, server: Emulator, wire: Any) -> None:
    server.enqueue(written("stream", wire, f"```json\n{TEXT}\n```"))
    objects = PREDICT["stream_structured_predict"](llm)
    assert {None, "Kind of Blue"} <= {getattr(item, "name", None) for item in objects}


def test_a_number_that_json_does_not_have_breaks_no_stream(
    llm: MiniMax, server: Emulator, wire: Any
) -> None:
    server.enqueue(written("stream", wire, '{"name": "Kind of Blue", "songs": NaN}'))
    objects = PREDICT["stream_structured_predict"](llm)
    assert "Kind of Blue" in {getattr(item, "name", None) for item in objects}


@pytest.mark.parametrize("name", ["structured_predict", "astructured_predict"], indirect=True)
def test_prose_is_an_error_of_the_framework(
    name: str, predict: Any, llm: MiniMax, server: Emulator, wire: Any
) -> None:
    server.enqueue(written(name, wire, "I do not know any {album}."))
    with pytest.raises(ValueError, match="tool call"):
        predict(llm)


def test_the_call_is_asked_for_in_words_where_it_is_not_enforced(
    predict: Any, called: CannedReply, llm: MiniMax, server: Emulator
) -> None:
    server.enqueue(called)
    predict(llm)
    body = server.last_body
    assert [tool["function"]["name"] for tool in body["tools"]] == ["Album"]
    assert "tool_choice" not in body
    system, user = body["messages"]
    assert "`Album`" in system["content"]
    assert json.dumps(body["tools"][0]["function"]["parameters"]) in system["content"]
    assert user == {"role": "user", "content": "Name an album of jazz."}


def test_the_call_is_required_where_that_is_enforced(
    predict: Any, called: CannedReply, mara: MARA, mara_server: Emulator
) -> None:
    mara_server.enqueue(called)
    assert predict(mara)[-1] == Album.model_validate(ALBUM)
    assert mara_server.last_body["tool_choice"] == "required"
    assert mara_server.last_body["messages"] == [
        {"role": "user", "content": "Name an album of jazz."}
    ]


def test_the_system_prompt_of_the_llm_is_kept(
    predict: Any, called: CannedReply, make_llm: Callable[..., MiniMax], server: Emulator
) -> None:
    server.enqueue(called)
    predict(make_llm(system_prompt="Prefer {cool} jazz."))
    system = server.last_body["messages"][0]
    assert system["role"] == "system"
    assert system["content"].startswith("Prefer {cool} jazz.")


def test_a_chat_prompt_keeps_its_own_system_message(
    predict: Any, called: CannedReply, llm: MiniMax, server: Emulator
) -> None:
    server.enqueue(called)
    prompt = ChatPromptTemplate(
        message_templates=[
            ChatMessage(role="system", content="You know {topic}."),
            ChatMessage(role="user", content="An album?"),
        ]
    )
    predict(llm, prompt)
    system, user = server.last_body["messages"]
    assert system["content"].startswith("You know jazz.")
    assert user["content"] == "An album?"


def test_parameters_of_the_call_are_sent(
    predict: Any, called: CannedReply, llm: MiniMax, server: Emulator
) -> None:
    server.enqueue(called)
    parameters = {"temperature": 0.3, "tool_choice": "none", "tool_required": False}
    predict(llm, llm_kwargs=parameters)
    assert server.last_body["temperature"] == 0.3
    assert "tool_choice" not in server.last_body


def test_the_emulated_providers_fill_a_schema(predict: Any, llm: MiniMax, mara: MARA) -> None:
    assert isinstance(predict(llm)[-1], Album)
    assert isinstance(predict(mara)[-1], Album)


def test_the_text_program_can_be_chosen(
    make_llm: Callable[..., MiniMax], server: Emulator, wire: Any
) -> None:
    server.enqueue(wire.reply(wire.message(TEXT, "Maybe {this}?")))
    llm = make_llm(pydantic_program_mode=PydanticProgramMode.LLM)
    assert PREDICT["structured_predict"](llm)[-1] == Album.model_validate(ALBUM)
    assert "tools" not in server.last_body


def test_the_async_text_program_can_be_chosen(
    make_llm: Callable[..., MiniMax], server: Emulator, wire: Any
) -> None:
    server.enqueue(wire.reply(wire.message(TEXT, "Maybe {this}?")))
    llm = make_llm(is_function_calling_model=False)
    assert PREDICT["astructured_predict"](llm)[-1] == Album.model_validate(ALBUM)


@pytest.mark.parametrize("name", ["stream_structured_predict", "astream_structured_predict"])
def test_the_text_program_streams(
    name: str, make_llm: Callable[..., MiniMax], server: Emulator, wire: Any
) -> None:
    server.enqueue(written(name, wire, TEXT))
    llm = make_llm(pydantic_program_mode=PydanticProgramMode.LLM)
    assert PREDICT[name](llm)[-1] == Album.model_validate(ALBUM)
    assert "tools" not in server.last_body


def test_as_structured_llm_completes(llm: MiniMax, server: Emulator, wire: Any) -> None:
    server.enqueue(wire.reply(wire.message(tool_calls=[wire.call("Album", TEXT)])))
    response = llm.as_structured_llm(Album).complete("An album?")
    assert response.raw == Album.model_validate(ALBUM)


def test_as_structured_llm_chats_async(llm: MiniMax, server: Emulator, wire: Any) -> None:
    server.enqueue(wire.reply(wire.message(tool_calls=[wire.call("Album", TEXT)])))
    structured = llm.as_structured_llm(Album)
    messages = [ChatMessage(role="user", content="An album with {braces}?")]
    assert asyncio.run(structured.achat(messages)).raw == Album.model_validate(ALBUM)
    assert server.last_body["messages"][-1]["content"] == "An album with {braces}?"


def test_as_structured_llm_streams(llm: MiniMax, server: Emulator, wire: Any) -> None:
    server.enqueue(written("stream", wire, TEXT))
    structured = llm.as_structured_llm(Album)
    last = list(structured.stream_chat([ChatMessage(role="user", content="An album?")]))[-1]
    assert last.raw == Album.model_validate(ALBUM)


def test_programs_built_by_others_accept_json_text(
    llm: MiniMax, server: Emulator, wire: Any
) -> None:
    server.enqueue(wire.reply(wire.message(f"```json\n{TEXT}\n```")))
    program = FunctionCallingProgram.from_defaults(Album, prompt=PROMPT, llm=llm)
    assert program(topic="jazz") == Album.model_validate(ALBUM)


def test_a_selector_accepts_json_text(llm: MiniMax, server: Emulator, wire: Any) -> None:
    server.enqueue(wire.reply(wire.message('{"index": 2, "reason": "It fits."}')))
    selector = PydanticSingleSelector.from_defaults(llm=llm)
    assert selector.select(["a tool", "another tool"], "Which?").ind == 1


def test_json_that_was_asked_for_comes_without_its_fence_in_every_form(
    form: str, call: Any, llm: MiniMax, server: Emulator, wire: Any
) -> None:
    text = '```json\n{"name": "Ada"}\n```'
    if "stream" in form:
        server.enqueue(wire.stream(*(wire.text(text[at : at + 3]) for at in range(0, 28, 3))))
    else:
        server.enqueue(wire.reply(wire.message(text)))
    responses = call(llm, "Who?", response_format={"type": "json_object"})
    last = responses[-1]
    answer = last.text if "complete" in form else last.message.content
    assert answer == '{"name": "Ada"}\n'
    if "stream" in form:
        assert "".join(response.delta or "" for response in responses) == answer
    assert server.last_body["response_format"] == {"type": "json_object"}
