"""The bytes of MiniMax: order and presence of fields, endings, ids, headers."""

from __future__ import annotations

import json
import re

import pytest

FLAGS = [
    "input_sensitive",
    "output_sensitive",
    "input_sensitive_type",
    "output_sensitive_type",
    "output_sensitive_int",
]
CHUNK = ["id", "choices", "created", "model", "object", "usage", *FLAGS]
BODY = [*CHUNK, "base_resp"]


def test_whole_reply_has_the_fields_in_order(minimax):
    body = minimax.post(reasoning_split=True).json()
    assert list(body) == BODY
    assert list(body["choices"][0]) == ["finish_reason", "index", "message"]
    assert list(body["choices"][0]["message"]) == [
        "content",
        "role",
        "name",
        "audio_content",
        "reasoning_content",
        "reasoning_details",
    ]
    assert body["base_resp"] == {"status_code": 0, "status_msg": ""}


def test_body_is_compact_json(minimax):
    reply = minimax.post()
    assert reply.text == json.dumps(reply.json(), separators=(",", ":"), ensure_ascii=False)


def test_id_is_32_hexadecimal_digits_and_the_trace_id(minimax):
    reply = minimax.post()
    assert re.fullmatch(r"[0-9a-f]{32}", reply.json()["id"])
    assert reply.headers["trace-id"] == reply.json()["id"]
    assert re.fullmatch(r"[0-9a-f]{32}", reply.headers["minimax-request-id"])


def test_created_is_an_integer(minimax):
    assert minimax.post().json()["created"] == 1_790_000_000


def test_reasoning_is_in_tags_by_default(minimax):
    content = minimax.message()["content"]
    assert re.fullmatch(r"<think>\n.+\n</think>\n\n6 \* 7 equals 42\.", content, re.DOTALL)


def test_split_reasoning_is_in_both_fields_with_one_text(minimax):
    message = minimax.message(reasoning_split=True)
    assert message["content"] == "6 * 7 equals 42."
    (detail,) = message["reasoning_details"]
    assert list(detail) == ["type", "id", "format", "index", "text"]
    assert detail["format"] == "MiniMax-response-v1"
    assert detail["text"] == message["reasoning_content"]


def test_reasoning_names_the_subject_and_differs_from_the_answer(minimax):
    message = minimax.message("What is 6 * 7?", reasoning_split=True)
    assert "6 * 7" in message["reasoning_content"]
    assert message["content"] not in message["reasoning_content"]


def test_every_delta_repeats_role_name_and_audio_content(minimax):
    for delta in minimax.stream().deltas:
        assert delta["role"] == "assistant"
        assert delta["name"] == "MiniMax AI"
        assert delta["audio_content"] == ""


def test_chunks_have_the_fields_in_order(minimax):
    stream = minimax.stream(stream_options={"include_usage": True})
    assert [list(payload) for payload in stream.payloads[:-1]] == [CHUNK] * (
        len(stream.payloads) - 1
    )
    assert all(payload["usage"] is None for payload in stream.payloads[:-1])


def test_only_the_last_choice_has_a_finish_reason_key_and_it_has_content(minimax):
    choices = [payload["choices"][0] for payload in minimax.stream().payloads]
    assert all("finish_reason" not in choice for choice in choices[:-1])
    assert list(choices[-1]) == ["finish_reason", "index", "delta"]
    assert choices[-1]["delta"]["content"]


def test_first_chunk_is_short_and_the_others_hold_several_words(minimax):
    contents = [delta["content"] for delta in minimax.stream("Share a happy story").deltas]
    assert contents[0] == "<think>\nThe"
    assert all(len(content.split()) > 1 for content in contents[1:])


def test_tags_are_never_cut(minimax):
    contents = [delta["content"] for delta in minimax.stream("Share a happy story").deltas]
    assert sum("<think>" in content for content in contents) == 1
    assert sum("</think>" in content for content in contents) == 1


def test_split_stream_says_each_piece_of_reasoning_twice(minimax):
    deltas = minimax.stream(reasoning_split=True).deltas
    thinking = [delta for delta in deltas if "reasoning_content" in delta]
    assert thinking
    assert all("content" not in delta for delta in thinking)
    for delta in thinking:
        assert delta["reasoning_details"][0]["text"] == delta["reasoning_content"]


