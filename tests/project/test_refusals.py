"""Each refusal of the providers: the raw request is refused, the encoded one is accepted."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
import warnings
from typing import Any

import pytest

from mara_minimax.emulator import Emulator
from mara_minimax.settings import MARASettings, MiniMaxSettings

USER = {"role": "user", "content": "What is the weather in Paris?"}
SYSTEM = {"role": "system", "content": "Be brief."}
TOOL = {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object"}}}


def calling(arguments: str = "{}", call_id: str = "a", **fields: Any) -> dict[str, Any]:
    function = {"name": "get_weather", "arguments": arguments}
    call = {"id": call_id, "type": "function", "function": function}
    return {"role": "assistant", "content": "Let me see.", "tool_calls": [call], **fields}


def result(content: str = "sunny", call_id: str = "a") -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": call_id, "content": content}


def post(emulator: Emulator, body: Any) -> tuple[int, str]:
    request = urllib.request.Request(
        f"{emulator.base_url}/chat/completions",
        json.dumps(body).encode(),
        {"Authorization": f"Bearer {emulator.api_key}", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


MINIMAX_HISTORIES = {
    "several system messages": ([SYSTEM, SYSTEM, USER], "invalid chat setting"),
    "a late system message": ([USER, SYSTEM], "invalid message role: system"),
    "the developer role": ([{**SYSTEM, "role": "developer"}, USER], "invalid role: developer"),
    "a result without its call": ([USER, result()], "does not follow tool call"),
    "a result of an unknown call": (
        [USER, calling(), result(), result("rain", "zzz")],
        "(2013)",
    ),
    "a call without its result": ([USER, calling(), USER], "(2013)"),
    "a result that does not follow its call": ([USER, calling(), USER, result()], "(2013)"),
    "invalid arguments": (
        [USER, calling('{"city": "Pa'), result()],
        "invalid function arguments json string",
    ),
    "an empty user message": ([{**USER, "content": ""}], "chat content is empty"),
    "an empty tool result": ([USER, calling(), result("")], "chat content is empty"),
    "an invisible character": ([{**USER, "content": "Hi\u0000there"}], "(1042)"),
}

MINIMAX_PARAMETERS = {
    "temperature zero": ({"temperature": 0}, "(2013)"),
    "a temperature above one": ({"temperature": 1.5}, "(2013)"),
    "several answers": ({"n": 2}, "(2013)"),
    "the old function_call": ({"function_call": "auto"}, "(2013)"),
    "thinking enabled": ({"thinking": {"type": "enabled"}}, "(2013)"),
    "a tool without parameters": (
        {"tools": [{"type": "function", "function": {"name": "f"}}]},
        "function parameters is empty",
    ),
    "a tool without a type": ({"tools": [{"function": TOOL["function"]}]}, "invalid tool type"),
}

MARA_REQUESTS = {
    "a temperature above one": ({"temperature": 1.5}, [USER], "decimal_above_max_value"),
    "user content null": ({}, [{"role": "user", "content": None}], "content"),
    "the text response format": ({"response_format": {"type": "text"}}, [USER], "response_format"),
}


@pytest.fixture(scope="module")
def minimax():
    with Emulator("minimax") as emulator:
        yield emulator


@pytest.fixture(scope="module")
def mara():
    with Emulator("mara") as emulator:
        yield emulator


def encoded(emulator: Emulator, messages: Any, parameters: Any) -> dict[str, Any]:
    kind = MiniMaxSettings if emulator.provider == "minimax" else MARASettings
    settings = kind(api_key=emulator.api_key, base_url=emulator.base_url)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return settings.encode(messages, stream=False, **parameters).body


@pytest.mark.parametrize("case", MINIMAX_HISTORIES)
def test_a_history_that_minimax_refuses_is_mended(case, minimax):
    messages, refusal = MINIMAX_HISTORIES[case]
    status, body = post(minimax, {"model": "MiniMax-M2", "messages": messages})
    assert status == 400
    assert refusal in body
    status, body = post(minimax, encoded(minimax, messages, {}))
    assert status == 200, body


@pytest.mark.parametrize("case", MINIMAX_PARAMETERS)
def test_a_parameter_that_minimax_refuses_is_adjusted(case, minimax):
    parameters, refusal = MINIMAX_PARAMETERS[case]
    status, body = post(minimax, {"model": "MiniMax-M2", "messages": [USER], **parameters})
    assert status == 400
    assert refusal in body
    status, body = post(minimax, encoded(minimax, [USER], parameters))
    assert status == 200, body


@pytest.mark.parametrize(
    ("scenario", "content"), [("refuse-empty-content", ""), ("refuse-null-content", None)]
)
def test_content_beside_calls_is_accepted_by_hosts_that_disagree(scenario, content, minimax):
    messages = [USER, calling(content=content), result()]
    minimax.scenario = scenario
    try:
        assert post(minimax, {"model": "MiniMax-M2", "messages": messages})[0] == 400
        status, body = post(minimax, encoded(minimax, messages, {}))
    finally:
        minimax.scenario = "default"
    assert status == 200, body


def test_a_named_tool_choice_is_accepted_by_hosts_that_refuse_it(minimax):
    choice = {"type": "function", "function": {"name": "get_weather"}}
    parameters = {"tools": [TOOL], "tool_choice": choice}
    minimax.scenario = "refuse-forced-tool-choice"
    try:
        body = {"model": "MiniMax-M2", "messages": [USER], **parameters}
        assert post(minimax, body)[0] == 400
        status, answer = post(minimax, encoded(minimax, [USER], parameters))
    finally:
        minimax.scenario = "default"
    assert status == 200, answer


@pytest.mark.parametrize("case", MARA_REQUESTS)
def test_a_request_that_mara_refuses_is_adjusted(case, mara):
    parameters, messages, refusal = MARA_REQUESTS[case]
    status, body = post(mara, {"model": "MiniMax-M2.5", "messages": messages, **parameters})
    assert status == 400
    assert refusal in body
    status, body = post(mara, encoded(mara, messages, parameters))
    assert status == 200, body
