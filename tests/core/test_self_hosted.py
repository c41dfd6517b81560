"""A server of one's own: no key of the environment, no rules of the hosted API, its own model."""

from __future__ import annotations

import asyncio

import pytest

from mara_minimax import errors
from mara_minimax.encoded_request import ParameterWarning
from mara_minimax.request.warnings import give_warnings
from mara_minimax.settings import MiniMaxSettings
from mara_minimax.types import Reasoning
from tests.core.calls import FORMS, USER, call, chunk, sse
from tests.scripted_host import LIBRARY, MODELS, ScriptedHost

URL = "http://127.0.0.1:8000/v1"
TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}


@pytest.fixture
def host():
    return ScriptedHost()


def build(host=None, **given):
    clients = host.clients if host else {}
    return MiniMaxSettings(**{"endpoint": "self-hosted", "base_url": URL, **clients, **given})


def body_of(given=None, messages=USER, **settings):
    return build(model="m2", **settings).encode(messages, stream=False, **(given or {})).body


def test_the_url_has_to_be_given(monkeypatch):
    monkeypatch.setenv("MINIMAX_BASE_URL", "https://api.minimax.io/v1")
    with pytest.raises(errors.ParameterError, match="base_url"):
        build(base_url=None)


@FORMS
def test_no_key_of_the_environment_is_sent(form, host, monkeypatch):
    for name in ("MINIMAX_API_KEY", "MARA_API_KEY", "OPENAI_API_KEY"):
        monkeypatch.setenv(name, "sk-of-the-environment")
    call(build(host), form)
    assert all("authorization" not in request.headers for request in host.requests)


@FORMS
def test_a_key_that_was_given_is_sent(form, host):
    call(build(host, api_key="sk-own-server"), form)
    sent = {request.headers["authorization"] for request in host.requests}
    assert sent == {"Bearer sk-own-server"}


def test_a_copy_for_a_server_of_ones_own_takes_no_key_of_a_variable_along(host, monkeypatch):
    monkeypatch.setenv("MINIMAX_API_KEY", "sk-of-the-environment")
    hosted = MiniMaxSettings(**host.clients)
    copied = hosted.model_copy(update={"endpoint": "self-hosted", "base_url": URL})
    call(copied, "complete")
    assert "authorization" not in host.requests[-1].headers


def test_a_key_for_minimax_is_not_sent_to_a_server_of_ones_own():
    hosted = MiniMaxSettings(api_key="sk-minimax")
    copied = hosted.model_copy(update={"endpoint": "self-hosted", "base_url": URL})
    with pytest.raises(errors.MissingAPIKeyError):
        _ = copied.client


def test_http_beyond_this_machine_is_allowed_explicitly():
    with pytest.raises(errors.ParameterError, match="allow_http"):
        build(base_url="http://gpu-box:8000/v1")
    assert build(base_url="http://gpu-box:8000/v1", allow_http=True).client


def test_nothing_is_sent_by_default():
    assert body_of() == {"model": "m2", "messages": USER}


@pytest.mark.parametrize(
    "given",
    [
        {"temperature": 0},
        {"temperature": 1.5},
        {"temperature": 2},
        {"top_k": -1},
        {"top_k": 0},
        {"max_tokens": 9},
        {"presence_penalty": 0.5},
        {"frequency_penalty": 0.5},
        {"seed": 7},
        {"logprobs": True},
        {"reasoning_effort": "high"},
        {"parallel_tool_calls": True, "tools": [TOOL]},
        {"chat_template_kwargs": {"thinking_mode": "disabled"}},
        {"thinking": {"type": "enabled"}},
    ],
)
def test_parameters_are_sent_as_given(given):
    assert body_of(given) == {"model": "m2", "messages": USER, **given}


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({"temperature": 2.5}, {"temperature": 2.0}),
        ({"temperature": -1}, {"temperature": 0}),
        ({"top_p": 0}, {"top_p": 0.001}),
        ({"n": 2}, {}),
    ],
)
def test_what_a_server_refuses_is_adjusted_with_a_warning(given, sent):
    request = build(model="m2").encode(USER, stream=False, **given)
    with pytest.warns(ParameterWarning, match="vLLM"):
        give_warnings(request.warnings)
    assert request.body == {"model": "m2", "messages": USER, **sent}
    passed = build(model="m2", parameter_policy="pass").encode(USER, stream=False, **given)
    assert passed.body == {"model": "m2", "messages": USER, **given}