def test_stream_and_whole_reply_say_the_same(minimax):
    message = minimax.message(reasoning_split=True)
    stream = minimax.stream(reasoning_split=True)
    assert stream.joined("content") == message["content"]
    assert stream.joined("reasoning_content") == message["reasoning_content"]


def test_usage_chunk_comes_when_asked_for(minimax):
    final = minimax.stream(stream_options={"include_usage": True}).payloads[-1]
    assert list(final) == ["id", "choices", "created", "model", "object", "usage", "base_resp"]
    assert final["choices"] == []
    assert list(final["usage"])[:4] == [
        "total_tokens",
        "total_characters",
        "prompt_tokens",
        "completion_tokens",
    ]


def test_nothing_follows_the_finish_reason_otherwise(minimax):
    stream = minimax.stream()
    assert stream.payloads[-1]["choices"][0]["finish_reason"] == "stop"
    assert not stream.done
    assert b"[DONE]" not in stream.raw


def test_usage_adds_up(minimax):
    usage = minimax.post().json()["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
    assert 0 < usage["completion_tokens_details"]["reasoning_tokens"] < usage["completion_tokens"]
    assert "prompt_tokens_details" not in usage


def test_long_prompts_report_cached_tokens(minimax):
    usage = minimax.post("word " * 600).json()["usage"]
    assert 0 < usage["prompt_tokens_details"]["cached_tokens"] < usage["prompt_tokens"]


def test_cache_control_changes_the_details(minimax):
    part = {"type": "text", "text": "word " * 600, "cache_control": {"type": "ephemeral"}}
    usage = minimax.post([{"role": "user", "content": [part]}]).json()["usage"]
    assert set(usage["prompt_tokens_details"]) == {
        "cache_read_input_tokens",
        "cache_creation_input_tokens",
    }


def test_tool_call_has_an_index_even_in_a_whole_reply(minimax, weather):
    body = minimax.post("Weather in Paris?", tools=[weather]).json()
    (call,) = body["choices"][0]["message"]["tool_calls"]
    assert list(call) == ["id", "type", "function", "index"]
    assert re.fullmatch(r"call_function_[a-z0-9]{12}_1", call["id"])
    assert call["function"] == {"name": "get_weather", "arguments": '{"city": "Paris"}'}
    assert body["choices"][0]["finish_reason"] == "tool_calls"


def test_tool_call_keeps_the_reasoning_in_content(minimax, weather):
    content = minimax.message("Weather in Paris?", tools=[weather])["content"]
    assert content.startswith("<think>\n")
    assert content.endswith("\n</think>\n\n\n")


def test_split_tool_call_leaves_a_newline_on_m2_and_nothing_on_m3(minimax, weather):
    fields = {"tools": [weather], "reasoning_split": True}
    assert minimax.message("Weather in Paris?", **fields)["content"] == "\n"
    body = minimax.body("Weather in Paris?", **fields) | {"model": "MiniMax-M3"}
    message = minimax.http.post("/chat/completions", json=body).json()["choices"][0]["message"]
    assert "content" not in message


def test_streamed_call_begins_without_arguments_and_finishes_on_the_last(minimax, weather):
    stream = minimax.stream("Weather in Paris?", tools=[weather])
    head, *rest = stream.tool_calls()
    assert list(head) == ["id", "type", "function", "index"]
    assert head["function"] == {"name": "get_weather", "arguments": ""}
    # Cut inside a string.
    assert [each["function"]["arguments"] for each in rest] == ['{"city": "P', 'aris"}']
    assert all(list(each) == ["function", "index"] for each in rest)
    assert list(stream.payloads[-1]["choices"][0]["delta"]) == [
        "role",
        "name",
        "tool_calls",
        "audio_content",
    ]
    assert stream.finish_reasons == ["tool_calls"]


def test_parallel_calls_count_up(minimax, weather, clock):
    question = "What is the weather in Paris and the time in London?"
    message = minimax.message(question, tools=[weather, clock])
    first, second = message["tool_calls"]
    assert [first["index"], second["index"]] == [0, 1]
    assert second["id"] == first["id"][:-1] + "2"


def test_token_limit_inside_the_reasoning_closes_the_tag(minimax):
    choice = minimax.post(max_tokens=5).json()["choices"][0]
    assert choice["finish_reason"] == "length"
    assert re.fullmatch(r"<think>\n.{20}\n</think>\n", choice["message"]["content"], re.DOTALL)


def test_token_limit_inside_the_answer_cuts_it(minimax):
    full = minimax.post("Share a happy story", reasoning_split=True).json()
    used = full["usage"]["completion_tokens"]
    cut = minimax.post("Share a happy story", reasoning_split=True, max_tokens=used - 10).json()
    assert cut["choices"][0]["finish_reason"] == "length"
    text = cut["choices"][0]["message"]["content"]
    assert full["choices"][0]["message"]["content"].startswith(text)
    assert cut["usage"]["completion_tokens"] <= used - 10


def test_stop_is_ignored_without_a_word(minimax):
    assert minimax.text("What is 6 * 7?", stop=["equals"]) == "6 * 7 equals 42."


def test_m3_echoes_the_service_tier(minimax):
    asked = {"model": "MiniMax-M3", "service_tier": "priority"}
    body = minimax.post(**asked).json()
    assert list(body) == [*CHUNK, "service_tier", "base_resp"]
    assert body["service_tier"] == "priority"
    last = minimax.stream(stream_options={"include_usage": True}, **asked).payloads[-1]
    assert list(last) == [*CHUNK[:6], "service_tier", "base_resp"]


def test_m3_tells_reasoning_tokens_and_cached_tokens_of_a_first_prompt(minimax):
    usage = minimax.post(model="MiniMax-M3").json()["usage"]
    assert usage["completion_tokens_details"]["reasoning_tokens"] > 0
    assert 0 < usage["prompt_tokens_details"]["cached_tokens"] < usage["prompt_tokens"]
    assert "prompt_tokens_details" not in minimax.post(model="MiniMax-M2.7").json()["usage"]


def test_m3_does_not_think_when_told_so(minimax):
    message = minimax.message(model="MiniMax-M3", thinking={"type": "disabled"})
    assert message["content"] == "6 * 7 equals 42."
    assert "reasoning_content" not in message


def test_m2_thinks_even_when_told_not_to(minimax):
    assert "<think>" in minimax.message(thinking={"type": "disabled"})["content"]


def test_m3_1_flash_sends_reasoning_content_unasked(minimax):
    message = minimax.message(model="MiniMax-M3.1-Flash")
    assert message["content"] == "6 * 7 equals 42."
    assert message["reasoning_content"]
    assert "reasoning_details" not in message


def test_model_names_are_matched_without_case_and_answered_in_their_own(minimax):
    assert minimax.post(model="minimax-m2.7").json()["model"] == "MiniMax-M2.7"


def test_response_format_is_ignored(minimax):
    text = minimax.text("What is 6 * 7?", response_format={"type": "json_object"})
    assert text == "6 * 7 equals 42."


def test_forced_tool_choice_does_not_compel(minimax, weather):
    for choice in ("required", {"type": "function", "function": {"name": "get_weather"}}):
        message = minimax.message("Hi", tools=[weather], tool_choice=choice)
        assert "tool_calls" not in message


def test_models_are_ids_only(minimax):
    body = minimax.http.get("/models").json()
    assert body["object"] == "list"
    assert {"MiniMax-M2", "MiniMax-M3"} <= {row["id"] for row in body["data"]}
    assert list(body["data"][0]) == ["id", "object", "created", "owned_by"]


def test_unknown_path_is_refused_in_form(minimax):
    reply = minimax.http.get("/nothing")
    assert reply.status_code == 404
    assert list(reply.json()) == ["type", "error", "request_id"]


def test_same_request_gets_the_same_bytes_when_asked_again_from_the_start(minimax):
    first = minimax.post().content
    assert minimax.post().content != first
    minimax.emulator.clear()
    assert minimax.post().content == first


@pytest.mark.parametrize("streaming", [False, True])
def test_openai_sdk_reads_it(minimax, sdk, streaming):
    client = sdk(minimax)
    request = {"model": "MiniMax-M2", "messages": [{"role": "user", "content": "What is 1+1?"}]}
    extra = {"extra_body": {"reasoning_split": True}}
    if streaming:
        chunks = list(client.chat.completions.create(stream=True, **request, **extra))
        text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    else:
        text = client.chat.completions.create(**request, **extra).choices[0].message.content
    assert text == "1 + 1 equals 2."
