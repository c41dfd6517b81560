"""Tool calls in the forms of other providers."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from mara_minimax.encoded_request import HistoryWarning
from mara_minimax.request.foreign_calls import decode_call, legacy_calls

ARGUMENTS = {"city": "Paris"}
TEXT = '{"city": "Paris"}'


def wire(call_id, arguments=TEXT):
    function = {"name": "get_weather", "arguments": arguments}
    return {"id": call_id, "type": "function", "function": function}


@pytest.mark.parametrize(
    "call",
    [
        wire("a"),
        {"id": "a", "function": {"name": "get_weather", "arguments": ARGUMENTS}},
        {"id": "a", "type": "tool_use", "name": "get_weather", "input": ARGUMENTS},
        {"id": "a", "name": "get_weather", "args": ARGUMENTS},
        {"id": "fc_1", "call_id": "a", "name": "get_weather", "arguments": TEXT},
        {"toolUseId": "a", "name": "get_weather", "input": ARGUMENTS},
        {"toolUse": {"toolUseId": "a", "name": "get_weather", "input": ARGUMENTS}},
        {"tool_id": "a", "tool_name": "get_weather", "tool_kwargs": ARGUMENTS},
        SimpleNamespace(id="a", function=SimpleNamespace(name="get_weather", arguments=TEXT)),
    ],
)
def test_name_arguments_and_id_are_found_wherever_they_stand(call):
    assert decode_call(call) == wire("a")


@pytest.mark.parametrize("nothing", [None, "", {}])
def test_a_call_without_id_or_arguments_has_none(nothing):
    assert decode_call({"id": "", "name": "get_weather", "args": nothing}) == wire(None, "{}")


def test_a_number_as_id_is_left_to_the_repair():
    assert decode_call({"id": 7, "name": "get_weather", "args": ARGUMENTS}) == wire(7)


@pytest.mark.parametrize(
    "call",
    [
        None,
        5,
        "get_weather",
        {},
        {"id": "a", "arguments": TEXT},
        {"name": ""},
        {"name": 5},
        {"name": "get_weather", "id": ["a"]},
        {"function": "get_weather"},
    ],
)
def test_what_names_no_function_is_no_call(call):
    assert decode_call(call) is None


@pytest.mark.parametrize(
    ("notes", "calls"),
    [
        ({}, []),
        ({"function_call": None}, []),
        ({"function_call": {"name": "get_weather", "arguments": TEXT}}, [wire(None)]),
    ],
)
def test_the_call_of_the_oldest_form_stands_among_the_notes(notes, calls):
    assert legacy_calls(notes) == calls


def test_a_call_of_the_oldest_form_without_a_name_is_left_out_with_a_warning():
    with pytest.warns(HistoryWarning, match="function_call"):
        assert legacy_calls({"function_call": {"arguments": TEXT}}) == []
