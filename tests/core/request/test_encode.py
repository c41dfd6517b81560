"""The body that is posted."""

from __future__ import annotations

import pytest

from mara_minimax.encoded_request import ModelWarning
from mara_minimax.errors import ParameterError, UnknownArgumentError, UnsupportedInputError
from mara_minimax.providers.endpoints import LLMPROVIDER, MARA, MINIMAX
from mara_minimax.request.encode import encode_request
from mara_minimax.types import Reasoning

USER = [{"role": "user", "content": "hi"}]
TOOL = {"type": "function", "function": {"name": "f"}}


def encode(parameters=None, provider=MINIMAX, messages=USER, model="MiniMax-M2", **kwargs):
    given = {"model": model, **(parameters or {})}
    return encode_request(messages, given, provider=provider, **kwargs)


@pytest.mark.parametrize("provider", [MINIMAX, MARA, LLMPROVIDER])
def test_nothing_is_sent_that_was_not_set(provider):
    assert encode(provider=provider).body == {"model": "MiniMax-M2", "messages": USER}


def test_none_means_not_sent():
    assert encode({"temperature": None, "stop": None}).body.keys() == {"model", "messages"}


def test_a_stream_asks_for_usage():
    body = encode(stream=True).body
    assert (body["stream"], body["stream_options"]) == (True, {"include_usage": True})


def test_usage_on_streams_can_be_declined():
    options = {"stream_options": {"include_usage": False}}
    assert "stream_options" not in encode(options, stream=True).body


def test_stream_options_are_not_sent_without_a_stream_or_where_they_are_unknown():
    assert "stream_options" not in encode({"stream_options": {"include_usage": True}}).body
    assert "stream_options" not in encode(provider=LLMPROVIDER, stream=True).body


def test_reasoning_split_is_sent_to_minimax_hosts_only():
    assert encode({"reasoning_split": True}).body["reasoning_split"] is True
    assert "reasoning_split" not in encode({"reasoning_split": True}, LLMPROVIDER).body
    assert "reasoning_split" not in encode({"reasoning_split": True}, MARA).body


@pytest.mark.parametrize("stop", ["END", ["END"], ("END",), ["END", ""]])
def test_stop_is_a_list_and_is_enforced_too(stop):
    request = encode({"stop": stop})
    assert (request.body["stop"], request.stop) == (["END"], ("END",))


def test_an_empty_stop_is_not_sent():
    request = encode({"stop": []})
    assert ("stop" in request.body, request.stop) == (False, ())


def test_tools_carry_their_choice():
    body = encode({"tools": [TOOL], "tool_choice": "any"}, MARA).body
    assert body["tools"][0]["function"]["parameters"] == {"type": "object", "properties": {}}
    assert body["tool_choice"] == "required"


def test_tools_without_a_choice_leave_it_to_the_model():
    assert "tool_choice" not in encode({"tools": [TOOL]}).body


@pytest.mark.parametrize("policy", ["adjust", "raise", "pass"])
def test_a_model_that_retires_is_warned_of_and_never_refused(policy):
    request = encode(model="MiniMax-M2.5", policy=policy)
    assert request.body["model"] == "MiniMax-M2.5"
    (warning,) = request.warnings
    assert warning.category is ModelWarning
    assert "retire on 2026-11-18" in warning.text
    assert encode(model="MiniMax-M2.5", provider=MARA).warnings == ()


STRICT = {"type": "function", "function": {"name": "f", "strict": True}}


@pytest.mark.parametrize("provider", [MINIMAX, MARA])
def test_a_strict_tool_is_announced_where_strict_is_left_out(provider):
    request = encode({"tools": [STRICT, STRICT]}, provider)
    assert all("strict" not in tool["function"] for tool in request.body["tools"])
    (warning,) = request.warnings
    assert "strict=True" in warning.text
    with pytest.raises(ParameterError, match="strict=True"):
        encode({"tools": [STRICT]}, provider, policy="raise")
    sent = encode({"tools": [STRICT]}, provider, policy="pass").body["tools"]
    assert sent[0]["function"]["strict"] is True


