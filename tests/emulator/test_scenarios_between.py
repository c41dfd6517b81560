"""Forms of gateways and of servers of one's own, and the newer forms of MiniMax, as bytes."""

from __future__ import annotations

import json

import pytest

USAGE = {"include_usage": True}
SPLIT = {"reasoning_split": True}


def test_litellm_moves_the_details_of_whole_replies_alone(minimax):
    message = minimax.message(scenario="litellm", **SPLIT)
    assert message["provider_specific_fields"]["reasoning_details"][0]["text"]
    assert message["reasoning_content"]
    assert "reasoning_details" not in message
    deltas = minimax.stream(scenario="litellm", **SPLIT).deltas
    assert any("reasoning_details" in delta for delta in deltas)
    assert "base_resp" not in minimax.post(scenario="litellm").json()


def test_litellm_swallows_an_error(minimax):
    first, *_, last = minimax.stream(scenario="litellm-swallowed-error").payloads
    assert first["choices"] == []
    assert last["usage"]["completion_tokens"] == 0
    body = minimax.post(scenario="litellm-swallowed-error").json()
    assert body["choices"][0]["message"]["content"] == ""


def test_openrouter_names_the_provider_and_has_reasoning_in_two_fields(minimax):
    body = minimax.post(scenario="openrouter").json()
    message = body["choices"][0]["message"]
    assert body["provider"] == "Minimax"
    assert message["refusal"] is None
    assert message["reasoning"] == message["reasoning_details"][0]["text"]
    assert message["reasoning_details"][0]["format"] == "unknown"
    for delta in minimax.stream(scenario="openrouter").deltas:
        assert "content" in delta
        assert "reasoning_content" not in delta


def test_openrouter_reports_errors_in_200(minimax):
    body = minimax.post(scenario="openrouter-error").json()
    assert body["error"]["metadata"] == {"provider_name": "Minimax"}
    assert "error" in minimax.stream(scenario="openrouter-error").payloads[-1]


def test_a_gateway_sends_empty_ids_and_names(minimax, weather):
    _, *rest = minimax.stream("Hi", tools=[weather], scenario="tools-empty-names").tool_calls()
    assert rest
    assert all((each["id"], each["type"]) == ("", "") for each in rest)
    assert all(each["function"]["name"] == "" for each in rest)


def test_vllm_begins_with_the_role_and_the_answer_with_line_breaks(minimax):
    stream = minimax.stream(scenario="vllm", stream_options=USAGE)
    assert stream.deltas[0] == {"role": "assistant", "content": ""}
    assert all("role" not in delta for delta in stream.deltas[1:])
    assert stream.joined("reasoning")
    assert stream.joined("content").startswith("\n\n")
    assert stream.done
    message = minimax.message(scenario="vllm")
    assert (message["refusal"], message["audio"], message["function_call"]) == (None, None, None)


def test_vllm_sends_the_name_before_any_arguments(minimax, weather):
    head, *rest = minimax.stream("Hi", tools=[weather], scenario="tools-vllm").tool_calls()
    assert "arguments" not in head["function"]
    assert "".join(each["function"]["arguments"] for each in rest) == '{"city": "Hi"}'
    assert all(set(each) == {"function", "index"} for each in rest)
    assert minimax.message("Hi", tools=[weather], scenario="tools-vllm")["content"] is None


def test_sglang_names_what_a_delta_lacks(minimax):
    stream = minimax.stream(scenario="sglang", stream_options=USAGE)
    assert all({"role", "content", "reasoning_content"} <= set(delta) for delta in stream.deltas)
    assert stream.joined("reasoning_content").endswith("\n")
    assert stream.payloads[-1]["usage"]["reasoning_tokens"] > 0


def test_sglang_sends_null_ids_and_names(minimax, weather):
    head, *rest = minimax.stream("Hi", tools=[weather], scenario="tools-sglang").tool_calls()
    assert head["function"]["arguments"] == ""
    assert all((each["id"], each["function"]["name"]) == (None, None) for each in rest)


