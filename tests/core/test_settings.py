"""Fields, precedence, keys and URLs, before any framework."""

from __future__ import annotations

import inspect
from typing import Any

import openai
import pytest
from pydantic import SecretStr

from mara_minimax.errors import (
    MissingAPIKeyError,
    ParameterError,
    UnknownArgumentError,
    UnsupportedInputError,
)
from mara_minimax.settings import ChatSettings, MARASettings, MiniMaxSettings

VARIABLES = [
    f"{name}_{part}"
    for name in ("MINIMAX", "MARA", "LLMPROVIDER", "OPENAI")
    for part in ("API_KEY", "BASE_URL")
]
USER = [{"role": "user", "content": "hi"}]


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("kind", "arguments", "variable"),
    [
        (MiniMaxSettings, {}, "MINIMAX_API_KEY"),
        (MiniMaxSettings, {"endpoint": "china"}, "MINIMAX_API_KEY"),
        (MiniMaxSettings, {"endpoint": "llmprovider"}, "LLMPROVIDER_API_KEY"),
        (MARASettings, {}, "MARA_API_KEY"),
    ],
)
def test_a_missing_key_names_argument_and_variable_even_with_an_openai_key(
    kind, arguments, variable, monkeypatch
):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-openai")
    with pytest.raises(MissingAPIKeyError, match=f"api_key=.*{variable}"):
        kind(**arguments)


def test_a_missing_key_is_an_openai_error_and_nothing_that_frameworks_swallow():
    assert issubclass(MissingAPIKeyError, openai.OpenAIError)
    assert not issubclass(MissingAPIKeyError, (ValueError, TypeError, RuntimeError))


@pytest.mark.parametrize("blank", ["", "  "])
def test_a_blank_key_is_no_key(blank, monkeypatch):
    monkeypatch.setenv("MARA_API_KEY", blank)
    with pytest.raises(MissingAPIKeyError):
        MARASettings(api_key=blank)


def test_the_argument_wins_over_the_variable(monkeypatch):
    monkeypatch.setenv("MINIMAX_API_KEY", "from-env")
    monkeypatch.setenv("MINIMAX_BASE_URL", "http://127.0.0.1:1/v1")
    given = MiniMaxSettings(api_key="given", base_url="http://127.0.0.1:2/v1")
    assert given.api_key == SecretStr("given")
    assert given.base_url == "http://127.0.0.1:2/v1"
    from_environment = MiniMaxSettings()
    assert from_environment.api_key == SecretStr("from-env")
    assert from_environment.base_url == "http://127.0.0.1:1/v1"


@pytest.mark.parametrize(
    ("kind", "arguments", "url", "model"),
    [
        (MiniMaxSettings, {}, "https://api.minimax.io/v1", "MiniMax-M2"),
        (MiniMaxSettings, {"endpoint": "china"}, "https://api.minimaxi.com/v1", "MiniMax-M2"),
        (
            MiniMaxSettings,
            {"endpoint": "llmprovider"},
            "https://platform.llmprovider.ai/v1",
            "abab5.5-chat",
        ),
        (MARASettings, {}, "https://bczfskny6zqw.poweredby.snova.ai/v1", "MiniMax-M2.5"),
    ],
)
def test_each_endpoint_has_its_url_and_default_model(kind, arguments, url, model):
    settings = kind(api_key="k", **arguments)
    assert (settings.endpoint_url, settings.model) == (url, model)


def test_openai_variables_change_nothing(monkeypatch):
    monkeypatch.setenv("OPENAI_BASE_URL", "http://openai.invalid/v1")
    assert MiniMaxSettings(api_key="k").endpoint_url == "https://api.minimax.io/v1"


def test_a_misspelt_argument_is_refused_with_the_right_name():
    with pytest.raises(UnknownArgumentError, match="'temprature' .* Did you mean 'temperature'"):
        MiniMaxSettings(api_key="k", temprature=1)


