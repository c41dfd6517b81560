"""What a user says of a model wins over the table."""

from __future__ import annotations

import copy
import pickle

import pytest

from mara_minimax.errors import ParameterError
from mara_minimax.providers.models import find_profile
from mara_minimax.providers.profile_keys import ShownProfile, given_keys, merge_profile
from mara_minimax.settings import MARASettings, MiniMaxSettings

M2 = find_profile("minimax", "MiniMax-M2")


@pytest.mark.parametrize(
    ("key", "value", "field"),
    [
        ("max_input_tokens", 1000, "context_window"),
        ("max_output_tokens", 500, "max_output_tokens"),
        ("reasoning_output", False, "reasoning"),
        ("tool_calling", False, "tool_calling"),
        ("tool_choice", True, "enforces_tool_choice"),
        ("structured_output", True, "enforces_json_schema"),
        ("image_url_inputs", False, "image_urls"),
    ],
)
def test_a_key_replaces_one_fact(key, value, field):
    merged = merge_profile(M2, {key: value})
    assert getattr(merged, field) == value
    assert merge_profile(merged, {key: getattr(M2, field)}) == M2


def test_keys_of_inputs_allow_and_refuse():
    merged = merge_profile(M2, {"image_inputs": True, "audio_inputs": False, "pdf_inputs": True})
    assert merged.inputs == ("text", "file", "image")
    assert merged.refused_inputs == ("video", "audio")


def test_none_and_other_keys_say_nothing():
    given = {"image_inputs": None, "name": "Mine", "brand_new": 1}
    assert merge_profile(M2, given) == M2
    assert MiniMaxSettings(api_key="k", profile=given).model_profile() == M2


@pytest.mark.parametrize(
    ("key", "value"),
    [("max_input_tokens", "many"), ("max_input_tokens", 0), ("max_output_tokens", True),
     ("image_inputs", "yes"), ("tool_choice", 1.0)],
)  # fmt: skip
def test_a_value_of_another_type_is_an_error(key, value):
    with pytest.raises(ParameterError, match=key):
        MARASettings(api_key="k", profile={key: value})


def test_the_profile_is_for_the_models_own_name():
    settings = MiniMaxSettings(api_key="k", profile={"max_input_tokens": 1000})
    assert settings.model_profile().context_window == 1000
    assert settings.model_profile("MiniMax-M2").context_window == 1000
    assert settings.model_profile("MiniMax-M3").context_window == 1_000_000


def test_copies_keep_the_profile_unless_they_are_given_another():
    settings = MiniMaxSettings(api_key="k", profile={"max_input_tokens": 1000})
    assert settings.model_copy(update={"top_p": 0.5}).model_profile().context_window == 1000
    assert settings.model_copy(update={"profile": None}).model_profile() == M2
    settings.profile = {"max_input_tokens": 2000}
    assert settings.model_profile().context_window == 2000


def test_a_shown_profile_keeps_what_was_given_through_copies_and_pickles():
    shown = ShownProfile({"max_input_tokens": 5, "tool_calling": True}, {"max_input_tokens": 7})
    assert shown == {"max_input_tokens": 7, "tool_calling": True}
    for copied in (shown, copy.deepcopy(shown), pickle.loads(pickle.dumps(shown))):
        assert given_keys(copied) == {"max_input_tokens": 7}
    assert given_keys({"tool_choice": True}) == {"tool_choice": True}
    assert given_keys(None) == {}


def test_of_a_shown_profile_only_what_was_given_holds_for_another_model():
    shown = ShownProfile({"image_inputs": False}, {"max_output_tokens": 7})
    profile = MiniMaxSettings(api_key="k", model="MiniMax-M3", profile=shown).model_profile()
    assert ("image" in profile.inputs, profile.max_output_tokens) == (True, 7)


def test_the_profile_decides_what_a_request_may_carry():
    tool = {"type": "function", "function": {"name": "f"}}
    settings = MiniMaxSettings(api_key="k", profile={"tool_choice": True})
    body = settings.encode(
        [{"role": "user", "content": "hi"}], stream=False, tools=[tool], tool_choice="required"
    ).body
    assert body["tool_choice"] == "required"
