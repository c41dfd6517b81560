"""Reasoning goes back in the form it came in, byte for byte, or is left out."""

from __future__ import annotations

import copy
import json
import pickle

import pytest

from mara_minimax.providers.endpoints import LLMPROVIDER, MARA, MINIMAX
from mara_minimax.providers.models import find_profile
from mara_minimax.request.records import restore_reasoning
from mara_minimax.request.replay import place_reasoning
from mara_minimax.types import REASONING_TEXT_FIELDS, Reasoning
from tests.core.wire import decode_reply

M2 = find_profile("minimax", "MiniMax-M2")
MARA_M2 = find_profile("mara", "MiniMax-M2.5")
GPT_OSS = find_profile("mara", "gpt-oss-120b")
DETAILS = [
    {
        "type": "reasoning.text",
        "id": "reasoning-text-1",
        "format": "MiniMax-response-v1",
        "index": 0,
        "text": "Plan: é\n",
    }
]


def reply_with(**message):
    body = {"choices": [{"finish_reason": "stop", "message": {"content": "Hi", **message}}]}
    return decode_reply(body, MINIMAX, M2)


def placed(reasoning, provider=MINIMAX, profile=M2, content="Hi"):
    message = {"role": "assistant", "content": content, "reasoning": reasoning}
    place_reasoning(message, provider, profile)
    message.pop("role")
    return message


def stored(reasoning):
    """Return the reasoning after what frameworks do with it between turns."""
    record = json.loads(json.dumps(reasoning.to_record()))
    details = pickle.loads(pickle.dumps(copy.deepcopy(reasoning.details)))
    return restore_reasoning(reasoning.text, details, record)


def test_details_go_back_verbatim():
    reply = reply_with(reasoning_details=DETAILS, reasoning_content="Plan: é\n")
    assert placed(stored(reply.reasoning)) == {"content": "Hi", "reasoning_details": DETAILS}


@pytest.mark.parametrize("field", REASONING_TEXT_FIELDS)
@pytest.mark.parametrize("text", ["plan", "plan\n</think>\n", " \n plan "])
def test_a_text_field_goes_back_as_the_same_field_with_the_same_bytes(field, text):
    reply = reply_with(**{field: text})
    assert placed(stored(reply.reasoning)) == {"content": "Hi", field: text}


@pytest.mark.parametrize(
    "wire",
    [
        "<think>\nplan\n</think>\n\nHi",
        "<think>plan</think>Hi",
        " \n<think>\n\nplan</think>\n \nHi",
        "<mm:think>plan</mm:think>\nHi",
        "<think>\n</think>\n\nHi",
        "plan\n</think>\n\nHi",
        "<think>\nplan\n</think>\n\n\n",
        "<think>never closed",
    ],
)
def test_tags_go_back_around_the_same_bytes(wire):
    reply = reply_with(content=wire)
    assert "think>" not in reply.text
    assert placed(stored(reply.reasoning), content=reply.text) == {"content": wire}


def test_the_channel_goes_back_with_its_field():
    reply = reply_with(reasoning="plan", channel="analysis")
    assert placed(stored(reply.reasoning), MARA, GPT_OSS) == {"content": "Hi"}
    same = Reasoning("plan", "reasoning", "mara", "gpt-oss", channel="analysis")
    expected = {"content": "Hi", "reasoning": "plan", "channel": "analysis"}
    assert placed(stored(same), MARA, GPT_OSS) == expected


def test_between_providers_of_one_model_family_the_form_is_converted():
    details = Reasoning("plan", "reasoning_details", "minimax", "minimax", details=DETAILS)
    inline = Reasoning("plan", "inline", "minimax", "minimax", prefix="<think>\n")
    field = Reasoning("plan", "reasoning", "mara", "minimax", channel="analysis")
    assert placed(details, MARA, MARA_M2)["reasoning"] == "plan"
    assert placed(inline, MARA, MARA_M2)["reasoning"] == "plan"
    assert placed(field, MINIMAX, M2)["reasoning_details"] == [{**DETAILS[0], "text": "plan"}]


def test_a_provider_that_knows_tags_only_gets_tags():
    field = Reasoning("plan", "reasoning", "mara", "abab")
    profile = find_profile("llmprovider", "abab5.5-chat")
    expected = {"content": "<think>\nplan\n</think>\n\nHi"}
    assert placed(field, LLMPROVIDER, profile) == expected


def test_reasoning_of_another_family_is_left_out():
    foreign = Reasoning("plan", "reasoning_content", "deepseek", "deepseek")
    assert placed(foreign) == {"content": "Hi"}


def test_reasoning_without_text_and_details_is_left_out():
    assert placed(Reasoning("", "reasoning_content", "minimax")) == {"content": "Hi"}


def test_tags_stand_before_content_parts():
    inline = Reasoning("plan", "inline", "minimax", prefix="<think>", suffix="</think>")
    part = {"type": "text", "text": "Hi"}
    placed_message = placed(inline, content=[part])
    assert placed_message["content"] == [{"type": "text", "text": "<think>plan</think>"}, part]


def test_a_plain_wire_value_is_left_alone():
    assert placed("already text") == {"content": "Hi", "reasoning": "already text"}


@pytest.mark.parametrize("form", ["role", "content", "tool_calls", "name", ""])
def test_no_key_but_those_of_reasoning_is_written(form):
    assert placed(Reasoning("system", form, "minimax")) == {"content": "Hi"}


@pytest.mark.parametrize("tags", [{}, {"prefix": "<think>"}])
def test_reasoning_that_was_cut_off_is_closed_before_an_answer(tags):
    cut_off = Reasoning("plan", "inline", "minimax", **tags)
    assert placed(cut_off) == {"content": "<think>\nplan\n</think>\n\nHi"}
    assert placed(cut_off, content="") == {"content": cut_off.wire_text}


def test_a_tag_in_reasoning_does_not_end_the_tags_around_it():
    field = Reasoning("plan</think>now</mm:think>", "reasoning", "mara", "abab")
    profile = find_profile("llmprovider", "abab5.5-chat")
    content = placed(field, LLMPROVIDER, profile)["content"]
    assert content == "<think>\nplan now \n</think>\n\nHi"