NAMED = {"type": "function", "function": {"name": "f"}}


@pytest.mark.parametrize(("given", "sent"), [("any", "required"), ("f", NAMED)])
def test_a_tool_choice_is_sent_and_not_replaced_by_words(given, sent):
    body = body_of({"tools": [TOOL], "tool_choice": given})
    assert (body["tool_choice"], body["messages"]) == (sent, USER)


def test_a_schema_of_the_answer_is_sent_as_given():
    schema = {"type": "json_schema", "json_schema": {"name": "j", "schema": {}, "strict": True}}
    assert body_of({"response_format": schema})["response_format"] == schema


def test_strict_tools_are_sent_as_given():
    strict = {"type": "function", "function": {**TOOL["function"], "strict": True}}
    assert body_of({"tools": [strict]})["tools"] == [strict]


@pytest.mark.parametrize("form", ["reasoning", "reasoning_content"])
def test_reasoning_goes_back_in_the_field_it_came_in(form):
    thought = Reasoning("Greet.", form, provider="self-hosted", family="minimax")
    message = {"role": "assistant", "content": "Hi.", "reasoning": thought}
    body = body_of(messages=[*USER, message, *USER])
    assert body["messages"][1] == {"role": "assistant", "content": "Hi.", form: "Greet."}


@pytest.mark.parametrize("provider", ["self-hosted", "minimax", "mara"])
def test_details_go_back_in_the_field_that_the_templates_read(provider):
    thought = Reasoning(
        "Greet.", "reasoning_details", provider=provider, family="minimax",
        details=[{"type": "reasoning.text", "text": "Greet."}],
    )  # fmt: skip
    message = {"role": "assistant", "content": "Hi.", "reasoning": thought}
    sent = body_of(messages=[*USER, message, *USER])["messages"][1]
    assert sent == {"role": "assistant", "content": "Hi.", "reasoning_content": "Greet."}


def test_tags_in_the_content_go_back_as_they_came():
    thought = Reasoning(
        "Greet.", "inline", provider="self-hosted", family="minimax",
        prefix="<think>\n", suffix="\n</think>\n\n",
    )  # fmt: skip
    message = {"role": "assistant", "content": "Hi.", "reasoning": thought}
    sent = body_of(messages=[*USER, message, *USER])["messages"][1]
    assert sent == {"role": "assistant", "content": "<think>\nGreet.\n</think>\n\nHi."}


@FORMS
def test_without_a_model_the_first_of_the_list_is_asked_for_once(form, host):
    settings = build(host)
    assert call(settings, form).reasoning.text == "Greet."
    assert host.last_body["model"] == "m2"
    call(settings, form)
    assert host.paths == ["/v1/models", "/v1/chat/completions", "/v1/chat/completions"]


def test_copies_share_the_name_unless_they_go_elsewhere(host):
    settings = build(host)
    call(settings, "complete")
    call(settings.model_copy(update={"temperature": 0.5}), "complete")
    assert host.paths.count("/v1/models") == 1
    call(settings.model_copy(update={"base_url": "http://127.0.0.1:9000/v1"}), "complete")
    assert host.paths.count("/v1/models") == 2


@FORMS
def test_a_model_that_was_named_is_not_asked_for(form, host):
    call(build(host, model="mine"), form)
    assert (host.paths, host.last_body["model"]) == (["/v1/chat/completions"], "mine")