def test_a_tool_that_is_not_strict_needs_no_warning():
    loose = {"type": "function", "function": {"name": "f", "strict": False}}
    request = encode({"tools": [TOOL, loose]})
    assert (request.warnings, "strict" in request.body["tools"][1]["function"]) == ((), False)


def test_strict_is_sent_where_no_document_lists_the_fields_of_a_tool():
    body = encode({"tools": [STRICT]}, LLMPROVIDER).body
    assert body["tools"][0]["function"]["strict"] is True


TOOL_G = {"type": "function", "function": {"name": "g"}}


@pytest.mark.parametrize(
    ("choice", "offered"),
    [("any", ["f", "g"]), ("g", ["g"]), ({"type": "function", "function": {"name": "g"}}, ["g"])],
)
def test_a_forced_choice_that_the_model_ignores_is_demanded_in_words(choice, offered):
    body = encode({"tools": [TOOL, TOOL_G], "tool_choice": choice}).body
    assert "tool_choice" not in body
    assert [tool["function"]["name"] for tool in body["tools"]] == offered
    assert body["messages"][0]["role"] == "system"
    assert all(f"`{name}`" in body["messages"][0]["content"] for name in offered)


def test_a_forced_choice_is_enforced_by_mara_and_known_to_the_request():
    request = encode({"tools": [TOOL, TOOL_G], "tool_choice": "g"}, MARA, model="MiniMax-M2.5")
    assert request.body["tool_choice"] == {"type": "function", "function": {"name": "g"}}
    assert (request.forced.names, request.forced.enforced) == (["g"], True)
    assert request.body["messages"] == USER


def test_a_forced_choice_is_sent_as_it_is_under_the_policy_pass():
    choice = {"type": "function", "function": {"name": "g"}}
    body = encode({"tools": [TOOL, TOOL_G], "tool_choice": choice}, policy="pass").body
    assert body["tool_choice"] == choice
    assert len(body["tools"]) == 2
    assert body["messages"] == USER


@pytest.mark.parametrize("choice", ["auto", "none"])
def test_a_free_choice_is_sent_everywhere(choice):
    body = encode({"tools": [TOOL], "tool_choice": choice}).body
    assert (body["tool_choice"], body["messages"]) == (choice, USER)


def test_choice_and_parallel_calls_without_tools_are_not_sent():
    given = {"tools": [], "tool_choice": "auto", "parallel_tool_calls": False}
    body = encode(given, LLMPROVIDER).body
    assert body.keys() == {"model", "messages"}


def test_the_text_response_format_is_the_default_and_not_sent():
    assert "response_format" not in encode({"response_format": {"type": "text"}}, MARA).body
    json_format = {"response_format": {"type": "json_object"}}
    assert encode(json_format, MARA).body["response_format"] == {"type": "json_object"}


def test_extra_body_merges_deeply_and_last():
    body = encode(
        {
            "temperature": 0.5,
            "chat_template_kwargs": {"a": 1, "b": 1},
            "extra_body": {"temperature": 3, "chat_template_kwargs": {"b": 2}, "new": [1]},
        },
        MARA,
    ).body
    assert body["temperature"] == 3
    assert body["chat_template_kwargs"] == {"a": 1, "b": 2}
    assert body["new"] == [1]


def test_call_options_steer_the_request_and_stay_out_of_the_body():
    request = encode({"extra_headers": {"X-A": "1"}, "timeout": 3.0})
    assert (request.headers, request.timeout) == ({"X-A": "1"}, 3.0)
    assert request.body.keys() == {"model", "messages"}


def test_a_misspelt_parameter_is_refused_with_the_right_name():
    with pytest.raises(
        UnknownArgumentError, match="Unknown argument 'max_token'. Did you mean 'max_tokens'"
    ):
        encode({"max_token": 5})


def test_an_unknown_parameter_is_pointed_to_extra_body():
    with pytest.raises(UnknownArgumentError, match="go into `extra_body`"):
        encode({"zzz_qqq": 5})


def test_the_policy_reaches_the_parameter_table():
    with pytest.raises(ParameterError):
        encode({"temperature": 0}, policy="raise")


