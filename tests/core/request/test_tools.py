"""Tool definitions and tool choice on the wire."""

from __future__ import annotations

import pytest

from mara_minimax.errors import ParameterError
from mara_minimax.providers.endpoints import MARA, MINIMAX
from mara_minimax.request.encode import encode_request
from mara_minimax.request.tools import encode_tool_call, encode_tool_choice, encode_tools


def tool(name="f", **function):
    return {"type": "function", "function": {"name": name, **function}}


EMPTY = {"type": "object", "properties": {}}


@pytest.mark.parametrize("parameters", [{}, {"parameters": None}, {"parameters": {}}])
def test_parameters_are_always_present(parameters):
    assert encode_tools([tool(**parameters)], MINIMAX) == [tool(parameters=EMPTY)]


def test_given_parameters_are_kept():
    schema = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
    assert encode_tools([tool(parameters=schema)], MARA) == [tool(parameters=schema)]


def test_an_empty_description_is_left_out():
    assert encode_tools([tool(description="")], MINIMAX) == [tool(parameters=EMPTY)]


def test_a_description_is_kept():
    encoded = encode_tools([tool(description="d")], MINIMAX)
    assert encoded == [tool(description="d", parameters=EMPTY)]


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


@pytest.mark.parametrize("name", ["", "get weather", "naïve", "a.b", 7])
def test_a_name_outside_the_documented_form_is_refused(name):
    with pytest.raises(ParameterError, match="Invalid tool name"):
        encode_tools([tool(name)], MARA)


@pytest.mark.parametrize("name", ["", "get weather", None])
def test_a_name_that_is_none_is_refused_everywhere(name):
    with pytest.raises(ParameterError, match="Invalid tool name"):
        encode_tools([tool(name)], MINIMAX)


def test_where_no_form_is_documented_the_provider_judges():
    assert encode_tools([tool("naïve.tool")], MINIMAX)


def test_more_tools_than_mara_takes_are_refused():
    assert len(encode_tools([tool()] * 129, MINIMAX)) == 129
    with pytest.raises(ParameterError, match="at most 128 tools"):
        encode_tools([tool()] * 129, MARA)


TOOLS = encode_tools([tool("f"), tool("g")], MARA)
NAMED = {"type": "function", "function": {"name": "g"}}


@pytest.mark.parametrize("choice", ["any", "required", True, {"type": "any"}])
def test_any_call_is_required_in_the_providers_word(choice):
    assert encode_tool_choice(choice, TOOLS) == "required"


def test_true_chooses_the_only_tool():
    assert encode_tool_choice(True, TOOLS[1:]) == NAMED


@pytest.mark.parametrize("choice", [None, False, "", {}])
def test_no_choice_is_not_sent(choice):
    assert encode_tool_choice(choice, TOOLS) is None


@pytest.mark.parametrize("choice", ["auto", "none"])
def test_a_free_choice_is_sent_by_its_name(choice):
    assert encode_tool_choice(choice, TOOLS) == choice
    assert encode_tool_choice({"type": choice}, TOOLS) == choice


@pytest.mark.parametrize("choice", ["g", NAMED, {"type": "tool", "name": "g"}])
def test_a_tool_is_chosen_by_name(choice):
    assert encode_tool_choice(choice, TOOLS) == NAMED


def test_a_name_that_is_no_tool_is_refused():
    with pytest.raises(ParameterError, match="names 'h', but the tools are: f, g"):
        encode_tool_choice("h", TOOLS)
    with pytest.raises(ParameterError, match="the tools are: none"):
        encode_tool_choice("h", [])


@pytest.mark.parametrize("choice", [5, ["f"], {"type": 5}])
def test_a_choice_of_another_type_is_refused(choice):
    with pytest.raises(ParameterError, match="tool_choice has to be"):
        encode_tool_choice(choice, TOOLS)


def test_a_kind_of_choice_that_no_provider_knows_is_refused():
    with pytest.raises(ParameterError, match="names 'some_tools', but"):
        encode_tool_choice({"type": "some_tools", "mode": "auto"}, TOOLS)


