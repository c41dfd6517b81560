"""Whether arguments fit a tool's schema."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest

from mara_minimax.emulator import CannedReply, Emulator
from mara_minimax.reply.tool_arguments import arguments_fit

MAIL = {
    "type": "object",
    "properties": {
        "to": {"type": "string", "pattern": "@"},
        "priority": {"enum": ["low", "high"]},
        "at": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
        "sender": {"$ref": "#/$defs/Person"},
        "headers": {"type": "object"},
    },
    "required": ["to"],
    "$defs": {"Person": {"type": "object", "properties": {"name": {"type": "string"}}}},
}
TREE = {
    "$ref": "#/$defs/Node",
    "$defs": {
        "Node": {
            "type": "object",
            "properties": {"left": {"anyOf": [{"$ref": "#/$defs/Node"}, {"type": "null"}]}},
        }
    },
}
ONE_OF = {
    "properties": {"a": {}, "b": {}},
    "oneOf": [{"properties": {"a": {"type": "integer"}}}, {"properties": {"b": {}}}],
}


@pytest.mark.parametrize(
    ("arguments", "schema"),
    [
        ({"to": "a@b"}, MAIL),
        ({"to": "a@b", "priority": "low", "at": None}, MAIL),
        ({"to": "a@b", "at": 3, "sender": {"name": "Ada"}}, MAIL),
        ({"to": "a@b", "headers": {"any": "thing"}}, MAIL),
        ({}, {}),
        ({}, {"type": "object"}),
        ({"left": {"left": None}}, TREE),
        ({"x": 1}, {"type": "object", "additionalProperties": {"type": "integer"}}),
        ({"x": 1}, {"$schema": "http://json-schema.org/draft-07/schema#", "properties": {"x": {}}}),
        ({"x": {"y": 1}}, {"properties": {"x": {"patternProperties": {"y": {}}}}}),
    ],
)
def test_arguments_that_the_schema_describes_fit(arguments, schema):
    assert arguments_fit(arguments, schema)


@pytest.mark.parametrize(
    ("arguments", "schema"),
    [
        ({}, MAIL),
        ({"to": 1}, MAIL),
        ({"to": "nobody"}, MAIL),
        ({"to": "a@b", "priority": "urgent"}, MAIL),
        ({"to": "a@b", "at": "noon"}, MAIL),
        ({"to": "a@b", "bcc": "evil"}, MAIL),
        ({"to": "a@b", "sender": {"name": "Ada", "bcc": "evil"}}, MAIL),
        ({"x": 1}, {}),
        ({"x": 1}, {"type": "object", "properties": {}}),
        ({"x": 1}, {"type": "object", "additionalProperties": True}),
        ({"x": "1"}, {"type": "object", "additionalProperties": {"type": "integer"}}),
        ({"left": {"right": None}}, TREE),
        # Both branches hold as they are written, the first with an unknown name.
        ({"b": 1}, ONE_OF),
    ],
)
def test_arguments_that_the_schema_does_not_know_do_not_fit(arguments, schema):
    assert not arguments_fit(arguments, schema)


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": {"a": {"type": "word"}}},
        {"properties": []},
        {"properties": {"a": {"$ref": "#/nowhere"}}},
        {"$ref": "#"},
        {"properties": {"a": {"pattern": "("}}},
        {"properties": {"a": {"pattern": "(?=x)x"}}},
        [],
        None,
        "object",
    ],
)
def test_a_schema_that_cannot_be_used_fits_nothing(schema):
    assert not arguments_fit({"a": "x"}, schema)


def test_a_reference_to_elsewhere_is_not_followed(monkeypatch):
    def connect(*args):
        raise AssertionError("a schema was fetched")

    monkeypatch.setattr(socket, "create_connection", connect)
    monkeypatch.setattr(socket.socket, "connect", connect)
    schema = {"properties": {"a": {"$ref": "https://schemas.example.com/a.json"}}}
    assert not arguments_fit({"a": 1}, schema)


def test_a_pattern_that_backtracks_for_ever_does_not():
    schema = {"properties": {"a": {"pattern": "^(a+)+$"}}}
    assert arguments_fit({"a": "a" * 100}, schema)
    assert not arguments_fit({"a": "a" * 100 + "!"}, schema)


CALLS = """
import sys
from mara_minimax.settings import MiniMaxSettings
settings = MiniMaxSettings(api_key="key", base_url={url!r})
tool = {{"type": "function", "function": {{"name": "add", "parameters": {{"type": "object"}}}}}}
for choice in ("auto", "required"):
    request = settings.encode(
        [{{"role": "user", "content": "Hi"}}], stream=False, tools=[tool], tool_choice=choice
    )
    assert settings.client.complete(request).tool_calls == ()
assert not {{"jsonschema", "referencing"}} & sys.modules.keys()
"""


def test_an_answer_that_spells_no_call_needs_no_schema_library():
    message = {"role": "assistant", "content": 'In JSON you write {"name": "add"} for it.'}
    reply = {"choices": [{"message": message, "finish_reason": "stop"}]}
    with Emulator("minimax") as emulator:
        for _ in range(2):
            emulator.enqueue(CannedReply.json(reply))
        code = CALLS.format(url=emulator.base_url)
        finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert len(emulator.requests) == 2
    assert finished.returncode == 0, finished.stderr
