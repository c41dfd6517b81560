"""A call that has to be made, where the provider does not enforce it."""

from __future__ import annotations

import json

import pytest

from mara_minimax.demand import call_in_text, demand_call, demanded_tools
from mara_minimax.emulator import CannedReply
from mara_minimax.providers import MARA
from mara_minimax.settings import MiniMaxSettings
from mara_minimax.tools import encode_tools


def tool(name, **parameters):
    return {"type": "function", "function": {"name": name, "parameters": parameters}}


TOOLS = encode_tools([tool("f"), tool("g")], MARA)
NAMED = {"type": "function", "function": {"name": "g"}}
PERSON = tool(
    "Person",
    type="object",
    properties={"name": {"type": "string"}, "age": {"type": "integer"}},
    required=["name"],
)
OBJECT = '{"name": "Ada", "age": 36}'


@pytest.mark.parametrize(
    ("choice", "demanded"), [("required", TOOLS), (NAMED, TOOLS[1:]), ("auto", []), (None, [])]
)
def test_a_forced_choice_demands_its_tools(choice, demanded):
    assert demanded_tools(choice, TOOLS) == demanded


def test_a_demand_in_words_joins_the_system_message():
    history = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "hi"}]
    messages = demand_call(history, TOOLS)
    assert messages[0]["content"] == (
        "Be brief.\n\nAnswer by calling the function `f` or `g`, and write no other text. If you "
        "cannot call one, answer with nothing but a JSON object of the form "
        '{"name": "the function", "arguments": {}}.'
    )
    assert messages[1:] == history[1:]
    assert history[0]["content"] == "Be brief."


def test_a_demand_in_words_makes_a_system_message_where_there_is_none():
    messages = demand_call([{"role": "user", "content": "hi"}], TOOLS)
    assert [message["role"] for message in messages] == ["system", "user"]
    assert demand_call([], TOOLS)[0]["role"] == "system"


def test_a_demand_joins_a_system_message_of_parts_as_a_part():
    part = {"type": "text", "text": "Be brief."}
    messages = demand_call([{"role": "system", "content": [part]}], TOOLS)
    assert messages[0]["content"][0] == part
    assert "`f` or `g`" in messages[0]["content"][1]["text"]


def test_a_demand_for_one_tool_names_the_schema_for_an_answer_in_text():
    demand = demand_call([], TOOLS[:1])[0]["content"]
    assert demand.endswith('{"type": "object", "properties": {}}')


@pytest.mark.parametrize(
    "text",
    [
        OBJECT,
        f"  {OBJECT}\n",
        f"```json\n{OBJECT}\n```",
        f"Here it is:\n```\n{OBJECT}\n```\nDone.",
        f"Here she is:\n\n{OBJECT}\n\nEnjoy!",
        json.dumps(json.loads(OBJECT), indent=2),
        '{"name": "Person", "arguments": {"name": "Ada", "age": 36}}',
        '{"name": "Person", "parameters": {"name": "Ada", "age": 36}}',
    ],
)
def test_an_answer_that_is_the_object_is_the_call(text):
    assert call_in_text(text, [PERSON]) == ("Person", OBJECT)


@pytest.mark.parametrize(
    "text",
    [
        f"In JSON you write {OBJECT} to say so.",
        '{"age": 36}',
        '{"name": "Ada", "email": "x"}',
        '{"name": "Ad',
        "[1]",
        "",
        "{}",
        f"{OBJECT} is she.",
        f"{OBJECT}\nor\n{OBJECT}",
        f"```json\n{OBJECT}\n```\nor\n```json\n{OBJECT}\n```",
    ],
)
def test_any_other_answer_is_no_call(text):
    assert call_in_text(text, [PERSON]) is None


def test_of_several_tools_the_answer_has_to_name_one():
    text = '{"name": "g", "arguments": {"x": 1}}'
    assert call_in_text(text, TOOLS) == ("g", '{"x": 1}')
    assert call_in_text(OBJECT, [PERSON, *TOOLS]) is None
    assert call_in_text('{"name": "h", "arguments": {}}', TOOLS) is None


def test_a_tool_without_parameters_is_called_by_an_empty_object():
    assert call_in_text("{}", TOOLS[:1]) == ("f", "{}")
    assert call_in_text('{"x": 1}', TOOLS[:1]) is None


def test_a_schema_that_only_refers_takes_any_object():
    recursive = tool("Node", **{"$ref": "#/$defs/Node", "$defs": {}})
    assert call_in_text('{"left": null}', [recursive]) == ("Node", '{"left": null}')


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("done", [True, False])
def test_reply_and_stream_hold_the_call_that_the_text_spells(stream, done, emulator):
    settings = MiniMaxSettings(api_key="k", base_url=emulator.base_url)
    choice = {"index": 0, "finish_reason": "stop", "delta": {"content": OBJECT}}
    if stream:
        reply = CannedReply.sse({"id": "r", "choices": [choice]}, done=done)
    else:
        choice["message"] = choice.pop("delta")
        reply = CannedReply.json({"id": "r", "choices": [choice]})
    emulator.enqueue(reply)
    request = settings.encode(
        [{"role": "user", "content": "Who?"}], stream=stream, tools=[PERSON], tool_choice="any"
    )
    deltas = list(settings.client.stream(request))
    (call,) = deltas[-1].reply.tool_calls
    assert (call.id, call.name, json.loads(call.arguments)) == (
        "call_r_1",
        "Person",
        {"name": "Ada", "age": 36},
    )
    assert deltas[-1].reply.finish_reason == "tool_calls"
    assert [piece.name for delta in deltas for piece in delta.tool_calls] == ["Person"]


def test_text_is_no_call_where_none_was_demanded(emulator):
    settings = MiniMaxSettings(api_key="k", base_url=emulator.base_url)
    emulator.enqueue(CannedReply.json({"choices": [{"message": {"content": OBJECT}}]}))
    request = settings.encode([{"role": "user", "content": "Who?"}], stream=False, tools=[PERSON])
    assert settings.client.complete(request).tool_calls == ()
