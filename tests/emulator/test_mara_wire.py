"""The bytes of MARA: SambaNova's envelope, the reasoning field, timing figures, rate limits."""

from __future__ import annotations

import json
import re
import uuid

import pytest

ENVELOPE = ["choices", "created", "id", "model", "object", "system_fingerprint"]


def _sorted_keys(value) -> bool:
    if isinstance(value, dict):
        return list(value) == sorted(value) and all(map(_sorted_keys, value.values()))
    return not isinstance(value, list) or all(map(_sorted_keys, value))


def test_all_keys_are_in_alphabetical_order(mara, weather):
    assert _sorted_keys(mara.post("Weather in Paris?", tools=[weather]).json())
    stream = mara.stream("Weather in Paris?", tools=[weather])
    assert all(map(_sorted_keys, stream.payloads))


def test_envelope(mara):
    body = mara.post().json()
    assert list(body) == [*ENVELOPE, "usage"]
    assert body["created"] == 1_790_000_000.5
    assert str(uuid.UUID(body["id"])) == body["id"]
    assert body["system_fingerprint"] == "fastcoe"
    assert body["choices"][0]["logprobs"] is None


def test_reasoning_is_a_field_of_its_own(mara):
    message = mara.message()
    assert list(message) == ["content", "reasoning", "role"]
    assert message["content"] == "6 * 7 equals 42."
    assert "6 * 7" in message["reasoning"]


