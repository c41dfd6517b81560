"""What the emulated MiniMax refuses, with which code, and what it lets pass."""

from __future__ import annotations

import json

import pytest

USER = {"role": "user", "content": "What is 6 * 7?"}
SYSTEM = {"role": "system", "content": "Be brief."}
PIXEL = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}


def call(id: str = "c1", arguments: str = "{}", name: str = "get_weather", **message):
    function = {"name": name, "arguments": arguments}
    entry = {"id": id, "type": "function", "function": function}
    return {"role": "assistant", "tool_calls": [entry], **message}


def result(id: str = "c1", content: str = "18 degrees"):
    return {"role": "tool", "tool_call_id": id, "content": content}


def test_refusals_have_the_documented_body(minimax):
    reply = minimax.post(model="no-such-model")
    body = reply.json()
    assert reply.status_code == 400
    assert body["type"] == "error"
    assert list(body["error"]) == ["type", "message", "http_code"]
    assert body["error"]["type"] == "bad_request_error"
    assert body["error"]["message"] == "invalid params, unknown model 'no-such-model' (2013)"
    assert body["error"]["http_code"] == "400"
    assert body["request_id"] == reply.headers["trace-id"]


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer bad-key", "Basic abc"])
def test_key_is_needed(minimax, authorization):
    reply = minimax.http.post(
        "/chat/completions", json=minimax.body(), headers={"authorization": authorization}
    )
    assert reply.status_code == 401
    assert reply.json()["error"]["type"] == "authorized_error"
    assert reply.json()["error"]["message"].endswith("(1004)")


def test_models_need_a_key_too(minimax):
    assert minimax.http.get("/models", headers={"authorization": ""}).status_code == 401


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b'"text"'])
def test_body_must_be_a_json_object(minimax, raw):
    reply = minimax.http.post("/chat/completions", content=raw)
    assert reply.status_code == 400
    assert reply.json()["error"]["message"].endswith("(2013)")


BAD_PARAMETERS = [
    ({"temperature": 0}, "temperature"),
    ({"temperature": 1.01}, "temperature"),
    ({"temperature": -0.5}, "temperature"),
    ({"temperature": "1"}, "temperature"),
    ({"model": "MiniMax-M3", "temperature": 2.1}, "temperature must be in [0.0, 2.0]"),
    ({"top_p": 1.5}, "top_p"),
    ({"top_p": -0.1}, "top_p"),
    ({"n": 2}, "n only supports value 1"),
    ({"max_tokens": 0}, "max_tokens"),
    ({"max_completion_tokens": -1}, "max_completion_tokens"),
    ({"max_tokens": 1.5}, "max_tokens"),
    ({"reasoning_split": 1}, "reasoning_split"),
    ({"reasoning_split": "true"}, "reasoning_split"),
    ({"thinking": True}, "Mismatch type open_platform_oai.ThinkingConfig with value bool"),
    (
        {"thinking": {"type": "enabled"}},
        'invalid thinking.type: "enabled" (allowed: adaptive, disabled)',
    ),
    ({"extra_body": {"reasoning_split": True}}, "chat content is empty"),
    ({"function_call": "auto"}, "function_call"),
    ({"functions": [{"name": "f"}]}, "functions"),
    (
        {"model": "MiniMax-M3", "max_tokens": 524_289},
        "model[MiniMax-M3] does not support max tokens > 524288",
    ),
    ({"model": "MiniMax-M3.1-Flash", "thinking": {"type": "disabled"}}, "adaptive thinking"),
]


@pytest.mark.parametrize(("fields", "complaint"), BAD_PARAMETERS)
def test_bad_parameter_is_refused(minimax, fields, complaint):
    status, message = minimax.refusal(**fields)
    assert status == 400
    assert complaint in message
    assert message.endswith("(2013)")


