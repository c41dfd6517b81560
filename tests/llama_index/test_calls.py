"""The eight forms of a call: what they send and what they give back."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import AsyncGenerator, Callable, Generator
from itertools import pairwise
from typing import Any

import pytest
from llama_index.core.base.llms.types import (
    ChatMessage,
    ChatResponse,
    CompletionResponse,
    TextBlock,
    ThinkingBlock,
)

from llama_index_mara_minimax import MARA, MiniMax
from mara_minimax.emulator import CannedReply, Emulator
from mara_minimax.encoded_request import ParameterWarning
from mara_minimax.errors import UnknownArgumentError

THOUGHT = "Paris <is> the capital."
ANSWER = "The capital is Paris."


def text_of(response: ChatResponse | CompletionResponse) -> str | None:
    return response.message.content if isinstance(response, ChatResponse) else response.text


@pytest.fixture
def answer(form: str, wire: Any) -> CannedReply:
    """The same answer, plain or streamed as the form of the call needs it."""
    if "stream" not in form:
        return wire.reply(wire.message(ANSWER, THOUGHT))
    return wire.stream(
        wire.thought("Paris <is>"),
        wire.thought(" the capital."),
        wire.text("The capital"),
        wire.text(" is Paris."),
    )


@pytest.fixture
def inline_answer(form: str, wire: Any) -> CannedReply:
    """The same with the reasoning inside the content, tags cut in streams."""
    if "stream" not in form:
        return wire.reply(wire.message(f"<think>\n{THOUGHT}\n</think>\n\n{ANSWER}"))
    return wire.stream(
        wire.text("<thi"),
        wire.text("nk>\nParis <is> the"),
        wire.text(" capital.\n</th"),
        wire.text("ink>\n\nThe capital"),
        wire.text(" is Paris."),
    )


def test_every_form_gives_the_same_answer(
    call: Any, llm: MiniMax, server: Emulator, answer: CannedReply, wire: Any
) -> None:
    server.enqueue(answer)
    responses = call(llm, wire.question)
    assert text_of(responses[-1]) == ANSWER


def test_every_form_sends_the_same_messages(
    form: str, call: Any, llm: MiniMax, server: Emulator, answer: CannedReply, wire: Any
) -> None:
    server.enqueue(answer)
    call(llm, wire.question)
    expected = {
        "model": "MiniMax-M2",
        "messages": [{"role": "user", "content": wire.question}],
        "reasoning_split": True,
    }
    if "stream" in form:
        expected |= {"stream": True, "stream_options": {"include_usage": True}}
    assert server.last_body == expected


def test_every_form_makes_one_request(
    call: Any, llm: MiniMax, server: Emulator, answer: CannedReply, wire: Any
) -> None:
    server.enqueue(answer)
    call(llm, wire.question)
    assert len(server.requests) == 1


@pytest.mark.parametrize("kind", ["details", "inline"])
def test_reasoning_is_never_in_text_or_delta(
    kind: str,
    call: Any,
    llm: MiniMax,
    server: Emulator,
    answer: CannedReply,
    inline_answer: CannedReply,
    wire: Any,
) -> None:
    server.enqueue(answer if kind == "details" else inline_answer)
    responses = call(llm, wire.question)
    assert text_of(responses[-1]) == ANSWER
    assert all(ANSWER.startswith(text_of(response) or "") for response in responses)
    if len(responses) > 1:
        assert "".join(response.delta or "" for response in responses) == ANSWER


def test_usage_and_finish_reason_stand_on_the_last_response(
    call: Any, llm: MiniMax, server: Emulator, answer: CannedReply, wire: Any
) -> None:
    server.enqueue(answer)
    *earlier, last = call(llm, wire.question)
    assert last.raw["usage"] == wire.usage
    assert last.raw["id"] == "reply-1"
    assert last.raw["finish_reason"] == "stop"
    assert last.additional_kwargs["finish_reason"] == "stop"
    assert last.additional_kwargs["prompt_tokens"] == 10
    assert last.additional_kwargs["completion_tokens"] == 7
    assert last.additional_kwargs["total_tokens"] == 17
    assert all(response.raw is None for response in earlier)


@pytest.mark.parametrize("form", ["chat", "achat", "stream_chat", "astream_chat"], indirect=True)
def test_every_chat_form_ends_with_the_same_message(
    call: Any, llm: MiniMax, server: Emulator, answer: CannedReply, wire: Any
) -> None:
    server.enqueue(answer)
    message = call(llm, wire.question)[-1].message
    assert message.role == "assistant"
    assert message.blocks == [
        ThinkingBlock(
            content=THOUGHT,
            num_tokens=3,
            additional_information={
                "form": "reasoning_details",
                "provider": "minimax",
                "family": "minimax",
                "reasoning_details": [{**wire.detail, "text": THOUGHT}],
            },
        ),
        TextBlock(text=ANSWER),
    ]


@pytest.mark.parametrize("form", ["stream_chat", "astream_chat"], indirect=True)
def test_no_delta_of_a_stream_is_lost(
    call: Any, llm: MiniMax, server: Emulator, answer: CannedReply, wire: Any
) -> None:
    server.enqueue(answer)
    responses = call(llm, wire.question)
    thoughts = [response.additional_kwargs.get("thinking_delta") for response in responses]
    assert [thought for thought in thoughts if thought] == ["Paris <is>", " the capital."]
    assert [r.delta for r in responses if r.delta] == ["The capital", " is Paris."]


@pytest.mark.parametrize("form", ["stream_chat", "astream_chat"], indirect=True)
def test_messages_of_a_stream_only_grow(
    call: Any, llm: MiniMax, server: Emulator, answer: CannedReply, wire: Any
) -> None:
    server.enqueue(answer)
    texts = [response.message.content or "" for response in call(llm, wire.question)]
    assert all(later.startswith(earlier) for earlier, later in pairwise(texts))
    kinds = [[b.block_type for b in r.message.blocks] for r in call(llm, wire.question)]
    assert all(len(names) == len(set(names)) for names in kinds)


def test_a_rule_of_the_provider_gives_the_same_text_in_all_forms(
    forms: dict[str, Any], llm: MiniMax
) -> None:
    texts = {name: text_of(call(llm, "Tell me about rivers.")[-1]) for name, call in forms.items()}
    assert len(set(texts.values())) == 1


def test_mara_answers_in_every_form(call: Any, mara: MARA, mara_server: Emulator) -> None:
    assert text_of(call(mara, "Tell me about rivers.")[-1])
    assert mara_server.last_body["model"] == "MiniMax-M2.5"


def test_parameters_of_a_call_win_over_those_of_the_constructor(
    call: Any, make_llm: Callable[..., MiniMax], server: Emulator
) -> None:
    llm = make_llm(max_tokens=100, temperature=0.9, additional_kwargs={"top_p": 0.5})
    call(llm, "Hi", max_tokens=5, temperature=0.2)
    assert server.last_body["max_completion_tokens"] == 5
    assert server.last_body["temperature"] == 0.2
    assert server.last_body["top_p"] == 0.5


def test_a_parameter_of_the_call_wins_over_additional_kwargs(
    make_llm: Callable[..., MiniMax], server: Emulator
) -> None:
    make_llm(additional_kwargs={"top_p": 0.5}).complete("Hi", top_p=0.7)
    assert server.last_body["top_p"] == 0.7


def test_a_model_warns_of_its_parameters_once(
    call: Any, make_llm: Callable[..., MiniMax], server: Emulator
) -> None:
    llm = make_llm(temperature=-0.125)
    with warnings.catch_warnings(record=True) as caught:
        warnings.resetwarnings()
        for _ in range(3):
            call(llm, "Hi")
    assert server.last_body["temperature"] == 0.01
    assert [w.category for w in caught].count(ParameterWarning) == 1


def test_temperature_zero_works_and_says_what_it_does(
    call: Any, make_llm: Callable[..., MiniMax], server: Emulator
) -> None:
    with pytest.warns(ParameterWarning, match="temperature"):
        call(make_llm(temperature=0), "Hi")
    assert 0 < server.last_body["temperature"] <= 0.01


def test_temperature_zero_is_sent_to_mara(mara_server: Emulator, wire: Any) -> None:
    llm = MARA(api_key=wire.key, base_url=mara_server.base_url, temperature=0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        llm.complete("Hi")
    assert mara_server.last_body["temperature"] == 0


def test_a_misspelt_parameter_of_a_call_is_refused_with_a_suggestion(
    call: Any, llm: MiniMax, server: Emulator
) -> None:
    with pytest.raises(UnknownArgumentError, match="max_tokens"):
        call(llm, "Hi", max_token=5)
    assert server.requests == []


def test_headers_of_a_call_are_sent(call: Any, llm: MiniMax, server: Emulator) -> None:
    call(llm, "Hi", extra_headers={"x-trace": "abc"})
    assert server.requests[-1].headers["x-trace"] == "abc"


def test_a_completion_goes_through_completion_to_prompt(
    make_llm: Callable[..., MiniMax], server: Emulator
) -> None:
    llm = make_llm(completion_to_prompt=lambda prompt: f"<<{prompt}>>")
    llm.complete("Hi")
    assert server.last_body["messages"][0]["content"] == "<<Hi>>"
    llm.complete("Hi", formatted=True)
    assert server.last_body["messages"][0]["content"] == "Hi"


def test_streams_are_generators_of_their_kind(llm: MiniMax) -> None:
    messages = [ChatMessage(role="user", content="Hi")]

    async def kinds() -> list[Any]:
        return [await llm.astream_chat(messages), await llm.astream_complete("Hi")]

    assert isinstance(llm.stream_chat(messages), Generator)
    assert isinstance(llm.stream_complete("Hi"), Generator)
    assert all(isinstance(stream, AsyncGenerator) for stream in asyncio.run(kinds()))


def test_two_event_loops_in_a_row_work(llm: MiniMax, server: Emulator) -> None:
    for _ in range(3):
        assert asyncio.run(llm.acomplete("Hi")).text
    assert len(server.requests) == 3


def test_predict_and_stream_give_text_alone(llm: MiniMax) -> None:
    from llama_index.core.prompts import PromptTemplate

    prompt = PromptTemplate("Tell me about {topic}.")
    text = llm.predict(prompt, topic="rivers")
    assert text == "".join(llm.stream(prompt, topic="rivers"))
    assert "The user asks" not in text


def test_a_reply_that_was_cut_at_the_limit_is_logged(
    llm: MiniMax, server: Emulator, wire: Any, caplog: pytest.LogCaptureFixture
) -> None:
    server.enqueue(wire.reply(wire.message("Half an"), "length"))
    response = llm.complete("Hi")
    assert response.additional_kwargs["finish_reason"] == "length"
    assert "max_tokens" in caplog.text
