"""Arguments of other integrations' constructors: sent, left out with a warning, or refused."""

from __future__ import annotations

import warnings

import pytest

from mara_minimax.encoded_request import ParameterWarning
from mara_minimax.errors import ParameterError, UnknownArgumentError
from mara_minimax.request.foreign_names import FOREIGN_NAMES
from mara_minimax.settings import MARASettings, MiniMaxSettings

USER = [{"role": "user", "content": "hi"}]
KINDS = pytest.mark.parametrize("kind", [MiniMaxSettings, MARASettings])
BY_ACTION = {
    action: [name for name, row in FOREIGN_NAMES.items() if row.action == action]
    for action in ("sent", "dropped", "refused")
}


def body(settings):
    return {
        name: value
        for name, value in settings.encode(USER, stream=False).body.items()
        if name not in ("model", "messages", "reasoning_split")
    }


@KINDS
def test_none_and_the_defaults_of_other_classes_are_silent_and_send_nothing(kind):
    for name, row in FOREIGN_NAMES.items():
        for value in (None, *row.silent):
            if name not in kind.model_fields:
                assert body(kind(api_key="k", **{name: value})) == {}


@pytest.mark.parametrize(
    ("kind", "given", "sent"),
    [
        (MiniMaxSettings, {"seed": 3, "user": "u", "logprobs": True, "top_logprobs": 2}, None),
        (MARASettings, {"user": "u", "service_tier": "priority"}, None),
        (MiniMaxSettings, {"max_completion_tokens": 9}, None),
        (MARASettings, {"max_completion_tokens": 9}, {"max_tokens": 9}),
        (MiniMaxSettings, {"model_kwargs": {"seed": 3, "top_p": 0.5}}, {"seed": 3, "top_p": 0.5}),
        (MARASettings, {"model_kwargs": {"own": 1}, "extra_body": {"a": 2}}, {"own": 1, "a": 2}),
        (MARASettings, {"model_kwargs": None}, {}),
        (MiniMaxSettings, {"seed": 3, "extra_body": {"seed": 4}}, {"seed": 4}),
    ],
)
def test_what_the_provider_reads_is_sent_with_every_call(kind, given, sent):
    settings = kind(api_key="k", **given)
    assert body(settings) == (given if sent is None else sent)
    assert body(settings.model_copy()) == body(settings)


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        (MiniMaxSettings, {"n": 2}),
        (MiniMaxSettings, {"presence_penalty": 0.5}),
        (MARASettings, {"seed": 3}),
        (MARASettings, {"model_kwargs": {"logprobs": True}}),
    ],
)
def test_what_the_provider_ignores_or_refuses_follows_the_table_of_parameters(kind, given):
    (name, value) = next(iter(given.get("model_kwargs", given).items()))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert body(kind(api_key="k", **given)) == {}
    assert [warning.category for warning in caught] == [ParameterWarning]
    assert f"{name}={value!r}" in str(caught[0].message)
    with pytest.raises(ParameterError, match=name):
        kind(api_key="k", parameter_policy="raise", **given)
    assert body(kind(api_key="k", parameter_policy="pass", **given)) == {name: value}


@KINDS
@pytest.mark.parametrize("name", sorted(set(BY_ACTION["dropped"]) - {"is_chat_model"}))
def test_what_means_nothing_here_is_left_out_with_the_reason(kind, name):
    with pytest.warns(ParameterWarning, match=f"{name} is left out. .*[.]$"):
        settings = kind(api_key="k", **{name: "set"})
    assert body(settings) == {}


@KINDS
@pytest.mark.parametrize("name", BY_ACTION["refused"])
def test_what_cannot_be_left_out_is_refused_with_what_to_pass(kind, name):
    with pytest.raises(ParameterError, match=f"{kind.__name__} takes no {name}. .*[.]$") as caught:
        kind(api_key="k", **{name: "sk-secret"})
    assert "sk-secret" not in str(caught.value)


def test_advice_names_arguments_that_exist():
    for row in FOREIGN_NAMES.values():
        for word in row.advice.split():
            name, equals, _ = word.partition("=")
            assert not equals or name in {*MARASettings.model_fields, "custom_get_token_ids"}


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"model_kwargs": 5}, "model_kwargs has to be a dict"),
        ({"model_kwargs": {"top_p": 0.5}, "top_p": 0.6}, "'top_p' is given as an argument and in"),
        ({"seed": float("nan")}, "seed=nan"),
    ],
)
def test_what_no_call_could_send_is_refused(given, problem):
    with pytest.raises(ParameterError, match=problem):
        MiniMaxSettings(api_key="k", **given)


def test_an_unknown_name_is_still_refused():
    with pytest.raises(UnknownArgumentError, match="'sead'"):
        MiniMaxSettings(api_key="k", sead=3)


def test_values_that_are_no_arguments_are_judged_by_pydantic():
    given = MiniMaxSettings(api_key="k")
    assert MiniMaxSettings.model_validate(given) == given
