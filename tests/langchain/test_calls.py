"""One answer, whatever the way to ask: `invoke`, `ainvoke`, `stream`, `astream`, `batch`."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import Callable
from typing import Any

import pytest
from langchain_core.callbacks import AsyncCallbackHandler, BaseCallbackHandler
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage
from langchain_core.outputs import ChatGenerationChunk

from langchain_mara_minimax import ChatMARA, ChatMiniMax
from mara_minimax.emulator import CannedReply, Emulator
from mara_minimax.encoded_request import ParameterWarning

pytestmark = pytest.mark.filterwarnings("ignore::langchain_core._api.LangChainBetaWarning")
Call = Callable[..., AIMessage]
QUESTION = [HumanMessage("What is 6*7?")]


@pytest.mark.parametrize("form", ["reasoning_details", "inline", "reasoning"])
def test_every_way_of_calling_gives_the_same_message(
    model: ChatMiniMax,
    server: Emulator,
    call: Call,
    canned: Any,
    calling: Any,
    turns: Any,
    same: Any,
    form: str,
) -> None:
    turn = turns(**{**vars(calling), "form": form})
    server.enqueue(turn.plain())
    server.enqueue(canned(turn))
    expected = model.invoke(QUESTION)
    assert same(call(model, QUESTION)) == same(expected)


def test_a_message_holds_what_the_provider_said(
    model: ChatMiniMax, server: Emulator, call: Call, canned: Any, thinking: Any
) -> None:
    server.enqueue(canned(thinking))
    message = call(model, QUESTION)
    assert message.content == "The answer is 42."
    assert message.additional_kwargs["reasoning_content"] == "The user wants 6*7."
    assert message.additional_kwargs["reasoning_details"] == [
        {
            "type": "reasoning.text",
            "id": "reasoning-text-1",
            "format": "MiniMax-response-v1",
            "index": 0,
            "text": "The user wants 6*7.",
        }
    ]
    assert message.usage_metadata == {
        "input_tokens": 44,
        "output_tokens": 20,
        "total_tokens": 64,
        "input_token_details": {"cache_read": 12},
        "output_token_details": {"reasoning": 8},
    }
    metadata = message.response_metadata
    assert metadata["model_name"] == "MiniMax-M2"
    assert metadata["model_provider"] == "minimax"
    assert metadata["finish_reason"] == "stop"
    assert metadata["id"] == "reply-1"
    assert metadata["token_usage"]["completion_tokens"] == 20
    assert metadata["output_sensitive"] is False


def test_the_body_sent_is_the_conversation_and_what_was_set(
    make_model: Callable[..., ChatMiniMax], server: Emulator, call: Call, call_form: str
) -> None:
    call(make_model(temperature=0.5), QUESTION)
    body = dict(server.last_body)
    if "stream" in call_form:
        assert body.pop("stream") is True
        assert body.pop("stream_options") == {"include_usage": True}
    assert body == {
        "model": "MiniMax-M2",
        "messages": [{"role": "user", "content": "What is 6*7?"}],
        "temperature": 0.5,
        "reasoning_split": True,
    }


def test_arguments_of_a_call_override_the_fields(
    make_model: Callable[..., ChatMiniMax], server: Emulator, call: Call
) -> None:
    model = make_model(temperature=0.5, stop=["A"], model="MiniMax-M2")
    call(model, QUESTION, temperature=0.9, stop=["B"], model="MiniMax-M2.1", max_tokens=99)
    assert server.last_body["temperature"] == 0.9
    assert server.last_body["stop"] == ["B"]
    assert server.last_body["model"] == "MiniMax-M2.1"
    assert 99 in (server.last_body.get("max_tokens"), server.last_body.get("max_completion_tokens"))


def test_a_model_warns_of_its_parameters_once(
    call: Call, make_model: Callable[..., ChatMiniMax], server: Emulator
) -> None:
    model = make_model(temperature=-0.125)
    with warnings.catch_warnings(record=True) as caught:
        warnings.resetwarnings()
        for _ in range(3):
            call(model, QUESTION)
    assert server.last_body["temperature"] == 0.01
    assert [w.category for w in caught].count(ParameterWarning) == 1


def test_temperature_zero_works(
    make_model: Callable[..., ChatMiniMax], server: Emulator, mara_server: Emulator, call: Call
) -> None:
    with pytest.warns(UserWarning, match="temperature"):
        assert call(make_model(temperature=0), QUESTION).text
    assert server.last_body["temperature"] > 0
    mara = ChatMARA(api_key="k", base_url=mara_server.base_url, temperature=0)
    assert call(mara, QUESTION).text
    assert mara_server.last_body["temperature"] == 0


def test_mara_answers_with_its_reasoning(mara: ChatMARA, mara_server: Emulator, call: Call) -> None:
    message = call(mara, QUESTION)
    assert message.text
    assert message.additional_kwargs["reasoning_content"]
    assert message.response_metadata["model_provider"] == "mara"
    assert message.usage_metadata is not None
    assert "time_to_first_token" in message.response_metadata["token_usage"]


def test_a_chunk_is_given_for_each_piece_and_metadata_once(
    model: ChatMiniMax, server: Emulator, thinking: Any
) -> None:
    server.enqueue(thinking.stream())
    chunks = list(model.stream(QUESTION))
    assert [chunk.text for chunk in chunks if chunk.text] == ["The answer ", "is 42."]
    assert [
        chunk.additional_kwargs["reasoning_content"]
        for chunk in chunks
        if "reasoning_content" in chunk.additional_kwargs
    ] == ["The user ", "wants 6*7."]
    assert [chunk.chunk_position for chunk in chunks][-1:] == ["last"]
    assert sum(chunk.usage_metadata is not None for chunk in chunks) == 1
    for key in ("finish_reason", "model_name", "id", "token_usage"):
        assert sum(key in chunk.response_metadata for chunk in chunks) == 1
    assert all(chunk.response_metadata["model_provider"] == "minimax" for chunk in chunks)


def test_usage_of_a_stream_can_be_declined(
    make_model: Callable[..., ChatMiniMax], server: Emulator
) -> None:
    list(make_model(stream_usage=False).stream(QUESTION))
    assert "stream_options" not in server.last_body


def test_usage_of_a_stream_can_be_declined_for_one_call(
    model: ChatMiniMax, server: Emulator
) -> None:
    list(model.stream(QUESTION, stream_usage=False))
    assert "stream_options" not in server.last_body


def test_the_callback_for_new_tokens_gets_each_chunk(
    model: ChatMiniMax, server: Emulator, thinking: Any
) -> None:
    seen: list[tuple[str, Any]] = []

    class Handler(BaseCallbackHandler):
        def on_llm_new_token(self, token: Any, *, chunk: Any = None, **kwargs: Any) -> None:
            seen.append((token, chunk))

    server.enqueue(thinking.stream())
    chunks = list(model.stream(QUESTION, config={"callbacks": [Handler()]}))
    assert [chunk.message for _, chunk in seen] == chunks
    assert "".join(token for token, _ in seen) == "The answer is 42."


@pytest.mark.parametrize("asynchronous", [False, True])
def test_a_run_manager_given_to_the_stream_gets_each_chunk(
    model: ChatMiniMax, server: Emulator, thinking: Any, asynchronous: bool
) -> None:
    seen: list[ChatGenerationChunk] = []

    class Handler(BaseCallbackHandler):
        def on_llm_new_token(self, token: Any, *, chunk: Any = None, **kwargs: Any) -> None:
            seen.append(chunk)

    class AsyncHandler(AsyncCallbackHandler):
        async def on_llm_new_token(self, token: Any, *, chunk: Any = None, **kwargs: Any) -> None:
            seen.append(chunk)

    async def run() -> Any:
        config = {"callbacks": [AsyncHandler()]}
        return await (await model.astream_events(QUESTION, config, version="v3")).output

    server.enqueue(thinking.stream())
    if asynchronous:
        output = asyncio.run(run())
    else:
        config = {"callbacks": [Handler()]}
        output = model.stream_events(QUESTION, config, version="v3").output
    assert output.text == "The answer is 42."
    assert "".join(chunk.text for chunk in seen) == "The answer is 42."
    assert all(isinstance(chunk.message, AIMessageChunk) for chunk in seen)


def test_new_tokens_are_told_once_when_invoke_streams(
    model: ChatMiniMax, server: Emulator, thinking: Any
) -> None:
    told: list[Any] = []

    class Handler(BaseCallbackHandler):
        def on_llm_new_token(self, token: Any, **kwargs: Any) -> None:
            told.append(token)

    server.enqueue(thinking.stream())
    model.invoke(QUESTION, config={"callbacks": [Handler()]}, stream=True)
    assert "".join(told) == "The answer is 42."


@pytest.mark.parametrize(
    ("block", "part"),
    [
        (
            {"type": "image", "url": "https://example.com/a.png"},
            {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}},
        ),
        (
            {"type": "image", "base64": "QUI=", "mime_type": "image/png"},
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,QUI="}},
        ),
        (
            {"type": "video", "file_id": "f1"},
            {"type": "video_url", "video_url": {"url": "mm_file://f1"}},
        ),
    ],
)
def test_images_and_videos_are_sent_to_the_models_that_take_them(
    make_model: Callable[..., ChatMiniMax], server: Emulator, call: Call, block: Any, part: Any
) -> None:
    question = HumanMessage([{"type": "text", "text": "What is it?"}, block])
    assert call(make_model(model="MiniMax-M3"), [question]).text
    assert server.last_body["messages"][0]["content"] == [
        {"type": "text", "text": "What is it?"},
        part,
    ]


def test_batch_answers_in_order(model: ChatMiniMax, server: Emulator) -> None:
    answers = model.batch(["What is one?", "What is two?", "What is three?"])
    assert len(answers) == 3
    assert all(answer.text for answer in answers)
    asked = {request.body["messages"][0]["content"] for request in server.requests}
    assert asked == {"What is one?", "What is two?", "What is three?"}


def test_abatch_answers_in_order(model: ChatMiniMax, server: Emulator) -> None:
    answers = asyncio.run(model.abatch(["What is one?", "What is two?"]))
    assert len(answers) == 2
    assert len(server.requests) == 2


def test_generate_adds_up_the_usage(model: ChatMiniMax, server: Emulator, thinking: Any) -> None:
    server.enqueue(thinking.plain())
    server.enqueue(thinking.plain())
    result = model.generate([QUESTION, QUESTION])
    assert result.llm_output is not None
    assert result.llm_output["token_usage"]["total_tokens"] == 128
    assert result.llm_output["model_name"] == "MiniMax-M2"


def test_one_model_works_in_several_event_loops(model: ChatMiniMax) -> None:
    for _ in range(3):
        assert asyncio.run(model.ainvoke(QUESTION)).text


def test_a_stream_that_is_abandoned_is_closed(
    model: ChatMiniMax, server: Emulator, thinking: Any
) -> None:
    reply: CannedReply = thinking.stream()
    reply.delay = 0.2
    server.enqueue(reply)
    stream: Any = model.stream(QUESTION)
    next(stream)
    stream.close()
    (request,) = server.requests
    assert request.wait_finished()
    assert request.disconnected


def test_an_async_stream_that_is_abandoned_is_closed(
    model: ChatMiniMax, server: Emulator, thinking: Any
) -> None:
    async def run() -> None:
        reply: CannedReply = thinking.stream()
        reply.delay = 0.2
        server.enqueue(reply)
        stream: Any = model.astream(QUESTION)
        await anext(stream)
        await stream.aclose()

    asyncio.run(run())
    (request,) = server.requests
    assert request.wait_finished()
    assert request.disconnected


def test_streaming_switched_off_sends_a_plain_request(
    make_model: Callable[..., ChatMiniMax], server: Emulator
) -> None:
    assert next(make_model(streaming=False).stream(QUESTION)).text
    assert "stream" not in server.last_body
