"""Scenarios about streams, reasoning and usage: each produces what its line says."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest

from mara_minimax.emulator import SCENARIOS

QUESTION = "What is 6 * 7?"
ANSWER = "6 * 7 equals 42."
REASONING = 'The user asks about "6 * 7". I answer briefly and to the point.'

USAGE = {"include_usage": True}


ANSWERING = [
    (provider, name)
    for name, scenario in SCENARIOS.items()
    for provider in sorted(scenario.providers)
    if not (scenario.failure or scenario.refusals or scenario.never_streams)
    and scenario.context_window is None
    and scenario.transport.end == "normal"
    and not scenario.transport.hold_after_end
    # Tools are asked with, which it refuses.
    and name != "tools-not-served"
]


@pytest.mark.parametrize(("provider", "name"), ANSWERING)
def test_scenario_answers_plain_and_streamed(request, name, provider, weather):
    asker = request.getfixturevalue(provider)
    asker.emulator.scenario = name
    asked = {"tools": [weather], "stream_options": USAGE}
    assert asker.post(**asked).status_code == 200
    stream = asker.stream(**asked)
    assert stream.status == 200
    assert stream.payloads


def test_every_scenario_has_a_line_of_description():
    for name, scenario in SCENARIOS.items():
        assert scenario.name == name
        assert scenario.description
        assert "\n" not in scenario.description


def test_usage_chunk_comes_unasked(minimax):
    final = minimax.stream(scenario="usage-chunk").payloads[-1]
    assert (final["choices"], final["usage"]["total_tokens"] > 0) == ([], True)


@pytest.mark.parametrize("provider", ["minimax", "mara", "llmprovider"])
def test_usage_chunk_with_null_choices(request, provider):
    final = (
        request.getfixturevalue(provider).stream(scenario="usage-chunk-null-choices").payloads[-1]
    )
    assert (final["choices"], final["usage"]["total_tokens"] > 0) == (None, True)


def test_summary_frame_repeats_the_whole_message(minimax):
    stream = minimax.stream(scenario="summary-frame", reasoning_split=True)
    *chunks, frame = stream.payloads
    assert all(chunk["usage"] == {"total_tokens": 0, "total_characters": 0} for chunk in chunks)
    assert frame["object"] == "chat.completion"
    assert frame["choices"][0]["message"]["content"] == ANSWER == stream.joined("content")
    assert frame["choices"][0]["finish_reason"] == "stop"
    assert frame["usage"]["prompt_tokens"] > 0
    assert frame["base_resp"]["status_code"] == 0


def test_nothing_extra_even_when_usage_is_asked_for(minimax):
    stream = minimax.stream(scenario="nothing-extra", stream_options=USAGE)
    assert all(payload["usage"] is None for payload in stream.payloads)
    assert stream.payloads[-1]["choices"][0]["finish_reason"] == "stop"


def test_done_or_not(minimax, mara):
    assert minimax.stream(scenario="with-done").done
    assert not mara.stream(scenario="no-done").done


def test_cumulative_deltas_repeat_what_came_before(minimax):
    deltas = minimax.stream(scenario="cumulative", reasoning_split=True).deltas
    contents = [delta["content"] for delta in deltas if "content" in delta]
    thoughts = [delta["reasoning_content"] for delta in deltas if "reasoning_content" in delta]
    for texts, whole in ((contents, ANSWER), (thoughts, REASONING)):
        assert len(texts) > 1
        assert all(later.startswith(earlier) for earlier, later in pairwise(texts))
        assert texts[-1] == whole
    details = [delta["reasoning_details"][0]["text"] for delta in deltas if "content" not in delta]
    assert details == thoughts


def test_tiny_deltas_cut_tags(minimax):
    contents = [delta["content"] for delta in minimax.stream(scenario="tiny-deltas").deltas]
    assert max(map(len, contents)) == 3
    assert contents[0] == "<th"


def test_empty_roles(minimax):
    roles = [delta["role"] for delta in minimax.stream(scenario="role-empty").deltas]
    assert roles == ["assistant"] + [""] * (len(roles) - 1)


@pytest.mark.parametrize("provider", ["minimax", "mara", "llmprovider"])
def test_null_delta_on_the_finish_chunk(request, provider):
    stream = request.getfixturevalue(provider).stream(scenario="delta-null")
    final = stream.payloads[-1]["choices"][0]
    assert (final["delta"], final["finish_reason"]) == (None, "stop")
    assert stream.joined("content").endswith(ANSWER)


def test_bare_delta_on_the_finish_chunk(minimax):
    stream = minimax.stream(scenario="delta-bare")
    assert "content" not in stream.payloads[-1]["choices"][0]["delta"]
    assert stream.finish_reasons == ["stop"]


def test_no_finish_reason_but_done(minimax):
    stream = minimax.stream(scenario="no-finish-reason")
    assert (stream.finish_reasons, stream.done) == ([], True)
    assert "finish_reason" not in minimax.post(scenario="no-finish-reason").json()["choices"][0]


def test_empty_finish_reason(minimax):
    assert minimax.stream(scenario="finish-empty").finish_reasons == [""]
    assert minimax.post(scenario="finish-empty").json()["choices"][0]["finish_reason"] == ""


@pytest.mark.parametrize("provider", ["minimax", "mara"])
def test_cache_details(request, provider):
    usage = request.getfixturevalue(provider).post(scenario="usage-cache-read").json()["usage"]
    assert set(usage["prompt_tokens_details"]) == {
        "cache_read_input_tokens",
        "cache_creation_input_tokens",
    }


def test_no_usage(minimax):
    assert minimax.post(scenario="usage-none").json()["usage"] is None
    stream = minimax.stream(scenario="usage-none", stream_options=USAGE)
    assert all(payload["usage"] is None for payload in stream.payloads)


def test_float_created(minimax):
    assert minimax.post(scenario="float-created").json()["created"] == 1_790_000_000.25
    payloads = minimax.stream(scenario="float-created").payloads
    assert {payload["created"] for payload in payloads} == {1_790_000_000.25}


def test_fenced_json(mara):
    form = {"response_format": {"type": "json_object"}}
    text = mara.text(QUESTION, scenario="json-fenced", **form)
    assert text.startswith("```json\n{")
    assert text.endswith("}\n```")


# Where the reasoning of a scenario goes, in a whole message and joined from a stream.
PLACES = {
    "think-inline": {"content": f"<think>\n{REASONING}\n</think>\n\n{ANSWER}"},
    "mm-think": {"content": f"<mm:think>\n{REASONING}\n</mm:think>\n\n{ANSWER}"},
    "close-only": {"content": f"{REASONING}\n</think>\n\n{ANSWER}"},
    "think-unclosed-length": {"content": f"<think>\n{REASONING}"},
    "details-only": {"content": ANSWER, "reasoning_details": REASONING},
    "reasoning-content-only": {"content": ANSWER, "reasoning_content": REASONING},
    "reasoning-field": {"content": ANSWER, "reasoning": REASONING},
    "reasoning-split": {
        "content": ANSWER,
        "reasoning_content": REASONING,
        "reasoning_details": REASONING,
    },
    "mirrored": {
        "content": f"<think>\n{REASONING}\n</think>\n\n{ANSWER}",
        "reasoning_content": REASONING,
    },
    "stray-closer": {
        "content": f"</think>\n\n{ANSWER}",
        "reasoning_content": REASONING,
        "reasoning_details": REASONING,
    },
    "stray-closer-reasoning": {
        "content": ANSWER,
        "reasoning_content": f"{REASONING}\n</think>",
        "reasoning_details": f"{REASONING}\n</think>",
    },
}
TEXT_FIELDS = ("content", "reasoning_content", "reasoning", "reasoning_details")


def _texts(message):
    found = {name: message[name] for name in TEXT_FIELDS if message.get(name)}
    if "reasoning_details" in found:
        found["reasoning_details"] = "".join(part["text"] for part in found["reasoning_details"])
    return found


@pytest.mark.parametrize("name", PLACES)
@pytest.mark.parametrize("provider", ["minimax", "mara"])
def test_reasoning_is_where_the_scenario_says(request, provider, name):
    asker = request.getfixturevalue(provider)
    asker.emulator.scenario = name
    assert _texts(asker.message(QUESTION)) == PLACES[name]
    joined: dict = {}
    for delta in asker.stream(QUESTION).deltas:
        for key, value in _texts(delta).items():
            joined[key] = joined.get(key, "") + value
    assert joined == PLACES[name]


def test_mara_think_is_a_scenario_of_mara_alone(mara, minimax):
    assert mara.message(scenario="mara-think")["content"].startswith("<think>\n")
    reply = minimax.post(scenario="mara-think")
    assert reply.status_code == 400
    assert "mara" in reply.json()["error"]["message"]


def test_unclosed_think_ends_by_length(minimax):
    assert minimax.stream(scenario="think-unclosed-length").finish_reasons == ["length"]


def test_quoted_tags_stand_in_the_answer(minimax):
    message = minimax.message(scenario="quoted-think", reasoning_split=True)
    assert "<think>" in message["content"]
    assert message["reasoning_content"] == REASONING


def test_reasoning_only(mara):
    choice = mara.post(scenario="reasoning-only").json()["choices"][0]
    assert (choice["finish_reason"], choice["message"]["content"]) == ("length", None)


def test_crlf_and_comments(minimax):
    crlf = minimax.stream(scenario="crlf")
    assert b"\r\n\r\ndata: " in crlf.raw
    assert b"\n" not in crlf.raw.replace(b"\r\n", b"")
    comments = minimax.stream(scenario="comments")
    assert comments.raw.startswith(b": ")
    assert comments.joined("content") == crlf.joined("content")


def test_tiny_bytes_hold_characters_beyond_ascii(minimax):
    stream = minimax.stream(scenario="tiny-bytes")
    assert "\U0001f680" in stream.joined("content")
    assert minimax.emulator.requests[-1].chunks_sent == -(-len(stream.raw) // 3)


def test_json_text_of_payloads_is_valid(minimax):
    for line in minimax.stream(scenario="summary-frame").raw.splitlines():
        if line:
            json.loads(line.removeprefix(b"data: "))
