"""A failure is the same error, of both families, in every way of calling."""

from __future__ import annotations

import json
import pickle
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import openai
import pytest
from langchain.agents import create_agent
from langchain.agents.middleware import ModelRetryMiddleware
from langchain_core import exceptions as langchain
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import HumanMessage

from langchain_mara_minimax import ChatMiniMax, StructuredOutputRefusedError
from langchain_mara_minimax.errors import ERROR_MAP, translate
from langchain_mara_minimax.translation import translate_errors
from mara_minimax import errors as core
from mara_minimax.emulator import CannedReply, Emulator

Call = Callable[..., Any]


def base_resp(code: int, message: str) -> CannedReply:
    payload = {"id": "r1", "choices": None}
    return CannedReply.json({**payload, "base_resp": {"status_code": code, "status_msg": message}})


def http(status: int, message: str, kind: str = "bad_request_error") -> CannedReply:
    error = {"type": kind, "message": message, "http_code": str(status)}
    return CannedReply.json({"type": "error", "error": error, "request_id": "q1"}, status=status)


CASES = [
    (
        http(401, "login fail (1004)"),
        langchain.ModelAuthenticationError,
        openai.AuthenticationError,
    ),
    (base_resp(1004, "login fail"), langchain.ModelAuthenticationError, openai.AuthenticationError),
    (http(429, "rate limit (1002)"), langchain.ModelRateLimitError, openai.RateLimitError),
    (base_resp(1002, "rate limit"), langchain.ModelRateLimitError, openai.RateLimitError),
    (
        http(400, "invalid params, unknown model 'x' (2013)"),
        (langchain.ModelNotFoundError, langchain.ModelInvalidRequestError),
        openai.APIStatusError,
    ),
    (
        http(400, "invalid params, context window exceeds limit (2013)"),
        langchain.ContextOverflowError,
        openai.BadRequestError,
    ),
    (http(402, "insufficient balance (1008)"), langchain.ModelError, openai.APIStatusError),
    (base_resp(1027, "output sensitive"), langchain.ModelInvalidRequestError, openai.OpenAIError),
    (http(500, "unknown error, 999 (1000)"), langchain.ModelAPIError, openai.InternalServerError),
    (http(529, "overloaded"), langchain.ModelAPIError, openai.InternalServerError),
]


@pytest.mark.parametrize(("reply", "kind", "openai_kind"), CASES)
def test_a_refusal_is_an_error_of_langchain_and_of_openai(
    model: ChatMiniMax,
    server: Emulator,
    call: Call,
    reply: CannedReply,
    kind: Any,
    openai_kind: Any,
) -> None:
    server.enqueue(reply)
    with pytest.raises(kind) as caught:
        call(model, "Hello")
    error = caught.value
    assert isinstance(error, openai_kind)
    assert isinstance(error, core.ProviderError)
    assert not isinstance(error, (ValueError, TypeError, RuntimeError))
    assert error.provider == "minimax"
    assert error.response is not None
    assert error.body is not None
    assert error.__cause__ is not None
    assert caught.value.is_retryable == error.retryable
    assert "sk-test" not in f"{error!r} {error} {error.__cause__!r}"


def test_an_error_event_in_a_stream_is_an_error(
    model: ChatMiniMax, server: Emulator, call_stream: Call, thinking: Any
) -> None:
    reply = thinking.stream(end=False)
    failure = {"choices": [], "base_resp": {"status_code": 1002, "status_msg": "rate limit"}}
    reply.chunks.append(f"data: {json.dumps(failure)}\n\n".encode())
    server.enqueue(reply)
    with pytest.raises(langchain.ModelRateLimitError) as caught:
        call_stream(model, "Hello")
    assert isinstance(caught.value, core.RateLimitError)
    assert caught.value.partial is not None
    assert caught.value.partial.text == "The answer is 42."


