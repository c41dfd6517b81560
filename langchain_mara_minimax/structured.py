"""Ask for structured output in one of three ways, and in words where a way is not enforced.

MiniMax's models are not compelled by `tool_choice` or `response_format`
(https://github.com/MiniMax-AI/MiniMax-M2/issues/114, 2026), so the default is a tool call,
which the core asks for in words.
"""

from __future__ import annotations

from operator import itemgetter
from typing import Any, Literal, get_args

from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import BaseMessage, SystemMessage
from langchain_core.runnables import Runnable, RunnableMap, RunnablePassthrough
from langchain_core.utils.pydantic import is_basemodel_subclass

import mara_minimax
from langchain_mara_minimax.parsing import StructuredOutputParser
from langchain_mara_minimax.tools import names_without_code, to_wire_function, to_wire_tools
from mara_minimax.json_text import to_json_text
from mara_minimax.providers.models import ModelProfile
from mara_minimax.request.tools import encode_tool_name
from mara_minimax.types import JSONObject

Method = Literal["function_calling", "json_schema", "json_mode"]

ANSWER_WORDS = "answer_words"
"""Name under which a bound model keeps the words that ask for JSON; taken out of each call."""


def structure(
    model: BaseChatModel,
    schema: JSONObject | type | None,
    *,
    method: Method,
    include_raw: bool,
    strict: bool | None,
    parameters: JSONObject,
) -> Runnable[LanguageModelInput, Any]:
    """Return the runnable that asks `model` for `schema` and reads the answer."""
    function = _describe(schema, method, strict)
    asking, words = _ask(function, method, strict)
    if schema is not None:
        asking["ls_structured_output_format"] = {
            "kwargs": {"method": method, "strict": strict},
            "schema": {"type": "function", "function": function},
        }
    if more := parameters.pop("tools", ()):
        own = asking.get("tools_without_code", ())
        asking["tools"] = [*asking.get("tools", ()), *to_wire_tools(more)]
        asking["tools_without_code"] = [*own, *names_without_code(more)]
    if words:
        asking[ANSWER_WORDS] = words
    asked: Runnable[LanguageModelInput, BaseMessage] = model.bind(**{**asking, **parameters})
    is_class = isinstance(schema, type) and is_basemodel_subclass(schema)
    parser = StructuredOutputParser(
        name=function["name"],
        schema_type=schema if is_class else None,
        required=() if is_class else _required_keys(schema),
        known=tuple(_shape(function).get("properties") or ()),
    )
    if not include_raw:
        return asked | parser
    parsed = RunnablePassthrough.assign(
        parsed=itemgetter("raw") | parser, parsing_error=lambda _: None
    )
    unparsed = RunnablePassthrough.assign(parsed=lambda _: None)
    fallback = parsed.with_fallbacks([unparsed], exception_key="parsing_error")
    return RunnableMap(raw=asked) | fallback


def _describe(schema: JSONObject | type | None, method: Method, strict: bool | None) -> JSONObject:
    """Return `schema` as a function: a name and the parameters that it stands for."""
    if method not in get_args(Method):
        known = ", ".join(repr(name) for name in get_args(Method))
        msg = f"Unknown method {method!r}. Methods: {known}."
        raise mara_minimax.errors.ParameterError(msg)
    if schema is not None:
        return to_wire_function(schema, strict=strict)
    if method != "json_mode":
        msg = f"The method {method!r} needs a schema."
        raise mara_minimax.errors.ParameterError(msg)
    return {"name": "json_object"}


def _ask(
    function: JSONObject, method: Method, strict: bool | None
) -> tuple[JSONObject, str | None]:
    """Return the parameters that ask for `function`, and the words where those do not compel."""
    name = function["name"]
    if method == "function_calling":
        choice = {"type": "function", "function": {"name": name}}
        tool = {"type": "function", "function": function}
        # The tool describes the object that is wanted; nothing runs for it.
        return {"tools": [tool], "tool_choice": choice, "tools_without_code": [name]}, None
    shape = _shape(function)
    if method == "json_schema":
        asked = {"name": encode_tool_name(name), "schema": shape}
        if strict is not None:
            asked["strict"] = strict
        # The words for a schema are added to every request that has one: `ask_for_json`.
        return {"response_format": {"type": "json_schema", "json_schema": asked}}, None
    return {"response_format": {"type": "json_object"}}, _words(shape)


def ask_for_json(
    messages: list[BaseMessage], parameters: JSONObject, profile: ModelProfile | None
) -> list[BaseMessage]:
    """Return `messages`, asking in words for JSON that `parameters` do not compel.

    Takes `ANSWER_WORDS` out of `parameters`, in place. Without `profile`, a `response_format`
    is left to the provider.
    """
    if words := parameters.pop(ANSWER_WORDS, None):
        messages = _with_words(messages, words)
    if profile is None:
        return messages
    response_format = parameters.get("response_format")
    asked = response_format.get("json_schema") if isinstance(response_format, dict) else None
    if profile.enforces_json_schema or not isinstance(asked, dict):
        return messages
    words = _words(asked.get("schema") or {})
    if parameters.get("tools"):
        words = f"You may call tools first. When you call none: {words}"
    return _with_words(messages, words)


def _words(shape: JSONObject) -> str:
    words = "Answer with one JSON object and nothing else: no other text, no code fence."
    if shape:
        words = f"{words} It must fit this JSON schema:\n{to_json_text(shape)}"
    return words


def _required_keys(schema: JSONObject | type | None) -> tuple[str, ...]:
    """Return the keys that `schema` itself requires; with `strict` all of them would be."""
    if schema is None:
        return ()
    return tuple(_shape(to_wire_function(schema)).get("required") or ())


def _shape(function: JSONObject) -> JSONObject:
    shape: JSONObject = function.get("parameters") or {}
    return shape


def _with_words(messages: list[BaseMessage], words: str) -> list[BaseMessage]:
    """Return `messages` with `words` behind the system messages that begin them."""
    kinds = [isinstance(message, SystemMessage) for message in messages]
    end = kinds.index(False) if False in kinds else len(kinds)
    return [*messages[:end], SystemMessage(words), *messages[end:]]
