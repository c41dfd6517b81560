"""What happens to each parameter at each provider, under the three policies."""

from __future__ import annotations

import warnings

import pytest

from mara_minimax.encoded_request import ParameterWarning
from mara_minimax.errors import ParameterError
from mara_minimax.providers.endpoints import LLMPROVIDER, MARA, MINIMAX, PROVIDERS
from mara_minimax.providers.parameters import PARAMETER_RULES, find_rules
from mara_minimax.request.parameters import apply_parameter_rules
from mara_minimax.request.warnings import give_warnings


def adjust(parameters, provider=MINIMAX, model="MiniMax-M2", policy="adjust"):
    """Return what is sent; the warnings are given out as the adapters do."""
    sent, found = apply_parameter_rules(parameters, provider, model, policy)
    give_warnings(found)
    return sent


def test_each_rule_names_its_source():
    assert all(rule.source for rule in PARAMETER_RULES)


def test_a_model_has_at_most_one_rule_for_a_parameter():
    for provider in PROVIDERS:
        for model in ("MiniMax-M2", "MiniMax-M3", "abab5.5-chat", "other"):
            names = [rule.name for rule in find_rules(provider.name, model)]
            assert len(names) == len(set(names))


def test_temperature_zero_becomes_the_smallest_that_minimax_m2_documents():
    with pytest.warns(ParameterWarning, match=r"temperature=0 .*range \(0, 1\].*source: https"):
        assert adjust({"temperature": 0}) == {"temperature": 0.01}


@pytest.mark.parametrize(
    ("provider", "model"),
    [(MINIMAX, "MiniMax-M3"), (MARA, "MiniMax-M2.5"), (LLMPROVIDER, "abab5.5-chat")],
)
def test_temperature_zero_is_sent_where_it_is_in_the_range(provider, model):
    assert adjust({"temperature": 0}, provider, model) == {"temperature": 0}


@pytest.mark.parametrize("provider", [MINIMAX, MARA, LLMPROVIDER])
def test_a_temperature_above_the_range_becomes_its_end(provider):
    with pytest.warns(ParameterWarning):
        assert adjust({"temperature": 1.7}, provider) == {"temperature": 1.0}


def test_a_warning_names_the_source_that_contradicts_the_rule():
    with pytest.warns(ParameterWarning, match=r"openai-comp.*contradicted: \[0, 2\] in SambaNova"):
        assert adjust({"temperature": 1.5}, MARA, "MiniMax-M2.5") == {"temperature": 1.0}
    sent, found = apply_parameter_rules({"temperature": 1.5}, MARA, "MiniMax-M2.5", "pass")
    assert (sent, found) == ({"temperature": 1.5}, ())


def test_minimax_m3_takes_temperatures_up_to_two():
    assert adjust({"temperature": 1.7}, model="MiniMax-M3") == {"temperature": 1.7}
    with pytest.warns(ParameterWarning):
        assert adjust({"temperature": 2.5}, model="MiniMax-M3") == {"temperature": 2.0}


def test_a_value_below_the_range_becomes_its_start_and_keeps_its_type():
    with pytest.warns(ParameterWarning):
        assert adjust({"top_k": 0}, MARA) == {"top_k": 1}


def test_a_value_that_is_no_number_is_left_to_the_provider():
    assert adjust({"temperature": "hot"}) == {"temperature": "hot"}


@pytest.mark.parametrize(
    "name",
    [
        "logprobs",
        "top_logprobs",
        "n",
        "presence_penalty",
        "frequency_penalty",
        "logit_bias",
        "seed",
    ],
)
def test_what_mara_ignores_is_left_out_with_a_warning(name):
    with pytest.warns(ParameterWarning, match=f"{name}=7.*ignored.*left out"):
        assert adjust({name: 7}, MARA) == {}


@pytest.mark.parametrize("name", ["presence_penalty", "frequency_penalty", "logit_bias", "n"])
def test_what_minimax_ignores_or_refuses_is_left_out_with_a_warning(name):
    with pytest.warns(ParameterWarning, match=name):
        assert adjust({name: 5}) == {}


