"""Tool definitions and tool choice on the wire."""

from __future__ import annotations

import pytest

from mara_minimax.errors import ParameterError
from mara_minimax.providers import MARA, MINIMAX
from mara_minimax.tools import encode_tool_choice, encode_tools


def tool(name="f", **function):
    return {"type": "function", "function": {"name": name, **function}}


EMPTY = {"type": "object", "properties": {}}


@pytest.mark.parametrize("parameters", [{}, {"parameters": None}, {"parameters": {}}])
def test_parameters_are_always_present(parameters):
    assert encode_tools([tool(**parameters)], MINIMAX) == [tool(parameters=EMPTY)]


def test_given_parameters_are_kept():
    schema = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
    assert encode_tools([tool(parameters=schema)], MARA) == [tool(parameters=schema)]


def test_strict_is_left_out():
    encoded = encode_tools([tool(strict=True, parameters=EMPTY)], MINIMAX)
    assert "strict" not in encoded[0]["function"]


def test_an_empty_description_is_left_out():
    assert encode_tools([tool(description="")], MINIMAX) == [tool(parameters=EMPTY)]


def test_a_flat_tool_is_wrapped():
    flat = {"type": "function", "name": "f", "parameters": EMPTY}
    assert encode_tools([flat], MINIMAX) == [tool(parameters=EMPTY)]


def test_a_tool_without_type_gets_one():
    assert encode_tools([{"function": {"name": "f"}}], MINIMAX) == [tool(parameters=EMPTY)]


def test_the_given_tool_is_not_modified():
    given = tool(strict=True)
    encode_tools([given], MINIMAX)
    assert given == tool(strict=True)


@pytest.mark.parametrize("bad", [{"type": "web_search"}, {"type": "function"}, {}])
def test_what_is_no_function_tool_is_refused(bad):
    with pytest.raises(ParameterError, match="type 'function'"):
        encode_tools([bad], MINIMAX)


@pytest.mark.parametrize("name", ["", "get weather", "naïve", 7])
def test_a_bad_name_is_refused(name):
    with pytest.raises(ParameterError, match="tool name"):
        encode_tools([tool(name)], MARA)


def test_more_tools_than_mara_takes_are_refused():
    assert len(encode_tools([tool()] * 129, MINIMAX)) == 129
    with pytest.raises(ParameterError, match="at most 128 tools"):
        encode_tools([tool()] * 129, MARA)


TOOLS = encode_tools([tool("f"), tool("g")], MARA)
NAMED = {"type": "function", "function": {"name": "g"}}


@pytest.mark.parametrize("choice", ["any", "required", True])
def test_any_call_is_required_in_the_providers_word(choice):
    assert encode_tool_choice(choice, TOOLS, MARA) == ("required", TOOLS)


@pytest.mark.parametrize("choice", [None, False])
def test_no_choice_is_not_sent(choice):
    assert encode_tool_choice(choice, TOOLS, MARA) == (None, TOOLS)


@pytest.mark.parametrize("choice", ["auto", "none"])
def test_auto_and_none_are_sent_as_they_are(choice):
    assert encode_tool_choice(choice, TOOLS, MINIMAX) == (choice, TOOLS)


@pytest.mark.parametrize("choice", ["g", NAMED, {"type": "tool", "name": "g"}])
def test_a_named_choice_is_sent_where_it_is_known(choice):
    assert encode_tool_choice(choice, TOOLS, MARA) == (NAMED, TOOLS)


@pytest.mark.parametrize("choice", ["g", NAMED])
def test_a_named_choice_at_minimax_offers_that_tool_alone(choice):
    assert encode_tool_choice(choice, TOOLS, MINIMAX) == ("required", [TOOLS[1]])


@pytest.mark.parametrize("provider", [MARA, MINIMAX])
def test_a_name_that_is_no_tool_is_refused(provider):
    with pytest.raises(ParameterError, match="names 'h', but the tools are: f, g"):
        encode_tool_choice("h", TOOLS, provider)


def test_an_unknown_kind_of_choice_is_left_to_the_provider():
    assert encode_tool_choice({"type": "auto"}, TOOLS, MARA) == ({"type": "auto"}, TOOLS)