@pytest.mark.parametrize(
    ("arguments", "sent"), [('{"a": 1', '{"a": 1'), ("", ""), ({"a": 1}, '{"a": 1}'), (None, "{}")]
)
def test_a_call_has_its_arguments_as_text(arguments, sent):
    call = encode_tool_call("c1", "f", arguments)
    assert call == {
        "id": "c1",
        "type": "function",
        "function": {"name": "f", "arguments": sent},
    }


@pytest.mark.parametrize("parameters", ["x", ["x"], 5, True])
def test_parameters_that_are_no_schema_are_refused(parameters):
    tool = {"type": "function", "function": {"name": "f", "parameters": parameters}}
    with pytest.raises(ParameterError, match="parameters of the tool 'f'"):
        encode_tools([tool], MINIMAX)


@pytest.mark.parametrize("tool", [None, 5, "f", ["f"]])
def test_a_tool_that_is_no_dict_is_refused(tool):
    with pytest.raises(ParameterError, match="A tool in tools has to be a dict"):
        encode_tools([tool], MINIMAX)


CHAT_ALLOWED = {
    "type": "allowed_tools",
    "allowed_tools": {
        "mode": "required",
        "tools": [{"type": "function", "function": {"name": "f"}}],
    },
}
FLAT_ALLOWED = {
    "type": "allowed_tools",
    "mode": "required",
    "tools": [{"type": "function", "name": "f"}],
}


@pytest.mark.parametrize("choice", [CHAT_ALLOWED, FLAT_ALLOWED])
def test_allowed_tools_are_the_only_ones_that_are_offered(choice):
    tools = [tool("f", parameters=EMPTY), tool("g", parameters=EMPTY)]
    parameters = {"model": "MiniMax-M2.5", "tools": tools, "tool_choice": choice}
    user = [{"role": "user", "content": "hi"}]
    request = encode_request(user, parameters, provider=MARA)
    assert request.body["tools"] == [tool("f", parameters=EMPTY)]
    assert request.body["tool_choice"] == "required"
    assert request.forced.names == ["f"]


def test_allowed_tools_may_leave_the_choice_free():
    inner = {**CHAT_ALLOWED["allowed_tools"], "mode": "auto"}
    choice = {**CHAT_ALLOWED, "allowed_tools": inner}
    parameters = {"model": "MiniMax-M2", "tools": [tool("f"), tool("g")], "tool_choice": choice}
    user = [{"role": "user", "content": "hi"}]
    request = encode_request(user, parameters, provider=MINIMAX)
    assert [t["function"]["name"] for t in request.body["tools"]] == ["f"]
    assert request.body["tool_choice"] == "auto"
    assert request.forced is None


def test_an_encoded_choice_of_allowed_tools_stays_as_it_is():
    encoded = encode_tool_choice(FLAT_ALLOWED, [tool()])
    assert encoded == encode_tool_choice(encoded, [tool()]) == CHAT_ALLOWED


@pytest.mark.parametrize(
    "choice",
    [
        {"type": "allowed_tools"},
        {"type": "allowed_tools", "allowed_tools": 5},
        {"type": "allowed_tools", "tools": []},
        {"type": "allowed_tools", "mode": "any", "tools": [{"name": "f"}]},
    ],
)
def test_allowed_tools_without_tools_or_with_another_mode_are_refused(choice):
    with pytest.raises(ParameterError, match="allowed_tools"):
        encode_tool_choice(choice, [tool()])


def test_an_allowed_tool_has_to_be_one_of_the_tools():
    choice = {"type": "allowed_tools", "tools": [{"type": "function", "name": "h"}]}
    with pytest.raises(ParameterError, match="'h', but the tools are: f"):
        encode_tool_choice(choice, [tool()])


def test_a_generic_class_has_a_name_that_every_provider_takes():
    (encoded,) = encode_tools([tool("Wrap[City, int]")], MARA)
    assert encoded["function"]["name"] == "Wrap_City__int_"
    assert encode_tool_choice("Wrap[City, int]", [tool("Wrap[City, int]")]) == {
        "type": "function",
        "function": {"name": "Wrap_City__int_"},
    }