def test_a_name_with_anothers_own_in_front_is_refused_with_the_right_name():
    with pytest.raises(UnknownArgumentError, match="'sambanova_api_key' .* mean 'api_key'"):
        MARASettings(sambanova_api_key="k")


def test_an_argument_of_the_other_provider_is_refused():
    with pytest.raises(UnknownArgumentError, match="do_sample"):
        MiniMaxSettings(api_key="k", do_sample=True)


def test_names_from_either_framework_are_understood():
    settings = MiniMaxSettings(
        api_key="k", model_name="M", api_base="http://127.0.0.1/v1", stop_sequences="x"
    )
    assert (settings.model, settings.base_url, settings.stop) == (
        "M",
        "http://127.0.0.1/v1",
        ["x"],
    )


@pytest.mark.parametrize("kind", [MiniMaxSettings, MARASettings])
def test_the_model_can_be_given_by_position(kind):
    settings = kind("MiniMax-M2.1", api_key="k")
    assert settings.encode(USER, stream=False).body["model"] == "MiniMax-M2.1"
    assert settings == kind(model="MiniMax-M2.1", api_key="k")


@pytest.mark.parametrize("name", ["model", "model_name"])
def test_a_model_by_position_and_by_name_is_refused(name):
    with pytest.raises(ParameterError, match=f"by position and as '{name}'"):
        MiniMaxSettings("MiniMax-M2", api_key="k", **{name: "MiniMax-M3"})
    assert MiniMaxSettings("MiniMax-M2", api_key="k", **{name: None}).model == "MiniMax-M2"


@pytest.mark.parametrize("name", ["model", "model_name"])
def test_no_model_by_name_is_the_default(name):
    settings = MiniMaxSettings(api_key="k", **{name: None})
    assert settings.encode(USER, stream=False).body["model"] == "MiniMax-M2"


@pytest.mark.parametrize("kind", [MiniMaxSettings, MARASettings])
def test_help_and_completion_offer_the_model_by_name(kind):
    parameters = inspect.signature(kind).parameters
    assert parameters["model"].kind is inspect.Parameter.KEYWORD_ONLY
    assert next(iter(parameters.values())).kind is inspect.Parameter.POSITIONAL_ONLY


def test_fields_are_sent_and_call_arguments_win():
    settings = MARASettings(api_key="k", temperature=0.2, top_k=40, max_tokens=9, stop="x")
    body = settings.encode(USER, stream=False, temperature=0.9, max_tokens=None).body
    assert body == {
        "model": "MiniMax-M2.5",
        "messages": USER,
        "temperature": 0.9,
        "top_k": 40,
        "max_tokens": 9,
        "stop": ["x"],
    }


def test_a_call_may_name_another_model():
    body = MARASettings(api_key="k").encode(USER, stream=False, model="gpt-oss-120b").body
    assert body["model"] == "gpt-oss-120b"


def test_max_completion_tokens_of_a_call_wins_over_the_field():
    settings = MARASettings(api_key="k", max_tokens=9)
    body = settings.encode(USER, stream=False, max_completion_tokens=5).body
    assert "max_tokens" not in body
    assert body["max_completion_tokens"] == 5


def test_extra_bodies_of_constructor_and_call_merge():
    settings = MARASettings(api_key="k", extra_body={"a": {"x": 1}, "b": 1})
    body = settings.encode(USER, stream=False, extra_body={"a": {"y": 2}}).body
    assert (body["a"], body["b"]) == ({"x": 1, "y": 2}, 1)
    assert settings.extra_body == {"a": {"x": 1}, "b": 1}


_SENT: Any = {
    MiniMaxSettings: {
        "temperature": (0.4, None),
        "top_p": (0.5, None),
        "max_tokens": (7, "max_completion_tokens"),
        "stop": (["x"], None),
        "reasoning_split": (False, None),
        "reasoning_effort": ("low", None),
        "thinking": ({"type": "disabled"}, None),
        "service_tier": ("priority", None),
    },
    MARASettings: {
        "temperature": (0.4, None),
        "top_p": (0.5, None),
        "max_tokens": (7, None),
        "stop": (["x"], None),
        "top_k": (40, None),
        "do_sample": (True, None),
        "reasoning_effort": ("high", None),
        "chat_template_kwargs": ({"enable_thinking": True}, None),
    },
}
"""What fields send: a value, and its name on the wire where that is another."""