@pytest.mark.parametrize("cut", [False, True])
def test_a_stream_that_ends_early_is_an_error(
    model: ChatMiniMax, server: Emulator, call_stream: Call, thinking: Any, cut: bool
) -> None:
    reply = thinking.stream(end=False)
    reply.cut = cut
    server.enqueue(reply)
    with pytest.raises(langchain.ModelConnectionError) as caught:
        call_stream(model, "Hello")
    assert isinstance(caught.value, openai.APIError)
    assert caught.value.is_retryable


def test_what_a_stream_gave_before_its_error_was_delivered(
    model: ChatMiniMax, server: Emulator, thinking: Any
) -> None:
    server.enqueue(thinking.stream(end=False))
    stream = model.stream("Hello")
    assert "".join(next(stream).text for _ in range(4)) == "The answer is 42."
    with pytest.raises(langchain.ModelConnectionError):
        next(stream)


def test_an_answer_without_choices_is_an_error(
    model: ChatMiniMax, server: Emulator, call: Call
) -> None:
    server.enqueue(CannedReply.json({"id": "r1", "choices": None}))
    with pytest.raises(langchain.ModelError) as caught:
        call(model, "Hello")
    assert isinstance(caught.value, core.InvalidReplyError)


def test_a_host_that_is_not_there_is_a_connection_error(call: Call) -> None:
    model = ChatMiniMax(api_key="k", base_url="http://127.0.0.1:9/v1", max_retries=0)
    with pytest.raises(langchain.ModelConnectionError) as caught:
        call(model, "Hello")
    assert isinstance(caught.value, openai.APIConnectionError)


def test_a_slow_host_is_a_timeout(
    make_model: Callable[..., ChatMiniMax], server: Emulator, call: Call, thinking: Any
) -> None:
    server.enqueue(CannedReply(chunks=[], hold=True))
    with pytest.raises(langchain.ModelTimeoutError) as caught:
        call(make_model(timeout=0.2), "Hello")
    assert isinstance(caught.value, openai.APITimeoutError)


def test_input_that_a_model_cannot_take_is_refused_before_any_request(
    model: ChatMiniMax, server: Emulator, call: Call
) -> None:
    picture = HumanMessage([{"type": "image", "url": "https://example.com/a.png"}])
    with pytest.raises(langchain.ModelInvalidRequestError) as caught:
        call(model, [picture])
    assert isinstance(caught.value, core.UnsupportedInputError)
    assert server.requests == []


def test_a_misspelt_parameter_of_a_call_is_refused_before_any_request(
    model: ChatMiniMax, server: Emulator, call: Call
) -> None:
    with pytest.raises(core.UnknownArgumentError, match="temperature"):
        call(model, "Hello", temprature=0.5)
    assert server.requests == []


def test_requests_are_repeated_as_often_as_asked(
    make_model: Callable[..., ChatMiniMax], server: Emulator, call: Call
) -> None:
    for _ in range(5):
        server.enqueue(http(500, "unknown error, 999 (1000)"))
    with pytest.raises(langchain.ModelAPIError):
        call(make_model(max_retries=1), "Hello")
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("reply", "requests"),
    [
        (base_resp(1004, "login fail"), 1),
        (http(429, "plan usage limit exceeded (2056)"), 1),
        (http(429, "rate limit (1002)"), 3),
    ],
)
def test_retry_middleware_repeats_only_what_may_succeed(
    model: ChatMiniMax, server: Emulator, reply: CannedReply, requests: int
) -> None:
    for _ in range(3):
        server.enqueue(reply)
    retry = ModelRetryMiddleware(max_retries=2, initial_delay=0.0, on_failure="error")
    agent = create_agent(model, middleware=[retry])
    with pytest.raises(langchain.ModelError):
        agent.invoke({"messages": ["Hello"]})
    assert len(server.requests) == requests


def test_callbacks_see_the_error_with_its_response(
    model: ChatMiniMax, server: Emulator, call: Call
) -> None:
    seen: list[BaseException] = []

    class Handler(BaseCallbackHandler):
        def on_llm_error(self, error: BaseException, **kwargs: Any) -> None:
            seen.append(error)

    server.enqueue(http(401, "login fail (1004)"))
    with pytest.raises(langchain.ModelAuthenticationError):
        call(model, "Hello", config={"callbacks": [Handler()]})
    (error,) = seen
    assert isinstance(error, core.AuthenticationError)
    assert error.response.status_code == 401


