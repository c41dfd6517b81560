"""Tools and structured output: each check seen to pass and to fail."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from mara_minimax.doctor.probe import Probe
from mara_minimax.doctor.tools import CITY_SCHEMA, WEATHER_TOOL, check_json_schema, check_tools
from mara_minimax.emulator import CannedReply
from mara_minimax.settings import MiniMaxSettings


def bodies_with(emulator, field):
    return [request.body for request in emulator.requests if request.body and field in request.body]


@pytest.fixture
def ask(key, server):
    settings = MiniMaxSettings(base_url=server.base_url)
    return Probe(settings, 20).ask


def calling(name, arguments):
    call = {"id": "c", "type": "function", "function": {"name": name, "arguments": arguments}}
    message = {"role": "assistant", "content": "", "tool_calls": [call]}
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls"}
    return CannedReply.json({"choices": [choice]})


def of_a_model_that(answer, **abilities):
    profile = replace(answer.request.profile, **abilities)
    return replace(answer, request=replace(answer.request, profile=profile))


def test_a_fitting_tool_is_called(examine, server):
    finding = examine(server).finding("tools")
    assert (finding.status, finding.seen) == ("pass", 'get_weather({"city": "Oslo"})')


def test_a_question_that_is_answered_without_the_tool_deviates(examine, llmprovider_server):
    report = examine(llmprovider_server)
    assert report.finding("tools").status == "warn"
    assert report.finding("tools").seen.startswith('no call, but "')
    assert report.finding("tool-results").status == "skip"


def test_no_call_is_right_for_a_model_without_tools(ask):
    answer = ask([{"role": "user", "content": "Hello"}], tools=[WEATHER_TOOL])
    assert check_tools(answer).status == "warn"
    assert check_tools(of_a_model_that(answer, tool_calling=False)).status == "pass"


@pytest.mark.parametrize("scenario", ["tools-invalid-json", "tools-empty-arguments"])
def test_a_call_that_does_not_fit_the_tool_fails(scenario, examine, server):
    finding = examine(server, {"tools": scenario}).finding("tools")
    assert finding.status == "fail"
    assert "does not fit" in finding.advice


def test_a_call_of_a_tool_that_was_not_offered_fails(examine, server):
    reply = calling("get_time", '{"city": "Oslo"}')
    report = examine(server, before={"tools": lambda: server.enqueue(reply)})
    assert report.finding("tools").status == "fail"
    assert report.finding("tools").expected == "a call of get_weather with a city"


def test_a_call_that_repeats_the_key_does_not_show_it(examine, server, key):
    reply = calling(f"get_{key}", json.dumps({"city": key}))
    report = examine(server, before={"tools": lambda: server.enqueue(reply)})
    assert report.finding("tools").seen == 'get_[redacted]({"city": "[redacted]"})'


def test_a_refused_request_with_tools_fails(examine, mara_server):
    finding = examine(mara_server, {"tools": "http-400-model-output"}).finding("tools")
    assert finding.status == "fail"
    assert "could not be parsed" in finding.seen


def test_the_result_of_a_call_leads_to_an_answer(examine, server):
    finding = examine(server).finding("tool-results")
    assert finding.status == "pass"
    assert "7 degrees" in finding.seen
    (history,) = [
        body["messages"] for body in bodies_with(server, "tools") if len(body["messages"]) == 3
    ]
    assert history[1]["reasoning_details"]
    assert history[1]["tool_calls"][0]["id"] == history[2]["tool_call_id"]


def test_a_model_that_calls_again_instead_of_answering_deviates(examine, server):
    reply = calling("get_weather", "{}")
    report = examine(server, before={"tool-results": lambda: server.enqueue(reply)})
    finding = report.finding("tool-results")
    assert finding.status == "warn"
    assert "loop" in finding.advice


def test_a_refused_result_fails(examine, server):
    finding = examine(server, {"tool-results": "http-500"}).finding("tool-results")
    assert finding.status == "fail"


@pytest.mark.parametrize(
    ("which", "scenario", "status", "seen"),
    [
        ("minimax", "default", "pass", "not enforced"),
        ("minimax", "refuse-forced-tool-choice", "pass", "refused"),
        ("minimax", "tools", "warn", "enforced"),
        ("minimax", "http-500", "fail", "ServerError: "),
        ("mara", "default", "pass", "enforced"),
        ("mara", "context-overflow", "fail", "ContextOverflowError: "),
    ],
)
def test_a_forced_choice_is_compared_with_the_table(
    which, scenario, status, seen, examine, server, mara_server
):
    emulator = server if which == "minimax" else mara_server
    finding = examine(emulator, {"forced-choice": scenario}).finding("forced-choice")
    assert finding.status == status
    assert finding.seen.startswith(seen)


def test_a_forced_choice_that_the_table_promises_and_that_is_ignored_deviates(examine, mara_server):
    text = {"role": "assistant", "content": "Hello!"}
    choice = {"index": 0, "message": text, "finish_reason": "stop"}
    reply = CannedReply.json({"choices": [choice]})
    report = examine(mara_server, before={"forced-choice": lambda: mara_server.enqueue(reply)})
    finding = report.finding("forced-choice")
    assert (finding.status, finding.seen) == ("warn", "not enforced")
    assert finding.expected == "enforced"


def test_the_choice_is_sent_also_where_the_library_holds_it_back(examine, server):
    examine(server)
    (body,) = bodies_with(server, "tool_choice")
    assert body["tool_choice"] == "required"
    assert "Do not call any function" in json.dumps(body["messages"])


@pytest.mark.parametrize(("which", "seen"), [("minimax", "ignored: "), ("mara", "obeyed")])
def test_a_schema_that_is_not_relied_on_passes_either_way(
    which, seen, examine, server, mara_server
):
    emulator = server if which == "minimax" else mara_server
    finding = examine(emulator).finding("json-schema")
    assert finding.status == "pass"
    assert finding.seen.startswith(seen)
    (body,) = bodies_with(emulator, "response_format")
    assert body["response_format"] == CITY_SCHEMA


def test_a_schema_that_the_table_promises_and_that_is_ignored_deviates(ask):
    answer = ask([{"role": "user", "content": "Hello"}], response_format=CITY_SCHEMA)
    finding = check_json_schema(of_a_model_that(answer, enforces_json_schema=True))
    assert (finding.status, finding.expected) == ("warn", "enforced")


def test_a_refused_schema_fails(examine, mara_server):
    finding = examine(mara_server, {"json-schema": "context-overflow"}).finding("json-schema")
    assert finding.status == "fail"