@pytest.mark.parametrize(
    ("kind", "name", "value", "wire_name"),
    [
        (kind, name, value, wire_name)
        for kind, names in _SENT.items()
        for name, (value, wire_name) in names.items()
    ],
)
def test_every_request_field_reaches_the_body(kind, name, value, wire_name):
    body = kind(api_key="k", **{name: value}).encode(USER, stream=False).body
    assert body[wire_name or name] == value


@pytest.mark.parametrize(("given", "sent"), [(True, "adaptive"), (False, "disabled")])
def test_thinking_means_the_same_in_the_constructor_and_in_a_call(given, sent):
    settings = MiniMaxSettings(api_key="k", model="MiniMax-M3", thinking=given)
    assert settings.encode(USER, stream=False).body["thinking"] == {"type": sent}
    plain = MiniMaxSettings(api_key="k", model="MiniMax-M3")
    assert plain.encode(USER, stream=False, thinking=given).body["thinking"] == {"type": sent}


def test_a_repr_is_the_model_and_what_was_set():
    settings = MiniMaxSettings("MiniMax-M3", api_key="k", temperature=0, max_retries=2, top_k=None)
    assert repr(settings) == "MiniMaxSettings(model='MiniMax-M3', temperature=0.0)"


def test_keys_and_headers_are_in_no_dump_and_no_repr():
    settings = MiniMaxSettings(api_key="sk-secret", default_headers={"X-Auth": "hidden"})
    shown = f"{settings!r} {settings} {settings.model_dump()} {settings.client.__dict__!r}"
    assert "sk-secret" not in shown
    assert "hidden" not in shown


def test_a_copy_for_another_endpoint_takes_that_endpoints_url_and_key(monkeypatch):
    monkeypatch.setenv("MINIMAX_API_KEY", "minimax-key")
    monkeypatch.setenv("MINIMAX_BASE_URL", "http://127.0.0.1:1/v1")
    monkeypatch.setenv("LLMPROVIDER_API_KEY", "llmprovider-key")
    copy = MiniMaxSettings().model_copy(update={"endpoint": "llmprovider"})
    connection = copy.client._connection
    assert connection.base_url == "https://platform.llmprovider.ai/v1"
    assert connection.api_key == SecretStr("llmprovider-key")


def test_a_copy_for_another_endpoint_without_its_key_is_refused(monkeypatch):
    monkeypatch.setenv("MINIMAX_API_KEY", "minimax-key")
    copy = MiniMaxSettings().model_copy(update={"endpoint": "llmprovider"})
    with pytest.raises(MissingAPIKeyError, match="LLMPROVIDER_API_KEY"):
        _ = copy.client


def test_a_copy_for_china_goes_there():
    copy = MiniMaxSettings(api_key="k").model_copy(update={"endpoint": "china"})
    assert copy.endpoint_url == "https://api.minimaxi.com/v1"


def test_a_value_of_the_wrong_type_is_pydantics_to_refuse():
    with pytest.raises(ValueError, match="temperature"):
        MiniMaxSettings(api_key="k", temperature="hot")


def test_a_settings_object_validates_as_itself():
    settings = MARASettings(api_key="k")
    assert MARASettings.model_validate(settings) is settings


def test_facts_about_a_model_are_at_hand():
    settings = MiniMaxSettings(api_key="k")
    assert settings.model_profile().context_window == 204_800
    assert settings.model_profile("MiniMax-M3").context_window == 1_000_000


def test_settings_of_no_provider_are_no_settings():
    with pytest.raises(NotImplementedError):
        ChatSettings(api_key="k")


def test_what_is_no_mapping_is_pydantics_to_refuse():
    with pytest.raises(ValueError, match="dictionary"):
        MARASettings.model_validate(5)