def test_fallbacks_take_over(
    model: ChatMiniMax, server: Emulator, mara: Any, mara_server: Emulator
) -> None:
    server.enqueue(http(500, "unknown error, 999 (1000)"))
    reply = model.with_fallbacks([mara]).invoke("Hello")
    assert reply.response_metadata["model_provider"] == "mara"
    assert len(mara_server.requests) == 1


@pytest.mark.parametrize("kind", sorted(ERROR_MAP, key=repr))
def test_a_translated_error_keeps_everything_and_can_be_pickled(kind: Any) -> None:
    error = kind("went wrong")
    error.extra = 1
    translated = translate(error)
    assert isinstance(translated, kind)
    assert isinstance(translated, langchain.ModelError)
    restored: Any = pickle.loads(pickle.dumps(translated))
    assert str(restored) == "went wrong"
    assert vars(restored)["extra"] == 1
    assert type(restored) is type(translated)


def test_every_provider_error_of_the_core_has_a_translated_class() -> None:
    def all_kinds(kind: Any) -> set[Any]:
        found = {kind}
        for child in kind.__subclasses__():
            found |= all_kinds(child)
        return found

    missing = {
        kind
        for kind in all_kinds(core.ProviderError)
        if kind.__module__ == core.__name__ and kind not in ERROR_MAP
    }
    assert missing == set()


@pytest.mark.parametrize("calls", [(), (("Joke", '{"setup": "Kn'),)])
def test_an_object_that_the_content_filter_withheld_is_a_refusal(
    model: ChatMiniMax, server: Emulator, turns: Any, calls: Any
) -> None:
    turn = turns(text=("I",), calls=calls, finish_reason="content_filter")
    joke = {"title": "Joke", "type": "object", "properties": {"setup": {"type": "string"}}}
    structured = model.with_structured_output(joke, method="function_calling")
    refusal = getattr(langchain, "ModelRefusalError", langchain.ModelError)
    server.enqueue(turn.plain())
    with pytest.raises(StructuredOutputRefusedError, match="content filter") as caught:
        structured.invoke("Tell me a joke")
    assert isinstance(caught.value, refusal)
    assert isinstance(caught.value, langchain.OutputParserException)
    assert not caught.value.is_retryable
    assert caught.value.raw_message.response_metadata["finish_reason"] == "content_filter"
    server.enqueue(turn.stream())
    with pytest.raises(refusal):
        list(structured.stream("Tell me a joke"))


def test_an_error_that_is_translated_already_stays_as_it_is() -> None:
    translated = translate(core.RateLimitError("busy"))
    with pytest.raises(core.RateLimitError) as caught, translate_errors():
        raise translated
    assert caught.value is translated
    assert caught.value.__cause__ is None


def test_an_error_passes_while_another_thread_is_importing_the_core_s_errors(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    unfinished = ModuleType("mara_minimax.errors")
    monkeypatch.setitem(sys.modules, "mara_minimax.errors", unfinished)
    with pytest.raises(LookupError, match="the original"), translate_errors():
        raise LookupError("the original")


def test_a_misspelt_argument_of_the_constructor_is_an_error_of_both_families() -> None:
    with pytest.raises(core.UnknownArgumentError, match="temperature") as caught:
        ChatMiniMax(api_key="k", temprature=1)  # type: ignore[call-arg]
    assert isinstance(caught.value, langchain.ModelInvalidRequestError)


def test_a_choice_of_no_tool_is_an_error_of_both_families(model: ChatMiniMax) -> None:
    with pytest.raises(core.ParameterError, match="nope") as caught:
        model.bind_tools([], tool_choice="nope")
    assert isinstance(caught.value, langchain.ModelInvalidRequestError)
