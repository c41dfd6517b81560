"""What the conformance suite's server says, and which requests it would refuse."""

from __future__ import annotations

import json

import pytest

from llama_index_mara_minimax.conformance import Script, Turn
from llama_index_mara_minimax.conformance.history import refused


def _result(call_id):
    return {"role": "tool", "tool_call_id": call_id, "content": "Rain."}


USER = {"role": "user", "content": "Hi"}
CALLS = {"role": "assistant", "tool_calls": [{"id": "a"}, {"id": "b"}]}


@pytest.mark.parametrize(
    ("messages", "reason"),
    [
        ([USER], None),
        ([USER, CALLS, _result("b"), _result("a"), USER], None),
        ([{"role": "chatbot", "content": "x"}], "Unknown role 'chatbot'"),
        ([USER, _result("a")], "must answer a call"),
        ([USER, CALLS, _result("a"), _result("a")], "must answer a call"),
        ([USER, CALLS, _result("a"), USER], "These calls have no result: b"),
        ([USER, CALLS], "These calls have no result: a, b"),
        ([{"role": "user", "content": ""}], "role 'user' is empty"),
    ],
)
def test_histories_are_refused_as_openai_refuses_them(messages, reason):
    found = refused(messages)
    assert found == reason or (reason and reason in found)


@pytest.mark.parametrize("form", ["reasoning_content", "reasoning", "inline", None])
@pytest.mark.parametrize("streamed", [False, True])
def test_a_script_puts_the_thought_where_its_form_says_and_finds_it_there(form, streamed):
    script, turn = Script(form), Turn(text="It is Paris.", thought="France has one capital.")
    if not streamed:
        message = json.loads(script.plain(turn).chunks[0])["choices"][0]["message"]
    else:
        message = {}
        for chunk in script.stream(turn).chunks[:-2]:
            delta = json.loads(chunk.removeprefix(b"data: "))["choices"][0]["delta"]
            for name, text in delta.items():
                message[name] = message.get(name, "") + text
    assert script.echoed_thought(message) == (turn.thought if form else "")
    assert message["content"].endswith(turn.text)
    assert (message["content"] == turn.text) == (form != "inline")