@pytest.mark.parametrize("kind", [MiniMaxSettings, MARASettings])
def test_a_call_that_names_one_limit_twice_is_refused(kind):
    with pytest.raises(ParameterError, match="'max_tokens' and 'max_completion_tokens'"):
        kind(api_key="k").encode(USER, stream=False, max_completion_tokens=100, max_tokens=5)


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
def test_a_limit_of_the_call_replaces_the_field_under_either_name(name):
    body = MARASettings(api_key="k", max_tokens=7).encode(USER, stream=False, **{name: 5}).body
    assert {key: value for key, value in body.items() if "max" in key} == {name: 5}


TWO_NAMES = {
    "model": ("model_name", "M", "N"),
    "base_url": ("api_base", "https://a/v1", "https://b/v1"),
    "timeout": ("request_timeout", 1, 2),
    "stop": ("stop_sequences", ["x"], ["y"]),
    "http_async_client": (
        "async_http_client",
        openai.DefaultAsyncHttpxClient(),
        openai.DefaultAsyncHttpxClient(),
    ),
}


@pytest.mark.parametrize("name", TWO_NAMES)
def test_one_field_under_two_names_is_refused_and_both_are_named(name):
    other, value, second = TWO_NAMES[name]
    for given in ({name: value, other: second}, {other: second, name: value}):
        with pytest.raises(ParameterError) as caught:
            MiniMaxSettings(api_key="k", **given)
        assert f"{name!r}" in str(caught.value)
        assert f"{other!r}" in str(caught.value)


@pytest.mark.parametrize("name", TWO_NAMES)
def test_a_name_without_a_value_is_no_second_one(name):
    other, value, _ = TWO_NAMES[name]
    for given in ({name: value, other: None}, {other: None, name: value}):
        assert getattr(MiniMaxSettings(api_key="k", **given), name) == value


NOT_FINITE = [float("nan"), float("inf"), float("-inf")]


@pytest.mark.parametrize("value", NOT_FINITE)
@pytest.mark.parametrize("name", ["temperature", "top_p", "top_k", "max_tokens", "max_retries"])
def test_the_constructor_refuses_numbers_that_json_does_not_have(name, value):
    with pytest.raises(ParameterError, match=f"{name}={value}"):
        MARASettings(api_key="k", **{name: value})


@pytest.mark.parametrize("value", [*NOT_FINITE, -1, 0, "soon", {"read": 5}, True])
def test_the_constructor_refuses_a_timeout_that_is_no_time(value):
    with pytest.raises(ParameterError, match="timeout"):
        MiniMaxSettings(api_key="k", timeout=value)


@pytest.mark.parametrize("value", [None, 3, 2.5, (1, 2, 3, None)])
def test_the_constructor_takes_a_timeout_that_is_some_time(value):
    assert MiniMaxSettings(api_key="k", timeout=value).timeout == value


@pytest.mark.parametrize("policy", ["adjust", "raise", "pass"])
@pytest.mark.parametrize("value", NOT_FINITE)
@pytest.mark.parametrize(
    "name",
    ["temperature", "top_p", "top_k", "max_tokens", "presence_penalty", "frequency_penalty", "n"],
)
def test_a_call_refuses_numbers_that_json_does_not_have(name, value, policy):
    settings = MARASettings(api_key="k", parameter_policy=policy)
    for given in ({name: value}, {"extra_body": {name: value}}):
        with pytest.raises(ParameterError, match=f"{name}={value}.*finite"):
            settings.encode(USER, stream=False, **given)


def test_a_field_that_was_assigned_is_judged_too():
    settings = MARASettings(api_key="k")
    settings.temperature = float("nan")
    with pytest.raises(ParameterError, match="temperature=nan"):
        settings.encode(USER, stream=False)


ODD_STOPS = [5, [1], [b"a"], b"a", {"a": 1}, "", [""], [None], True]