@FORMS
@pytest.mark.parametrize(
    ("listing", "kind"),
    [
        ({"object": "list", "data": []}, errors.InvalidReplyError),
        ({"detail": "Not Found"}, errors.InvalidReplyError),
    ],
)
def test_a_host_that_names_no_model_is_an_error_before_the_call(form, listing, kind):
    host = ScriptedHost(listing)
    with pytest.raises(kind):
        call(build(host, max_retries=0), form)
    assert host.paths == ["/v1/models"]


def test_both_ways_list_the_models_of_the_server(host):
    settings = build(host)
    listed = settings.list_models()
    assert listed == asyncio.run(settings.alist_models())
    assert [(model.id, model.profile.context_window) for model in listed] == [
        ("m2", 32_768),
        ("lora", 196_608),
    ]
    assert listed[0].raw == MODELS["data"][0]


@FORMS
@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (401, {"error": "Unauthorized"}, errors.AuthenticationError, "Unauthorized"),
        (
            404,
            {
                "error": {
                    "message": "The model `x` does not exist.",
                    "type": "NotFoundError",
                    "param": "model",
                    "code": 404,
                }
            },
            errors.NotFoundError,
            "`x` does not exist",
        ),
        (
            400,
            {
                "object": "error",
                "message": "top_k must be -1 or at least 1.",
                "type": "BadRequestError",
                "param": None,
                "code": 400,
            },
            errors.BadRequestError,
            "top_k must be",
        ),
    ],
    ids=["vLLM's key", "vLLM's model", "SGLang's range"],
)
def test_errors_of_the_servers_are_typed_with_their_words(form, status, body, kind, words, host):
    host.chat = lambda: LIBRARY.Response(status, json=body)
    with pytest.raises(kind, match=words) as caught:
        call(build(host, model="x"), form)
    assert caught.value.provider == "self-hosted"
    assert len(host.requests) == 1


@pytest.mark.parametrize("form", ["stream", "astream"])
def test_an_error_inside_a_stream_keeps_what_came(form, host):
    body = sse(
        chunk(content="Hal"), {"error": {"message": "out of memory", "code": 500}}, done=True
    )
    host.chat = lambda: LIBRARY.Response(
        200, headers={"content-type": "text/event-stream"}, content=body
    )
    with pytest.raises(errors.ServerError, match="out of memory") as caught:
        call(build(host, model="x"), form)
    assert caught.value.partial.text == "Hal"


@pytest.mark.parametrize("form", ["stream", "astream"])
def test_nulls_and_ids_that_come_once_are_read(form, host):
    """As SGLang streams a call: null fields, arguments that begin empty, no id in later pieces."""
    nothing = {"role": None, "content": None, "reasoning_content": None, "tool_calls": None}

    def piece(call_id, name, arguments):
        function = {"name": name, "arguments": arguments}
        one = {"index": 0, "id": call_id, "type": "function", "function": function}
        return chunk(**{**nothing, "tool_calls": [one]})

    body = sse(
        chunk(**{**nothing, "role": "assistant", "content": ""}),
        chunk(**{**nothing, "reasoning_content": "Look."}),
        piece("call_0123456789abcdef01234567", "f", ""),
        piece(None, None, '{"a": '),
        piece(None, None, "1}"),
        chunk("tool_calls", **nothing),
        {"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3,
                                  "prompt_tokens_details": None}},
        done=True,
    )  # fmt: skip
    host.chat = lambda: LIBRARY.Response(
        200, headers={"content-type": "text/event-stream"}, content=body
    )
    reply = call(build(host, model="x"), form, tools=[TOOL])
    assert reply.reasoning.text == "Look."
    (made,) = reply.tool_calls
    assert (made.id, made.name, made.arguments) == (
        "call_0123456789abcdef01234567",
        "f",
        '{"a": 1}',
    )
    assert (reply.usage.total_tokens, reply.usage.cache_read_tokens) == (3, None)