def test_a_server_without_parsers_leaves_all_in_the_content(minimax, weather):
    message = minimax.message("Hi", tools=[weather], scenario="tools-no-parsers")
    reasoning, markup = message["content"].split("\n</think>\n\n")
    assert reasoning
    assert markup.endswith("</minimax:tool_call>")
    assert "tool_calls" not in message


def test_a_server_without_a_tool_parser_refuses_tools(minimax, weather):
    assert minimax.post(scenario="tools-not-served").status_code == 200
    refused = minimax.post(tools=[weather], scenario="tools-not-served")
    assert refused.status_code == 400
    assert "--enable-auto-tool-choice" in refused.json()["error"]["message"]


def test_an_aborted_answer_says_so(minimax):
    assert minimax.stream(scenario="aborted").finish_reasons == ["abort"]


def test_the_role_comes_first(minimax):
    assert minimax.stream(scenario="role-first").deltas[0] == {"role": "assistant", "content": ""}
    assert minimax.message(scenario="role-first")["content"]


def test_bare_messages(minimax):
    assert set(minimax.message(scenario="bare-messages")) == {"role", "content"}


def test_tags_without_line_breaks(minimax):
    content = minimax.message(scenario="think-tight")["content"]
    assert content.startswith("<think>The")
    assert ".</think>\n\n" in content


def test_content_is_empty_beside_reasoning(minimax):
    deltas = minimax.stream(scenario="content-beside-reasoning").deltas
    assert all(delta["content"] == "" for delta in deltas if "reasoning_content" in delta)


def test_usage_beside_the_finish_reason(minimax):
    last = minimax.stream(scenario="usage-beside-choices").payloads[-1]
    assert last["choices"][0]["finish_reason"] == "stop"
    assert last["usage"]["total_tokens"] > 0
    assert minimax.post(scenario="usage-beside-choices").json()["usage"]["total_tokens"] > 0


def test_reasoning_tokens_are_told_or_not(minimax, mara):
    without = minimax.post(scenario="usage-no-reasoning-tokens").json()["usage"]
    assert "completion_tokens_details" not in without
    told = mara.post(scenario="usage-reasoning-tokens").json()["usage"]
    assert told["completion_tokens_details"]["reasoning_tokens"] > 0


def test_a_tag_and_a_second_finish_chunk_follow_the_calls(minimax, weather):
    stream = minimax.stream("Hi", tools=[weather], scenario="tools-tag-after")
    assert stream.finish_reasons == ["tool_calls", "tool_calls"]
    assert [delta["content"] for delta in stream.deltas[-2:]] == ["\n<think>\n", ""]


def test_ids_of_hexadecimal_digits(minimax, weather):
    stream = minimax.stream("Hi", tools=[weather], scenario="tools-hexadecimal-ids")
    call_id = stream.tool_calls()[0]["id"]
    assert len(call_id) == len("call_") + 24
    assert int(call_id.removeprefix("call_"), 16)


@pytest.mark.parametrize(
    ("scenario", "shape"),
    [("tools-whole", [True]), ("tools-repeated-type", [True, False, False])],
)
def test_fragments_of_one_call(scenario, shape, minimax, weather):
    stream = minimax.stream("Hi Oslo", tools=[weather], scenario=scenario)
    calls = stream.tool_calls()
    assert ["id" in call for call in calls] == shape
    assert all(call["type"] == "function" for call in calls)
    assert json.loads("".join(call["function"]["arguments"] for call in calls)) is not None


@pytest.mark.parametrize("function", [{"arguments": "{}"}, {"name": "", "arguments": "{}"}])
def test_a_call_without_a_name_is_refused(function, minimax):
    call = {"id": "c1", "type": "function", "function": function}
    history = [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": "7"},
    ]
    refused = minimax.post(history)
    assert refused.status_code == 400
    assert "function name is empty" in refused.json()["error"]["message"]


def test_overload_is_told_with_a_code_before_the_status(minimax):
    refused = minimax.post(scenario="http-529")
    assert refused.json()["error"]["message"].endswith("(2064) (529)")