GOOD_PARAMETERS = [
    {"temperature": 1, "top_p": 1, "n": 1},
    {"temperature": 0.01},
    {"model": "MiniMax-M3", "temperature": 0},
    {"model": "MiniMax-M3.1-Flash", "temperature": 2},
    {"max_tokens": 100_000},
    {"presence_penalty": 9, "frequency_penalty": -9, "logit_bias": {"1": 5}, "seed": 3},
    {"stop": ["x"], "user": "someone", "unknown": True},
    {"thinking": {"type": "adaptive"}},
    {"tool_choice": "required", "parallel_tool_calls": False},
    {"response_format": {"type": "json_object"}},
]


@pytest.mark.parametrize("fields", GOOD_PARAMETERS)
def test_parameter_is_accepted_or_ignored(minimax, fields):
    assert minimax.post(**fields).status_code == 200


BAD_TOOLS = [
    ({"function": {"name": "f", "parameters": {"type": "object"}}}, "invalid tool type: "),
    ({"type": "web", "function": {"name": "f", "parameters": {"a": 1}}}, "invalid tool type: web"),
    ({"type": "function", "function": {"parameters": {"type": "object"}}}, "function name"),
    ({"type": "function", "function": {"name": "f"}}, "function parameters is empty"),
    ({"type": "function", "function": {"name": "f", "parameters": {}}}, "function parameters is"),
    ({"type": "function", "name": "f", "parameters": {"type": "object"}}, "function name"),
]


@pytest.mark.parametrize(("tool", "complaint"), BAD_TOOLS)
def test_bad_tool_is_refused(minimax, tool, complaint):
    status, message = minimax.refusal(tools=[tool])
    assert (status, complaint in message) == (400, True)


def test_tool_without_arguments_needs_an_empty_object_schema(minimax):
    function = {"name": "f", "parameters": {"type": "object", "properties": {}}}
    assert minimax.post(tools=[{"type": "function", "function": function}]).status_code == 200


BAD_HISTORIES = {
    "no messages": ([], "chat content is empty"),
    "developer role": (
        [{"role": "developer", "content": "Be brief."}, USER],
        "invalid role: developer",
    ),
    "two system messages": ([SYSTEM, SYSTEM, USER], "invalid chat setting"),
    "late system message": (
        [USER, SYSTEM],
        "chat content has invalid message role: system",
    ),
    "empty user message": ([{"role": "user", "content": ""}], "chat content is empty"),
    "null user message": ([{"role": "user", "content": None}], "chat content is empty"),
    "empty system message": ([{"role": "system", "content": ""}, USER], "chat content is empty"),
    "empty assistant message": (
        [USER, {"role": "assistant", "content": ""}, USER],
        "chat content is empty",
    ),
    "empty parts": ([{"role": "user", "content": []}], "chat content is empty"),
    "empty tool result": ([USER, call(), result(content="")], "chat content is empty"),
    "result without call": ([USER, result()], "tool call result does not follow tool call"),
    "result after another message": (
        [USER, call(), USER, result()],
        "tool call result does not follow tool call",
    ),
    "result of another call": (
        [USER, call(), result("c2")],
        "tool result's tool id(c2) not found",
    ),
    "result given twice": (
        [USER, call(), result(), result()],
        "tool result's tool id(c1) not found",
    ),
    "unanswered call": ([USER, call()], "tool call result does not follow tool call"),
    "call answered late": (
        [USER, call(), USER],
        "tool call result does not follow tool call",
    ),
    "a call without a name": (
        [USER, call(name=""), result()],
        "function name is empty, tool_call_id: c1",
    ),
    "broken arguments": (
        [USER, call(arguments='{"a":'), result()],
        "invalid function arguments json string, tool_call_id: c1",
    ),
    "empty arguments": (
        [USER, call(arguments=""), result()],
        "invalid function arguments json string, tool_call_id: c1",
    ),
    "arguments that are a list": (
        [USER, call(arguments="[1]"), result()],
        "invalid function arguments json string, tool_call_id: c1",
    ),
    "image for a text-only model": (
        [{"role": "user", "content": [{"type": "text", "text": "What is it?"}, PIXEL]}],
        "does not support image_url input",
    ),
    "unknown part": (
        [{"role": "user", "content": [{"type": "input_audio"}]}],
        "invalid content type: input_audio",
    ),
}


