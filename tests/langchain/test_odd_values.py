"""Values that no request can carry are refused before it, by the name of the parameter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from langchain_core.exceptions import ModelInvalidRequestError
from langchain_core.messages import AIMessage

from langchain_mara_minimax import ChatMARA, ChatMiniMax
from mara_minimax.emulator import Emulator
from mara_minimax.errors import ParameterError

LOOP: dict[str, Any] = {}
LOOP["loop"] = LOOP
SCHEMA = {"title": "Answer", "description": "It.", "type": "object", "properties": LOOP}
TOOL = {"type": "function", "function": {"name": "add", "parameters": LOOP}}
NAN, INF = float("nan"), float("inf")

ODD: list[tuple[str, dict[str, Any]]] = [
    ("stop", {"stop": 5}),
    ("stop", {"stop": [1]}),
    ("stop", {"stop": [b"a"]}),
    ("stop", {"stop": ""}),
    ("extra_body", {"extra_body": "s"}),
    ("loop", {"extra_body": LOOP}),
    ("weight", {"extra_body": {"weight": {"a": NAN}}}),
    ("temperature", {"extra_body": {"temperature": NAN}}),
    ("temperature", {"temperature": NAN}),
    ("temperature", {"temperature": INF}),
    ("top_p", {"top_p": -INF}),
    ("max_tokens", {"max_tokens": INF}),
    ("thinking", {"thinking": {"budget": NAN}}),
    ("timeout", {"timeout": NAN}),
    ("timeout", {"timeout": "soon"}),
    ("tools", {"tools": "add"}),
    ("tools", {"tools": [5]}),
    ("tools", {"tools": [TOOL]}),
    ("tool_choice", {"tools": [], "tool_choice": 5}),
    ("response_format", {"response_format": "json"}),
    ("model", {"model": 5}),
    ("max_completion_tokens", {"max_tokens": 1, "max_completion_tokens": 2}),
]
IDS = [f"{name}-{number}" for number, (name, _) in enumerate(ODD)]


@pytest.mark.parametrize(("name", "given"), ODD, ids=IDS)
@pytest.mark.parametrize("policy", ["adjust", "raise", "pass"])
def test_a_call_refuses_it_in_every_form(
    make_model: Callable[..., ChatMiniMax],
    server: Emulator,
    call: Callable[..., AIMessage],
    name: str,
    given: dict[str, Any],
    policy: str,
) -> None:
    model = make_model(parameter_policy=policy)
    with pytest.raises(ParameterError, match=name) as caught:
        call(model, "Hi", **given)
    assert isinstance(caught.value, ModelInvalidRequestError)
    with pytest.raises(ParameterError, match=name):
        call(model.bind(**given), "Hi")
    assert server.requests == []


CONSTRUCTOR: list[tuple[str, dict[str, Any]]] = [
    *((name, given) for name, given in ODD[:5]),
    ("temperature", {"temperature": NAN}),
    ("top_p", {"top_p": INF}),
    ("max_tokens", {"max_tokens": INF}),
    ("timeout", {"timeout": NAN}),
    ("timeout", {"timeout": "soon"}),
    ("model_name", {"model": "A", "model_name": "B"}),
]


@pytest.mark.parametrize("kind", [ChatMiniMax, ChatMARA])
@pytest.mark.parametrize(("name", "given"), CONSTRUCTOR)
def test_the_constructor_refuses_it(
    kind: Callable[..., Any], name: str, given: dict[str, Any]
) -> None:
    with pytest.raises(ParameterError, match=name) as caught:
        kind(api_key="sk-test", **given)
    assert isinstance(caught.value, ModelInvalidRequestError)


@pytest.mark.parametrize("tools", ["add", 5, TOOL, [5], [None], [{"a": 1}]])
def test_what_is_no_list_of_tools_cannot_be_bound(model: ChatMiniMax, tools: Any) -> None:
    with pytest.raises(ParameterError):
        model.bind_tools(tools)


@pytest.mark.parametrize("choice", [5, ["add"], 1.5])
def test_an_odd_choice_cannot_be_bound(model: ChatMiniMax, choice: Any) -> None:
    with pytest.raises(ParameterError, match="tool_choice"):
        model.bind_tools([], tool_choice=choice)


@pytest.mark.parametrize("schema", [5, "Answer", [1], LOOP, {"type": "web_search_preview"}])
def test_an_odd_schema_is_refused_by_type(model: ChatMiniMax, schema: Any) -> None:
    with pytest.raises(ParameterError):
        model.with_structured_output(schema)
    with pytest.raises(ParameterError):
        model.bind_tools([], response_format=schema)


@pytest.mark.parametrize("method", ["function_calling", "json_schema", "json_mode"])
@pytest.mark.parametrize("choice", ["any", None])
def test_a_schema_that_stands_inside_itself_is_refused(
    model: ChatMiniMax, mara: ChatMARA, server: Emulator, method: Any, choice: str | None
) -> None:
    for chat in (model, mara):
        with pytest.raises(ParameterError, match="JSON"):
            chat.with_structured_output(SCHEMA, method=method).invoke("Hi")
        with pytest.raises(ParameterError, match="JSON"):
            chat.bind_tools([TOOL], tool_choice=choice).invoke("Hi")
    assert server.requests == []
