"""Stored messages with garbage where this package keeps its notes: nothing else changes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import openai
from hypothesis import strategies as st
from langchain_core.messages import (
    HumanMessage,
    SystemMessage,
    ToolMessage,
    messages_from_dict,
    messages_to_dict,
)
from llama_index.core.base.llms.types import ChatMessage

from mara_minimax.http_library import http_library
from mara_minimax.json_text import parse_object
from mara_minimax.reply.tags import TAGS
from mara_minimax.request.history import EMPTY_MESSAGE
from tests.core.wire import to_json
from tests.fuzz.answers import REPLIES
from tests.fuzz.calls import NETWORK
from tests.fuzz.errors import faults_of
from tests.fuzz.mutations import MUTATIONS, Mutation, mutate, places, to_value
from tests.secrets.callers import CLASSES

_MODELS = {cls.__name__: NETWORK.model(cls) for cls in CLASSES}
_NOTES = ("additional_kwargs", "response_metadata", "additional_information")
"""What messages carry beside their roles, contents, names, calls and ids."""
_CALLS = ("function_call", "tool_calls", "tool_call_id")
"""Notes that are calls and ids where a message has no others, and so no garbage."""


@dataclass(frozen=True)
class Case:
    """Who wrote a message, who reads it, and what happened to it in between."""

    writer: str
    reader: str
    reply: int
    mutations: list[Mutation]
    as_json: bool


CASES = st.one_of(
    *(
        st.builds(
            Case,
            st.sampled_from(names),
            st.sampled_from(names),
            st.integers(0, len(REPLIES) - 1),
            MUTATIONS,
            st.booleans(),
        )
        for names in (("ChatMiniMax", "ChatMARA"), ("MiniMax", "MARA"))
    )
)


def check_stored(case: Case) -> int:
    """Check what is sent of a stored conversation; return how often it was sent."""
    wanted = _wanted(case.writer, case.reader, case.reply)
    stored = json.loads(_stored(case.writer, case.reply))
    for holder, name in _notes(stored):
        kept = {key: value for key, value in holder[name].items() if key in _CALLS}
        garbage = to_value(mutate(holder[name], case.mutations), deepest=3_000)
        holder[name] = {k: v for k, v in garbage.items() if k not in _CALLS} | kept
    try:
        messages = _restored(
            case.writer, json.loads(json.dumps(stored)) if case.as_json else stored
        )
    except (RecursionError, ValueError):
        # Neither JSON nor the framework takes it.
        return 1
    try:
        sent = _sent(case.reader, messages)
    except openai.OpenAIError as error:
        faults = list(faults_of(error))
        assert not faults, faults
        return 1
    assert len(sent) == len(wanted), sent
    changes = [change for pair in zip(sent, wanted, strict=True) for change in _changes(*pair)]
    assert not changes, changes
    return 1


@cache
def _stored(writer: str, reply: int) -> str:
    """Return a conversation with an honest reply as a store keeps it."""
    model = _MODELS[writer]
    _answer_with(REPLIES[reply])
    if writer.startswith("Chat"):
        message = model.invoke("Hi")
        results = [ToolMessage("Fine.", tool_call_id=call["id"]) for call in message.tool_calls]
        roles = {"__openai_role__": "system"}
        begin = [SystemMessage("Be kind.", additional_kwargs=roles), HumanMessage("Hi")]
        return json.dumps(messages_to_dict([*begin, message, *results, HumanMessage("And?")]))
    question = ChatMessage(role="user", content="Hi")
    message = model.chat([question]).message
    results = [
        ChatMessage(role="tool", content="Fine.", additional_kwargs={"tool_call_id": call["id"]})
        for call in message.additional_kwargs.get("tool_calls", ())
    ]
    begin = [ChatMessage(role="system", content="Be kind."), question]
    return json.dumps([one.model_dump() for one in [*begin, message, *results, question]])


def _restored(writer: str, stored: list[dict[str, Any]]) -> Sequence[Any]:
    if writer.startswith("Chat"):
        return messages_from_dict(stored)
    return [ChatMessage.model_validate(message) for message in stored]


def _notes(stored: list[dict[str, Any]]) -> list[tuple[Any, Any]]:
    """Return where notes stand."""
    return [
        (holder, name)
        for holder, name in places(stored)
        if name in _NOTES and isinstance(holder[name], dict)
    ]


@cache
def _wanted(writer: str, reader: str, reply: int) -> list[dict[str, Any]]:
    """Return what is sent of a conversation without notes."""
    stored = json.loads(_stored(writer, reply))
    for holder, name in _notes(stored):
        holder[name] = {key: value for key, value in holder[name].items() if key in _CALLS}
    return _sent(reader, _restored(writer, stored))


def _sent(reader: str, messages: Sequence[Any]) -> list[dict[str, Any]]:
    """Send a conversation, and return the messages on the wire."""
    _answer_with(REPLIES[0])
    model = _MODELS[reader]
    (model.invoke if reader.startswith("Chat") else model.chat)(messages)
    body = json.loads(NETWORK.request.content, parse_constant=_refuse)
    sent: list[dict[str, Any]] = body["messages"]
    return sent


def _answer_with(reply: Any) -> None:
    NETWORK.response = lambda: http_library().Response(200, content=to_json(reply))


def _refuse(name: str) -> None:
    raise AssertionError(f"{name} is not JSON")


def _changes(sent: dict[str, Any], wanted: dict[str, Any]) -> Iterator[str]:
    """Yield in what two messages on the wire differ, other than reasoning."""
    role = wanted["role"]
    for name in ("role", "name", "tool_call_id"):
        if sent.get(name) != wanted.get(name):
            yield f"{name} of a message of {role}"
    if _calls(sent) != _calls(wanted):
        yield f"calls of a message of {role}"
    text, plain = _text(sent), _text(wanted)
    before = text.removesuffix(plain).rstrip()
    if not text.endswith(plain) or (before and not before.endswith(tuple(TAGS.values()))):
        yield f"content of a message of {role}"


def _calls(message: dict[str, Any]) -> list[Any]:
    return [
        (call["id"], call["function"]["name"], parse_object(call["function"]["arguments"]))
        if isinstance(call, dict)
        else call
        for call in message.get("tool_calls", ())
    ]


def _text(message: dict[str, Any]) -> str:
    content = message.get("content") or ""
    if not isinstance(content, str):
        content = "".join(part["text"] for part in content)
    return content.replace(EMPTY_MESSAGE, "")