def test_a_value_that_means_the_default_is_left_out_silently():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert adjust({"n": 1, "presence_penalty": 0.0, "logit_bias": {}}) == {}
        assert adjust({"n": 1, "logprobs": False}, MARA) == {}


def test_deprecated_function_call_names_its_successor():
    with pytest.warns(ParameterWarning, match="use tools"):
        assert adjust({"function_call": "auto"}) == {}


def test_max_tokens_is_renamed_where_the_name_is_deprecated_even_under_pass():
    for policy in ("adjust", "raise", "pass"):
        assert adjust({"max_tokens": 9}, policy=policy) == {"max_completion_tokens": 9}
    assert adjust({"max_tokens": 9}, MARA) == {"max_tokens": 9}
    assert adjust({"max_completion_tokens": 9}, LLMPROVIDER) == {"max_tokens": 9}


def test_a_new_name_given_as_well_wins_over_the_old_one():
    given = {"max_tokens": 9, "max_completion_tokens": 5}
    assert adjust(given) == {"max_completion_tokens": 5}


def test_policy_raise_refuses_before_any_request():
    with pytest.raises(ParameterError, match=r"MiniMax: temperature=0 for 'MiniMax-M2'"):
        adjust({"temperature": 0}, policy="raise")
    with pytest.raises(ParameterError, match="seed"):
        adjust({"seed": 1}, MARA, policy="raise")


def test_policy_pass_sends_what_was_given():
    given = {"temperature": 0, "seed": 3, "n": 4}
    assert adjust(given, MARA, policy="pass") == given


def test_the_given_parameters_are_not_modified():
    given = {"n": 1, "max_tokens": 4}
    adjust(given)
    assert given == {"n": 1, "max_tokens": 4}


def test_a_rule_says_what_it_does_in_words():
    words = {rule.name: rule.describe() for rule in find_rules("minimax", "MiniMax-M2")}
    assert words["temperature"] == "range (0, 1]"
    assert words["top_p"] == "range [0, 1]"
    assert words["max_tokens"] == "sent as max_completion_tokens"
    assert words["logit_bias"] == "ignored by the provider"
    assert words["n"] == "only 1 is supported"


def test_thinking_is_sent_in_minimaxs_vocabulary():
    with pytest.warns(ParameterWarning, match="thinking"):
        sent = adjust({"thinking": {"type": "enabled"}}, model="MiniMax-M3")
    assert sent == {"thinking": {"type": "adaptive"}}


@pytest.mark.parametrize(("given", "sent"), [(True, "adaptive"), (False, "disabled")])
@pytest.mark.parametrize("policy", ["adjust", "raise", "pass"])
def test_thinking_as_a_bool_is_sent_as_minimaxs_object_without_a_warning(policy, given, sent):
    adjusted = adjust({"thinking": given}, model="MiniMax-M3", policy=policy)
    assert adjusted == {"thinking": {"type": sent}}


@pytest.mark.parametrize("known", [{"type": "adaptive"}, {"type": "disabled"}, 1])
def test_a_thinking_value_without_a_replacement_is_left_to_the_provider(known):
    assert adjust({"thinking": known}, model="MiniMax-M3") == {"thinking": known}


@pytest.mark.parametrize("off", [False, {"type": "disabled"}])
def test_thinking_of_m31_flash_cannot_be_turned_off(off):
    with pytest.warns(ParameterWarning, match="disabled"):
        sent = adjust({"thinking": off}, model="MiniMax-M3.1-Flash")
    assert sent == {"thinking": {"type": "adaptive"}}


def test_a_replacing_rule_says_both_values():
    rules = {rule.name: rule.describe() for rule in find_rules("minimax", "MiniMax-M3")}
    assert "{'type': 'enabled'} is refused, {'type': 'adaptive'} sent" in rules["thinking"]