def test_usage_carries_timing_figures(mara):
    usage = mara.post().json()["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
    assert usage["time_to_first_token"] < usage["total_latency"]
    assert usage["completion_tokens_per_sec"] > 0
    assert usage["is_last_response"] is True
    assert usage["prompt_tokens_details"] == {"cached_tokens": 0}
    assert "completion_tokens_details" not in usage


def test_stream_shape(mara):
    stream = mara.stream(stream_options={"include_usage": True})
    choices = [payload["choices"][0] for payload in stream.payloads[:-1]]
    assert all(list(payload) == ENVELOPE for payload in stream.payloads[:-1])
    assert [choice["finish_reason"] for choice in choices[:-1]] == [None] * (len(choices) - 1)
    assert choices[-1] == {
        "delta": {"content": ""},
        "finish_reason": "stop",
        "index": 0,
        "logprobs": None,
    }
    assert stream.done
    assert stream.raw.endswith(b"data: [DONE]\n\n")


def test_reasoning_deltas_have_neither_role_nor_content(mara):
    deltas = mara.stream().deltas
    thinking = [delta for delta in deltas if "reasoning" in delta]
    assert thinking
    assert all(set(delta) == {"reasoning"} for delta in thinking)
    assert all(delta["role"] == "assistant" for delta in deltas if delta.get("content"))


def test_gpt_oss_names_the_channel(mara):
    deltas = mara.stream(model="gpt-oss-120b").deltas
    thinking = [delta for delta in deltas if "reasoning" in delta]
    assert {delta["channel"] for delta in thinking} == {"analysis"}
    assert "channel" not in mara.message(model="gpt-oss-120b")


def test_deepseek_thinks_only_when_the_template_is_told_to(mara):
    assert "think>" not in mara.message(model="DeepSeek-V3.1")["content"]
    told = {"chat_template_kwargs": {"enable_thinking": True}}
    message = mara.message(model="DeepSeek-V3.1", **told)
    reasoning, answer = message["content"].split("\n</think>\n")
    assert reasoning
    assert answer
    assert "<think>" not in reasoning
    assert "reasoning" not in message


def test_created_is_a_whole_second_that_goes_on_in_a_stream(mara):
    created = [payload["created"] for payload in mara.stream().payloads]
    assert all(type(value) is int for value in created)
    assert created == sorted(created)
    assert created[0] < created[-1]


def test_usage_says_stop_beside_calls_and_length_where_it_cut(mara, weather):
    called = mara.post("Weather in Paris?", tools=[weather]).json()
    assert called["choices"][0]["finish_reason"] == "tool_calls"
    assert called["usage"]["stop_reason"] == "stop"
    assert mara.post(max_tokens=5).json()["usage"]["stop_reason"] == "length"


def test_usage_chunk_comes_only_when_asked_for(mara):
    asked = mara.stream(stream_options={"include_usage": True})
    assert asked.payloads[-1]["choices"] == []
    assert asked.payloads[-1]["usage"]["total_tokens"] > 0
    assert all("usage" not in payload for payload in mara.stream().payloads)


def test_tool_call_shape(mara, weather):
    body = mara.post("Weather in Paris?", tools=[weather]).json()
    message = body["choices"][0]["message"]
    (call,) = message["tool_calls"]
    assert message["content"] is None
    assert list(call) == ["function", "id", "type"]
    assert re.fullmatch(r"call_[0-9a-f]{18}", call["id"])
    assert body["choices"][0]["finish_reason"] == "tool_calls"


def test_tool_calls_come_one_at_a_time(mara, weather, clock):
    question = "What is the weather in Paris and the time in London?"
    (call,) = mara.message(question, tools=[weather, clock])["tool_calls"]
    history = [
        {"role": "user", "content": question},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": call["id"], "content": "18 degrees"},
    ]
    (second,) = mara.calls(history, [weather, clock])
    assert second == ("get_time", {"timezone": "London"})


def test_small_budget_leaves_content_null(mara):
    choice = mara.post(max_tokens=3).json()["choices"][0]
    assert choice["finish_reason"] == "length"
    assert choice["message"]["content"] is None
    assert len(choice["message"]["reasoning"]) == 12


def test_stop_is_honoured(mara):
    assert mara.text("What is 6 * 7?", stop=" equals") == "6 * 7"


def test_json_object_is_honoured(mara):
    text = mara.text("What is 6 * 7?", response_format={"type": "json_object"})
    assert json.loads(text) == {"answer": "6 * 7 equals 42."}


def test_json_schema_is_honoured(mara):
    schema = {
        "type": "object",
        "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
        "required": ["name", "age"],
    }
    form = {"type": "json_schema", "json_schema": {"name": "person", "schema": schema}}
    text = mara.text("Peter is 31 years old.", response_format=form)
    assert json.loads(text) == {"name": "Peter", "age": 31}


def test_json_that_runs_out_of_tokens_is_an_error(mara):
    status, message = mara.refusal(response_format={"type": "json_object"}, max_tokens=2)
    assert status == 400
    assert "did not output valid JSON" in message


@pytest.mark.parametrize(
    "choice", ["required", {"type": "function", "function": {"name": "get_weather"}}]
)
def test_forced_tool_choice_is_honoured(mara, weather, clock, choice):
    ((name, arguments),) = mara.calls("Hi", [weather, clock], tool_choice=choice)
    assert name in ("get_weather", "get_time")
    assert all(isinstance(value, str) for value in arguments.values())


def test_rate_limit_headers_count_down(mara):
    first, second = mara.post().headers, mara.post().headers
    left = "x-ratelimit-remaining-requests"
    assert int(second[left]) == int(first[left]) - 1
    assert {
        "x-ratelimit-limit-requests",
        "x-ratelimit-reset-requests",
        "x-ratelimit-limit-requests-day",
        "x-ratelimit-remaining-requests-day",
        "x-ratelimit-reset-requests-day",
    } <= set(first)


def test_models_have_windows_and_prices(mara):
    rows = mara.http.get("/models").json()["data"]
    row = next(row for row in rows if row["id"] == "MiniMax-M2.5")
    assert row["context_length"] == 196_608
    assert set(row["pricing"]) == {"prompt", "completion"}


def test_unknown_path_is_a_bare_string(mara):
    reply = mara.http.get("/nothing")
    assert (reply.status_code, reply.json()) == (404, {"error": "Not found"})


@pytest.mark.parametrize("streaming", [False, True])
def test_openai_sdk_reads_it(mara, sdk, streaming):
    request = {"model": "MiniMax-M2.5", "messages": [{"role": "user", "content": "What is 1+1?"}]}
    if streaming:
        chunks = list(sdk(mara).chat.completions.create(stream=True, **request))
        text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    else:
        text = sdk(mara).chat.completions.create(**request).choices[0].message.content
    assert text == "1 + 1 equals 2."
