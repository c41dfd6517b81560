"""Values that no request can carry are refused before it, by the name of the parameter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from llama_index_mara_minimax import MARA, MiniMax
from mara_minimax.emulator import Emulator
from mara_minimax.errors import ParameterError, UnsupportedInputError

LOOP: dict[str, Any] = {}
LOOP["loop"] = LOOP
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
    ("JSON", {"tools": [TOOL]}),
    ("JSON", {"tools": [TOOL], "tool_choice": "any"}),
    ("tool_choice", {"tools": [], "tool_choice": 5}),
    ("response_format", {"response_format": "json"}),
    ("model", {"model": 5}),
    ("max_completion_tokens", {"max_tokens": 1, "max_completion_tokens": 2}),
]
IDS = [f"{name}-{number}" for number, (name, _) in enumerate(ODD)]


@pytest.mark.parametrize(("name", "given"), ODD, ids=IDS)
@pytest.mark.parametrize("policy", ["adjust", "raise", "pass"])
def test_a_call_refuses_it_in_every_form(
    make_llm: Callable[..., MiniMax],
    server: Emulator,
    call: Callable[..., list[Any]],
    name: str,
    given: dict[str, Any],
    policy: str,
) -> None:
    with pytest.raises(ParameterError, match=name):
        call(make_llm(parameter_policy=policy), "Hi", **given)
    with pytest.raises(ParameterError, match=name):
        call(make_llm(parameter_policy=policy, additional_kwargs=given), "Hi")
    assert server.requests == []


CONSTRUCTOR: list[tuple[str, dict[str, Any]]] = [
    *((name, given) for name, given in ODD[:5]),
    ("temperature", {"temperature": NAN}),
    ("top_p", {"top_p": INF}),
    ("max_tokens", {"max_tokens": INF}),
    ("timeout", {"timeout": NAN}),
    ("timeout", {"timeout": "soon"}),
    ("api_base", {"base_url": "https://a/v1", "api_base": "https://b/v1"}),
]


@pytest.mark.parametrize("kind", [MiniMax, MARA])
@pytest.mark.parametrize(("name", "given"), CONSTRUCTOR)
def test_the_constructor_refuses_it(
    kind: Callable[..., Any], name: str, given: dict[str, Any]
) -> None:
    with pytest.raises(ParameterError, match=name):
        kind(api_key="sk-test", **given)


@pytest.mark.parametrize("tools", ["add", 5, [5], [None], [TOOL]])
def test_what_is_no_list_of_tools_is_refused(llm: MiniMax, server: Emulator, tools: Any) -> None:
    with pytest.raises(ParameterError, match="tools has to be a list"):
        llm.chat_with_tools(tools, user_msg="Hi")
    assert server.requests == []


@pytest.mark.parametrize("limit", ["max_tokens", "max_completion_tokens"])
def test_a_limit_of_the_call_replaces_any_other(
    make_llm: Callable[..., MiniMax], server: Emulator, limit: str
) -> None:
    for given in ({"max_tokens": 7}, {"additional_kwargs": {"max_completion_tokens": 7}}):
        make_llm(**given).complete("Hi", **{limit: 5})
        body = server.last_body
        assert {name: body[name] for name in body if "max" in name} == {"max_completion_tokens": 5}


@pytest.mark.parametrize("prompt", [None, 5, ["Hi"], b"Hi"])
def test_a_prompt_that_is_no_text_is_refused(
    llm: MiniMax, server: Emulator, forms: Any, prompt: Any
) -> None:
    for form in ("complete", "acomplete", "stream_complete", "astream_complete"):
        with pytest.raises(UnsupportedInputError, match="prompt has to be text"):
            forms[form](llm, prompt)
    assert server.requests == []