def test_reasoning_is_placed_on_the_wire():
    reasoning = Reasoning("plan", "reasoning_content", "minimax", "minimax")
    message = {"role": "assistant", "content": "Hi", "reasoning": reasoning}
    assert encode(messages=[*USER, message]).body["messages"][1] == {
        "role": "assistant",
        "content": "Hi",
        "reasoning_content": "plan",
    }


def test_replay_can_be_turned_off():
    reasoning = Reasoning("plan", "inline", "minimax", prefix="<think>", suffix="</think>")
    message = {"role": "assistant", "content": "Hi", "reasoning": reasoning}
    body = encode(messages=[*USER, message], replay_reasoning=False).body
    assert body["messages"] == [*USER, {"role": "assistant", "content": "Hi"}]


def test_an_answer_of_reasoning_alone_still_has_content():
    details = [{"type": "reasoning.text", "text": "plan"}]
    reasoning = Reasoning("plan", "reasoning_details", "minimax", details=details)
    message = {"role": "assistant", "content": "", "reasoning": reasoning}
    sent = encode(messages=[*USER, message]).body["messages"][1]
    assert sent == {"role": "assistant", "content": "<think>\nplan\n</think>\n\n"}


def test_an_answer_of_reasoning_alone_keeps_its_field_where_content_may_be_empty():
    reasoning = Reasoning("plan", "reasoning", "mara", "minimax")
    message = {"role": "assistant", "content": "", "reasoning": reasoning}
    sent = encode(messages=[*USER, message], provider=MARA, model="MiniMax-M2.5")
    assert sent.body["messages"][1] == {"role": "assistant", "content": "", "reasoning": "plan"}


def test_sealed_reasoning_alone_gets_other_content():
    sealed = [{"type": "reasoning.encrypted", "data": "c2VhbGVk"}]
    reasoning = Reasoning("", "reasoning_details", "minimax", details=sealed)
    message = {"role": "assistant", "content": "", "reasoning": reasoning}
    sent = encode(messages=[*USER, message]).body["messages"][1]
    assert sent["reasoning_details"] == sealed
    assert sent["content"]


def test_repairs_are_reported():
    request = encode(messages=[*USER, {"role": "system", "content": "s"}])
    assert request.body["messages"][0] == {"role": "system", "content": "s"}
    assert request.changes == ("1 system messages became one, first",)


def test_media_are_checked_before_the_request():
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,A"}}
    with pytest.raises(UnsupportedInputError):
        encode(messages=[{"role": "user", "content": [image]}])


@pytest.mark.parametrize(
    ("template", "expected"),
    [(None, False), ({}, False), ({"enable_thinking": True}, True), ("odd", False)],
)
def test_deepseek_with_thinking_starts_inside_reasoning(template, expected):
    request = encode({"chat_template_kwargs": template}, MARA, model="DeepSeek-V3.1")
    assert request.starts_in_reasoning is expected


@pytest.mark.parametrize("given", [True, False])
def test_where_reasoning_starts_can_be_said(given):
    assert encode(starts_in_reasoning=given).starts_in_reasoning is given


def test_the_given_messages_are_not_modified():
    messages = [{"role": "system", "content": "a"}, {"role": "system", "content": "b"}]
    encode(messages=messages)
    assert messages == [{"role": "system", "content": "a"}, {"role": "system", "content": "b"}]


def test_settings_count_where_the_call_says_nothing():
    settings = {"model": "MiniMax-M2", "temperature": 0.5, "extra_body": {"a": {"b": 1}}}
    request = encode_request(
        [{"role": "user", "content": "Hi"}],
        {"temperature": 0.7, "top_p": None, "extra_body": {"a": {"c": 2}}},
        provider=MINIMAX,
        settings=settings,
    )
    sent = {name: value for name, value in request.body.items() if name != "messages"}
    assert sent == {"model": "MiniMax-M2", "temperature": 0.7, "a": {"b": 1, "c": 2}}
    assert settings["extra_body"] == {"a": {"b": 1}}