@pytest.mark.parametrize("case", BAD_HISTORIES)
def test_bad_history_is_refused(minimax, case):
    messages, complaint = BAD_HISTORIES[case]
    status, message = minimax.refusal(messages)
    assert status == 400
    assert message == f"invalid params, {message[16:]}"
    assert complaint in message
    assert message.endswith("(2013)")


@pytest.mark.parametrize("character", ["\x00", "\x1b", "\x85", "\u200b", "\ufeff", "\u2062"])
def test_too_many_invisible_characters_are_refused(minimax, character):
    body = json.dumps(minimax.body(f"What is{character * 2} that?"))
    reply = minimax.http.post("/chat/completions", content=body)
    assert reply.status_code == 400
    assert reply.json()["error"]["message"].endswith("(1042)")


@pytest.mark.parametrize(
    "text", ["What is\u200b that?", "\u2067שלום\u2069", "\u202bمرحبا\u202c", "\u200f\u061c\u200e!"]
)
def test_few_invisible_characters_and_any_direction_characters_are_taken(minimax, text):
    reply = minimax.http.post("/chat/completions", content=json.dumps(minimax.body(text)))
    assert reply.status_code == 200


GOOD_HISTORIES = {
    "system first": [SYSTEM, USER],
    "tool loop": [SYSTEM, USER, call(content="\n"), result(), USER],
    "tool loop, content empty": [USER, call(content=""), result()],
    "tool loop, content null": [USER, call(content=None), result()],
    "tool loop, content absent": [USER, call(), result()],
    "text parts": [{"role": "user", "content": [{"type": "text", "text": "What is 1+1?"}]}],
    "reasoning replayed": [
        USER,
        {"role": "assistant", "content": "42", "reasoning_details": [{"text": "I multiply."}]},
        USER,
    ],
    "names and tabs": [{"role": "user", "name": "ada", "content": "What\tis\r\n1+1?"}],
    "joined emoji": [{"role": "user", "content": "\U0001f468\u200d\U0001f469\u200d\U0001f467"}],
}


@pytest.mark.parametrize("case", GOOD_HISTORIES)
def test_good_history_is_accepted(minimax, case):
    reply = minimax.post(GOOD_HISTORIES[case])
    assert reply.status_code == 200, reply.text


@pytest.mark.parametrize(
    ("scenario", "content"), [("refuse-empty-content", ""), ("refuse-null-content", None)]
)
def test_content_beside_calls_is_disputed(minimax, scenario, content):
    history = [USER, call(content=content), result()]
    assert minimax.refusal(history, scenario=scenario)[0] == 400
    for fine in ({}, {"content": "\n"}):
        assert minimax.post([USER, call(**fine), result()], scenario=scenario).status_code == 200


def test_forced_tool_choice_is_disputed(minimax):
    scenario = "refuse-forced-tool-choice"
    assert minimax.refusal(tool_choice="required", scenario=scenario)[0] == 400
    assert minimax.post(tool_choice="auto", scenario=scenario).status_code == 200


def test_images_are_accepted_by_m3(minimax):
    parts = [{"type": "text", "text": "What is 1+1?"}, PIXEL]
    message = minimax.message(
        [{"role": "user", "content": parts}], model="MiniMax-M3", reasoning_split=True
    )
    assert message["content"] == "1 + 1 equals 2."


def test_long_prompts_overflow_the_window(minimax):
    status, message = minimax.refusal("word " * 170_000 * 2)
    assert (status, message) == (400, "invalid params, context window exceeds limit (2013)")


def test_refused_streams_are_json(minimax):
    reply = minimax.post(temperature=0, stream=True)
    assert reply.status_code == 400
    assert reply.headers["content-type"].startswith("application/json")
