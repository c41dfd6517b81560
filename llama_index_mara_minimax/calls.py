"""What the eight forms of a call do: encode, let the client talk, decode.

Public methods of the LLM are the framework's decorated shells around these, so that a
completion, which is a chat of one message, is one event and not two.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from typing import TYPE_CHECKING

from llama_index.core.base.llms.types import (
    ChatMessage,
    ChatResponse,
    ChatResponseAsyncGen,
    ChatResponseGen,
    MessageRole,
)

import mara_minimax
from llama_index_mara_minimax.chunks import ChunkBuilder, StreamShaper
from llama_index_mara_minimax.messages import to_wire_messages
from llama_index_mara_minimax.replies import from_reply
from llama_index_mara_minimax.structured import shape_response
from mara_minimax.encoded_request import EncodedRequest
from mara_minimax.request.names import merge_parameters
from mara_minimax.request.warnings import give_warnings
from mara_minimax.transport.event_loops import UnregisteredAsyncGenerator
from mara_minimax.types import JSONObject

if TYPE_CHECKING:
    from llama_index_mara_minimax.llms import _ChatLLM


def chat(llm: _ChatLLM, messages: Sequence[ChatMessage], kwargs: JSONObject) -> ChatResponse:
    """Return the answer to `messages`."""
    request, one_call = _encode(llm, messages, kwargs, stream=False)
    response = from_reply(llm.client.complete(request), request.body["model"])
    return shape_response(response, request, one_call=one_call)


async def achat(llm: _ChatLLM, messages: Sequence[ChatMessage], kwargs: JSONObject) -> ChatResponse:
    """Return the answer to `messages`."""
    request, one_call = _encode(llm, messages, kwargs, stream=False)
    response = from_reply(await llm.client.acomplete(request), request.body["model"])
    return shape_response(response, request, one_call=one_call)


def stream_chat(
    llm: _ChatLLM, messages: Sequence[ChatMessage], kwargs: JSONObject
) -> ChatResponseGen:
    """Return the answer to `messages` as it comes; refuse a bad request at once."""
    request, one_call = _encode(llm, messages, kwargs, stream=True)

    def responses() -> ChatResponseGen:
        builder = ChunkBuilder(request.body["model"])
        shaper = StreamShaper(request, one_call=one_call)
        with closing(llm.client.stream(request)) as deltas:
            for delta in deltas:
                yield shaper.shape(builder.from_delta(delta))

    return responses()


def astream_chat(
    llm: _ChatLLM, messages: Sequence[ChatMessage], kwargs: JSONObject
) -> ChatResponseAsyncGen:
    """Return the answer to `messages` as it comes; refuse a bad request at once."""
    request, one_call = _encode(llm, messages, kwargs, stream=True)

    async def responses() -> ChatResponseAsyncGen:
        builder = ChunkBuilder(request.body["model"])
        shaper = StreamShaper(request, one_call=one_call)
        async with UnregisteredAsyncGenerator(llm.client.astream(request)) as deltas:
            async for delta in deltas:
                yield shaper.shape(builder.from_delta(delta))

    return responses()


def to_messages(llm: _ChatLLM, prompt: str, formatted: bool) -> list[ChatMessage]:
    """Return the one message of a completion."""
    if not formatted and llm.completion_to_prompt:
        prompt = llm.completion_to_prompt(prompt)
    if not isinstance(prompt, str):
        raise mara_minimax.errors.UnsupportedInputError(
            f"A prompt has to be text, not {type(prompt).__name__}."
        )
    return [ChatMessage(role=MessageRole.USER, content=prompt)]


def _encode(
    llm: _ChatLLM, messages: Sequence[ChatMessage], kwargs: JSONObject, *, stream: bool
) -> tuple[EncodedRequest, bool]:
    """Return the request, and whether its answer may hold one tool call at most.

    LlamaIndex forbids parallel calls by default. No provider knows how to, so that is
    seen to on the answer and not sent.
    """
    parameters = merge_parameters(llm.additional_kwargs, kwargs)
    one_call = parameters.get("parallel_tool_calls") is False
    if one_call and llm.parameter_policy != "pass":
        del parameters["parallel_tool_calls"]
    request = llm.encode(to_wire_messages(messages), stream=stream, **parameters)
    give_warnings(request.warnings)
    return request, one_call
