"""Construction, metadata, serialisation, and that secrets stay where they belong."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from typing import Any

import openai
import pytest
from llama_index.core import Settings
from llama_index.core.base.llms.base import BaseLLM
from llama_index.core.base.llms.types import ChatMessage, ImageBlock
from llama_index.core.callbacks import CallbackManager
from llama_index.core.llms.llm import LLM
from llama_index.core.types import PydanticProgramMode

from llama_index_mara_minimax import MARA, MiniMax, __version__
from mara_minimax.emulator import Emulator
from mara_minimax.errors import BadRequestError, MissingAPIKeyError, UnknownArgumentError

KEY = "sk-test-0123456789abcdef"
HEADER = "header-secret-0123456789"


@pytest.fixture(params=[MiniMax, MARA])
def cls(request: pytest.FixtureRequest) -> Any:
    return request.param


def test_the_classes_are_llms_of_the_framework(cls: Any) -> None:
    assert BaseLLM.__name__ in [base.__name__ for base in cls.__mro__]
    assert isinstance(cls(api_key=KEY), LLM)


def test_class_names_are_stable_and_distinct() -> None:
    assert MiniMax.class_name() == "mara_minimax.MiniMax"
    assert MARA.class_name() == "mara_minimax.MARA"


def test_the_package_has_a_version() -> None:
    assert __version__


def test_a_missing_key_names_the_argument_and_the_variable(cls: Any) -> None:
    with pytest.raises(MissingAPIKeyError) as caught:
        cls()
    assert "api_key" in str(caught.value)
    assert f"{cls.__name__.upper()}_API_KEY" in str(caught.value)


def test_a_key_for_openai_is_never_used(
    cls: Any, monkeypatch: pytest.MonkeyPatch, server: Emulator
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-openai")
    monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
    with pytest.raises(MissingAPIKeyError):
        cls(base_url=server.base_url)
    assert server.requests == []


def test_the_key_comes_from_the_providers_own_variable(
    cls: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"{cls.__name__.upper()}_API_KEY", KEY)
    assert cls().api_key.get_secret_value() == KEY


def test_openai_settings_of_the_environment_do_not_reach_the_provider(
    make_llm: Callable[..., MiniMax], server: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_ORG_ID", "org-secret")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "project-secret")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "x-custom: custom-secret")
    make_llm(default_headers={"x-own": "1"}).complete("Hi")
    headers = server.requests[-1].headers
    assert headers["x-own"] == "1"
    assert not {"openai-organization", "openai-project", "x-custom"} & headers.keys()


def test_a_misspelt_argument_is_refused_with_a_suggestion(cls: Any) -> None:
    with pytest.raises(UnknownArgumentError, match="max_tokens") as caught:
        cls(api_key=KEY, max_token=5)
    assert isinstance(caught.value, openai.OpenAIError)


def test_names_that_users_of_the_framework_know_are_understood(cls: Any) -> None:
    llm = cls(api_key=KEY, api_base="http://localhost:1/v1", model_name="some-model")
    assert llm.base_url == llm.api_base == "http://localhost:1/v1"
    assert llm.model == "some-model"


def test_all_fields_of_an_llm_are_taken(cls: Any) -> None:
    manager = CallbackManager([])
    llm = cls(
        api_key=KEY,
        callback_manager=manager,
        system_prompt="Be brief.",
        messages_to_prompt=lambda messages: "x",
        completion_to_prompt=lambda prompt: prompt,
        pydantic_program_mode=PydanticProgramMode.LLM,
        rate_limiter=None,
        output_parser=None,
        additional_kwargs={"top_p": 0.5},
        context_window=1000,
        is_function_calling_model=False,
    )
    assert llm.callback_manager is manager
    assert llm.system_prompt == "Be brief."
    assert llm.metadata.context_window == 1000
    assert llm.metadata.is_function_calling_model is False


@pytest.mark.parametrize(
    ("settings", "window", "output"),
    [
        ({}, 204_800, 8192),
        ({"max_tokens": 1000}, 204_800, 1000),
        ({"max_tokens": 200_000}, 204_800, 51_200),
        ({"model": "some-new-model"}, 204_800, 8192),
        ({"model": "MiniMax-M3"}, 1_000_000, 8192),
        ({"context_window": 8000}, 8000, 2000),
    ],
)
def test_metadata_leaves_a_realistic_room_for_the_answer(
    settings: dict[str, Any], window: int, output: int
) -> None:
    metadata = MiniMax(api_key=KEY, **settings).metadata
    assert metadata.context_window == window
    assert metadata.num_output == output
    assert metadata.is_chat_model
    assert metadata.is_function_calling_model


def test_metadata_names_the_model(cls: Any) -> None:
    assert cls(api_key=KEY, model="abc").metadata.model_name == "abc"


def test_a_dict_of_settings_makes_an_equal_llm(cls: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{cls.__name__.upper()}_API_KEY", KEY)
    llm = cls(temperature=0.5, stop=["x"], additional_kwargs={"top_p": 0.5}, system_prompt="s")
    again = cls.from_dict(llm.to_dict())
    assert again.to_dict() == llm.to_dict()
    assert again.api_key.get_secret_value() == KEY


def test_from_dict_takes_the_key_as_an_argument(cls: Any) -> None:
    data = cls(api_key=KEY).to_dict()
    assert cls.from_dict(data, api_key="other").api_key.get_secret_value() == "other"


def test_from_json_reads_what_to_json_writes(cls: Any) -> None:
    text = cls(api_key=KEY, temperature=0.5).to_json()
    assert cls.from_json(text, api_key=KEY).temperature == 0.5


def test_a_timeout_object_does_not_break_json(cls: Any) -> None:
    timeout = openai.Timeout(10.0)
    assert json.loads(cls(api_key=KEY, timeout=timeout).to_json())["timeout"] is None


def test_equal_settings_have_equal_dicts(cls: Any) -> None:
    assert str(cls(api_key=KEY).to_dict()) == str(cls(api_key="another").to_dict())


def test_secrets_stand_in_no_readable_form(cls: Any) -> None:
    llm = cls(
        api_key=KEY,
        default_headers={"x-proxy": HEADER},
        additional_kwargs={"extra_headers": {"x-call": HEADER}},
    )
    readable = [
        repr(llm),
        str(llm),
        str(llm.to_dict()),
        llm.to_json(),
        llm.model_dump_json(),
        str(llm.to_payload()),
    ]
    for text in readable:
        assert KEY not in text
        assert HEADER not in text


def test_a_pickle_works_and_does_not_show_the_secrets(
    make_llm: Callable[..., MiniMax], server: Emulator
) -> None:
    llm = make_llm(temperature=0.5, default_headers={"x-proxy": HEADER})
    llm.complete("Hi")
    data = pickle.dumps(llm)
    assert KEY.encode() not in data
    assert HEADER.encode() not in data
    again = pickle.loads(data)
    assert again.temperature == 0.5
    assert again.complete("Hi").text
    assert server.requests[-1].headers["x-proxy"] == HEADER


def test_pickling_leaves_the_llm_as_it_was(make_llm: Callable[..., MiniMax]) -> None:
    def unpicklable(prompt: str) -> str:
        return prompt

    llm = make_llm(completion_to_prompt=unpicklable)
    pickle.loads(pickle.dumps(llm))
    assert llm.completion_to_prompt is unpicklable


def test_a_deep_copy_after_use_works(make_llm: Callable[..., MiniMax]) -> None:
    llm = make_llm(http_client=openai.DefaultHttpxClient())
    assert llm.complete("Hi").text
    again = copy.deepcopy(llm)
    assert again.http_client is llm.http_client
    assert again.complete("Hi").text


def test_a_model_copy_can_change_a_field(llm: MiniMax) -> None:
    assert llm.model_copy(update={"temperature": 0.5}).temperature == 0.5
    assert llm.temperature is None


def test_the_global_settings_take_it(cls: Any) -> None:
    llm = cls(api_key=KEY)
    Settings.llm = llm
    try:
        assert Settings.llm is llm
    finally:
        Settings._llm = None


def test_building_one_sends_nothing(make_llm: Callable[..., MiniMax], server: Emulator) -> None:
    _ = make_llm().metadata
    assert server.requests == []


def test_a_given_profile_is_merged_over_the_table(llm: MiniMax) -> None:
    given = llm.model_copy(update={"profile": {"max_input_tokens": 1000, "image_inputs": True}})
    assert given.metadata.context_window == 1000
    assert given.model_profile().tool_calling
    assert pickle.loads(pickle.dumps(given)).metadata.context_window == 1000


def test_a_given_profile_lets_an_image_through(
    make_llm: Callable[..., MiniMax], server: Emulator
) -> None:
    image = ChatMessage(role="user", blocks=[ImageBlock(url="https://example.com/a.png")])
    with pytest.raises(BadRequestError, match="does not support image"):
        make_llm(profile={"image_inputs": True}).chat([image])
    (part,) = server.requests[0].body["messages"][0]["content"]
    assert part["type"] == "image_url"


def test_a_misspelt_key_of_a_profile_is_warned_of(cls: Any) -> None:
    with pytest.warns(UserWarning, match="'image_input'"):
        cls(api_key=KEY, profile={"image_input": True})
