"""Constructing a model: names, keys, hosts, and what LangChain asks a model about itself."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any, get_type_hints

import openai
import pytest
from langchain_core.caches import InMemoryCache
from langchain_core.language_models import ModelProfile
from langchain_core.messages import HumanMessage
from langchain_core.rate_limiters import InMemoryRateLimiter
from langchain_core.runnables import ConfigurableField

from langchain_mara_minimax import ChatMARA, ChatMiniMax, __version__
from mara_minimax.emulator import Emulator
from mara_minimax.errors import BadRequestError, MissingAPIKeyError, UnknownArgumentError
from mara_minimax.providers.profile_keys import PROFILE_KEYS

Model = type[ChatMiniMax] | type[ChatMARA]


@pytest.mark.parametrize(
    ("build", "variable"),
    [
        (lambda **kw: ChatMiniMax(**kw), "MINIMAX_API_KEY"),
        (lambda **kw: ChatMiniMax(endpoint="llmprovider", **kw), "LLMPROVIDER_API_KEY"),
        (lambda **kw: ChatMARA(**kw), "MARA_API_KEY"),
    ],
)
def test_without_a_key_one_error_names_argument_and_variable(
    monkeypatch: pytest.MonkeyPatch, server: Emulator, build: Callable[..., Any], variable: str
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-openai")
    with pytest.raises(MissingAPIKeyError, match=rf"api_key.*{variable}"):
        build(base_url=server.base_url)
    assert server.requests == []


@pytest.mark.parametrize("kind", [ChatMiniMax, ChatMARA])
@pytest.mark.parametrize(
    ("wrong", "right"),
    [("temprature", "temperature"), ("max_token", "max_tokens"), ("streming", "streaming")],
)
def test_a_misspelt_argument_is_an_error_that_suggests_the_name(
    kind: Model, wrong: str, right: str
) -> None:
    with pytest.raises(UnknownArgumentError, match=repr(right)) as caught:
        kind(api_key="k", **{wrong: 1})  # type: ignore[arg-type]
    assert isinstance(caught.value, openai.OpenAIError)
    assert not isinstance(caught.value, ValueError)


def test_langchains_own_names_are_understood() -> None:
    model = ChatMiniMax(
        api_key="k", model_name="MiniMax-M2.1", request_timeout=3, stop_sequences=["x"], cache=False
    )
    assert (model.model, model.model_name, model.timeout) == ("MiniMax-M2.1", "MiniMax-M2.1", 3)
    assert model.stop == ["x"]


@pytest.mark.parametrize(
    ("model", "provider", "name", "kind"),
    [
        (ChatMiniMax(api_key="k"), "minimax", "MiniMax-M2", "chat-minimax"),
        (ChatMiniMax(api_key="k", endpoint="china"), "minimax", "MiniMax-M2", "chat-minimax"),
        (
            ChatMiniMax(api_key="k", endpoint="llmprovider"),
            "llmprovider",
            "abab5.5-chat",
            "chat-minimax",
        ),
        (ChatMARA(api_key="k"), "mara", "MiniMax-M2.5", "chat-mara"),
    ],
)
def test_a_model_tells_what_it_is(model: Any, provider: str, name: str, kind: str) -> None:
    params = model._get_ls_params()
    assert params["ls_provider"] == provider
    assert params["ls_model_name"] == name
    assert params["ls_model_type"] == "chat"
    assert model._llm_type == kind
    assert model.metadata["lc_versions"]["mara-minimax"] == __version__
    assert "langchain-core" in model.metadata["lc_versions"]


@pytest.mark.parametrize("provider", ["minimax", "llmprovider", "mara"])
def test_messages_name_the_provider_that_traces_name(provider: str) -> None:
    """Summarization trusts token counts only where the two are the same."""
    with Emulator(provider) as emulator:
        settings: Any = {"api_key": "k", "base_url": emulator.base_url}
        model = ChatMARA(**settings)
        if provider != "mara":
            endpoint: Any = "llmprovider" if provider == "llmprovider" else "international"
            model = ChatMiniMax(endpoint=endpoint, **settings)
        named = model._get_ls_params()["ls_provider"]
        assert named == provider
        answers = [model.invoke("Hello"), *model.stream("Hello")]
    assert {answer.response_metadata["model_provider"] for answer in answers} == {named}


def test_trace_parameters_follow_the_call() -> None:
    model = ChatMiniMax(api_key="k", temperature=0.5, max_tokens=9, stop=["a"])
    params = model._get_ls_params(stop=["b"], model="MiniMax-M3", temperature=0.7)
    assert params["ls_model_name"] == "MiniMax-M3"
    assert params["ls_temperature"] == 0.7
    assert params["ls_max_tokens"] == 9
    assert params["ls_stop"] == ["b"]
    assert model._get_ls_params()["ls_stop"] == ["a"]


def test_identifying_parameters_hold_what_changes_the_answer_and_nothing_else() -> None:
    model = ChatMiniMax(
        api_key="SECRET",
        default_headers={"x-key": "SECRET"},
        reasoning_split=False,
        thinking={},
        max_retries=7,
        timeout=3,
        allow_http=True,
    )
    expected = {
        "model": "MiniMax-M2",
        "endpoint": "international",
        "reasoning_split": False,
        "thinking": {},
        "replay_reasoning": True,
        "leaked_tool_calls": "warn",
        "parameter_policy": "adjust",
    }
    assert model._identifying_params == expected
    assert model._get_invocation_params() == {**expected, "_type": "chat-minimax", "stop": None}


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (
            ChatMiniMax(api_key="k", model="MiniMax-M2"),
            {
                "max_input_tokens": 204_800,
                "image_inputs": False,
                "tool_choice": False,
                "structured_output": False,
                "tool_calling": True,
                "reasoning_output": True,
            },
        ),
        (
            ChatMiniMax(api_key="k", model="MiniMax-M3"),
            {"max_input_tokens": 1_000_000, "image_inputs": True, "video_inputs": True},
        ),
        (ChatMARA(api_key="k"), {"max_input_tokens": 196_608, "tool_choice": True}),
    ],
)
def test_the_profile_tells_the_truth_about_a_model(model: Any, expected: dict[str, Any]) -> None:
    assert {key: model.profile[key] for key in expected} == expected


def test_a_given_profile_is_merged_over_the_table() -> None:
    known = ChatMiniMax(api_key="k").profile
    model = ChatMiniMax(api_key="k", profile={"max_input_tokens": 1000})
    assert model.profile == {**known, "max_input_tokens": 1000}
    for copied in (pickle.loads(pickle.dumps(model)), copy.deepcopy(model)):
        assert copied.model_profile() == model.model_profile()
        assert copied.profile == model.profile
    moved = model.model_copy(update={"model": "MiniMax-M3"})
    assert (moved.profile["name"], moved.profile["image_inputs"]) == ("MiniMax-M3", True)


def test_a_configured_model_has_the_profile_of_its_own_name() -> None:
    model = ChatMiniMax(api_key="k", profile={"max_output_tokens": 7})
    configurable: Any = model.configurable_fields(model=ConfigurableField(id="model"))
    moved, _ = configurable.prepare({"configurable": {"model": "MiniMax-M3"}})
    assert isinstance(moved, ChatMiniMax)
    assert (moved.profile["image_inputs"], moved.profile["max_output_tokens"]) == (True, 7)
    assert "image" in moved.model_profile().inputs
    again = ChatMiniMax(api_key="k", model="MiniMax-M3", profile=model.profile)
    assert again.profile == moved.profile


def test_a_given_profile_lets_an_image_through(server: Emulator) -> None:
    image = {"type": "image", "base64": "AAAA", "mime_type": "image/png"}
    model = ChatMiniMax(api_key="k", base_url=server.base_url, profile={"image_inputs": True})
    with pytest.raises(BadRequestError, match="does not support image"):
        model.invoke([HumanMessage([image])])
    (part,) = server.requests[0].body["messages"][0]["content"]
    assert part["type"] == "image_url"


def test_the_profile_says_what_langchain_can_know_of_a_model() -> None:
    flash = ChatMiniMax(api_key="k", model="MiniMax-M3.1-Flash").profile
    assert flash["reasoning_effort_levels"] == ["low", "medium", "high", "xhigh", "max"]
    assert (flash["reasoning_effort_default"], flash["status"]) == ("max", "active")
    old = ChatMiniMax(api_key="k", model="MiniMax-M2.5").profile
    assert old["status"] == "deprecated"
    assert (old["release_date"], old["open_weights"]) == ("2026-02-12", True)


def test_langchain_knows_every_key_of_a_profile() -> None:
    assert get_type_hints(ModelProfile).keys() >= PROFILE_KEYS
    for kind in (ChatMiniMax, ChatMARA):
        assert kind(api_key="k").profile.keys() <= PROFILE_KEYS


def test_a_profile_may_say_that_files_are_taken() -> None:
    model = ChatMiniMax(api_key="k", profile={"pdf_inputs": True})
    assert model.model_profile().inputs == ("text", "file")
    assert model.profile["pdf_inputs"]


def test_what_no_source_tells_of_is_not_in_the_profile() -> None:
    assert "image_inputs" not in ChatMARA(api_key="k", model="MiniMax-M3").profile


def test_a_setting_can_be_configured_later(model: ChatMiniMax, server: Emulator) -> None:
    field = ConfigurableField(id="warmth")
    configurable = model.configurable_fields(temperature=field)
    configurable.invoke("Hello", config={"configurable": {"warmth": 0.25}})
    assert server.last_body["temperature"] == 0.25


def test_answers_are_cached(make_model: Callable[..., ChatMiniMax], server: Emulator) -> None:
    cached = make_model(cache=InMemoryCache())
    assert cached.invoke("Hello").text == cached.invoke("Hello").text
    assert len(server.requests) == 1
    cached.invoke("Hello", temperature=0.7)
    assert len(server.requests) == 2


def test_a_rate_limiter_is_asked(
    make_model: Callable[..., ChatMiniMax], monkeypatch: pytest.MonkeyPatch
) -> None:
    limiter = InMemoryRateLimiter(requests_per_second=1000, check_every_n_seconds=0.001)
    asked: list[bool] = []
    monkeypatch.setattr(limiter, "acquire", lambda *, blocking=True: asked.append(True) or True)
    make_model(rate_limiter=limiter).invoke("Hello")
    assert asked == [True]