@pytest.mark.parametrize("stop", ODD_STOPS)
def test_odd_stop_sequences_are_refused_wherever_they_are_given(stop):
    with pytest.raises(ParameterError, match="stop"):
        MiniMaxSettings(api_key="k", stop=stop)
    settings = MiniMaxSettings(api_key="k")
    for given in ({"stop": stop}, {"extra_body": {"stop": stop}}):
        with pytest.raises(ParameterError, match="stop"):
            settings.encode(USER, stream=False, **given)


@pytest.mark.parametrize("extra_body", ["s", 5, ["a"], [("a", 1)], ""])
def test_an_odd_extra_body_is_refused_wherever_it_is_given(extra_body):
    with pytest.raises(ParameterError, match="extra_body has to be a dict"):
        MiniMaxSettings(api_key="k", extra_body=extra_body)
    with pytest.raises(ParameterError, match="extra_body has to be a dict"):
        MiniMaxSettings(api_key="k").encode(USER, stream=False, extra_body=extra_body)


def test_an_extra_body_that_stands_inside_itself_is_refused():
    loop = {}
    loop["a"] = loop
    settings = MARASettings(api_key="k", extra_body=loop)
    with pytest.raises(ParameterError, match="extra_body is nested deeper"):
        settings.encode(USER, stream=False, extra_body=loop)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("tools", "add"),
        ("tools", 5),
        ("tools", {"type": "function"}),
        ("tools", ["add"]),
        ("tools", [None]),
        ("tool_choice", 5),
        ("tool_choice", ["add"]),
        ("response_format", "json_object"),
        ("response_format", ["json_object"]),
        ("response_format", dict),
        ("stream_options", 5),
        ("model", 5),
        ("model", ["MiniMax-M2"]),
    ],
)
def test_a_parameter_of_an_odd_type_is_refused_by_its_name(name, value):
    settings = MARASettings(api_key="k", parameter_policy="pass")
    with pytest.raises(ParameterError, match=f"{name} (has|is|in)|in {name}"):
        settings.encode(USER, stream=True, **{name: value})


@pytest.mark.parametrize("messages", [None, 5, "hi", {"role": "user", "content": "hi"}])
def test_messages_that_are_no_list_are_refused(messages):
    with pytest.raises(UnsupportedInputError, match="Messages have to be a list"):
        MARASettings(api_key="k").encode(messages, stream=False)


@pytest.mark.parametrize(
    "given",
    [
        {"temperature": "s3cret"},
        {"max_tokens": "s3cret"},
        {"parameter_policy": "s3cret"},
        {"default_headers": 5, "model": "s3cret"},
        {"endpoint": "s3cret"},
    ],
)
def test_an_error_of_the_constructor_names_the_field_and_quotes_nothing(given):
    with pytest.raises((ValueError, ParameterError)) as caught:
        MiniMaxSettings(api_key="k", **given)
    assert next(iter(given)) in str(caught.value)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("settings", "ends"),
    [
        (MiniMaxSettings(api_key="k"), False),
        (MiniMaxSettings(api_key="k", endpoint="china"), False),
        (MiniMaxSettings(api_key="k", endpoint="llmprovider"), False),
        (MiniMaxSettings(api_key="k", base_url="https://api.minimax.io/v1"), False),
        (MARASettings(api_key="k"), False),
        (MARASettings(api_key="k", model="DeepSeek-V3.1"), True),
        (MiniMaxSettings(api_key="k", base_url="http://127.0.0.1:8000/v1"), True),
        (MARASettings(api_key="k", base_url="https://proxy.example.com/v1"), True),
    ],
)
def test_a_closing_tag_alone_ends_reasoning_where_it_may(settings, ends):
    assert settings.encode(USER, stream=False).closer_ends_reasoning is ends


def test_a_stop_sequence_in_extra_body_is_enforced_as_well():
    request = MARASettings(api_key="k", extra_body={"stop": "END"}).encode(USER, stream=False)
    assert (request.body["stop"], request.stop) == (["END"], ("END",))
