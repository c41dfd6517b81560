"""`MiniMax` and `MARA` for LlamaIndex: settings of the core, calls of the framework.

All eight forms of a call do the same: encode, let the client talk, decode. Public methods are
the framework's decorated shells around `_chat`, `_stream_chat` and their async twins, so
that a completion, which is a chat of one message, is one event and not two.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from typing import Any

from llama_index.core.base.llms.types import (
    ChatMessage,
    ChatResponse,
    ChatResponseAsyncGen,
    ChatResponseGen,
    CompletionResponse,
    CompletionResponseAsyncGen,
    CompletionResponseGen,
    MessageRole,
)
from llama_index.core.llms.callbacks import llm_chat_callback, llm_completion_callback
from typing_extensions import override

import mara_minimax
from llama_index_mara_minimax.function_calling import ToolCallingLLM
from llama_index_mara_minimax.messages import to_wire_messages
from llama_index_mara_minimax.replies import ReplyStream, from_reply, to_completion
from llama_index_mara_minimax.shaping import StreamShaper
from llama_index_mara_minimax.structured import shape_response
from mara_minimax.encoded_request import EncodedRequest
from mara_minimax.request.names import merge_parameters
from mara_minimax.request.warnings import give_warnings
from mara_minimax.settings import MARASettings, MiniMaxSettings
from mara_minimax.transport.event_loops import Owned
from mara_minimax.types import JSONObject


class _ChatLLM(ToolCallingLLM):
    """What both public classes share."""

    @llm_chat_callback()
    def chat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponse:
        """Answer `messages`."""
        return self._chat(messages, kwargs)

    @llm_chat_callback()
    async def achat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponse:
        """Answer `messages`."""
        return await self._achat(messages, kwargs)

    @llm_chat_callback()
    def stream_chat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponseGen:
        """Answer `messages` piece by piece; each response holds the whole message so far."""
        return self._stream_chat(messages, kwargs)

    @llm_chat_callback()
    async def astream_chat(
        self, messages: Sequence[ChatMessage], **kwargs: Any
    ) -> ChatResponseAsyncGen:
        """Answer `messages` piece by piece; each response holds the whole message so far."""
        return self._astream_chat(messages, kwargs)

    @llm_completion_callback()
    def complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponse:
        """Answer `prompt`, sent as one message of the user."""
        return to_completion(self._chat(self._to_messages(prompt, formatted), kwargs))

    @llm_completion_callback()
    async def acomplete(
        self, prompt: str, formatted: bool = False, **kwargs: Any
    ) -> CompletionResponse:
        """Answer `prompt`, sent as one message of the user."""
        return to_completion(await self._achat(self._to_messages(prompt, formatted), kwargs))

    @llm_completion_callback()
    def stream_complete(
        self, prompt: str, formatted: bool = False, **kwargs: Any
    ) -> CompletionResponseGen:
        """Answer `prompt` piece by piece; each response holds the whole text so far."""
        responses = self._stream_chat(self._to_messages(prompt, formatted), kwargs)

        def completions() -> CompletionResponseGen:
            with closing(responses):
                for response in responses:
                    yield to_completion(response)

        return completions()

    @llm_completion_callback()
    async def astream_complete(
        self, prompt: str, formatted: bool = False, **kwargs: Any
    ) -> CompletionResponseAsyncGen:
        """Answer `prompt` piece by piece; each response holds the whole text so far."""
        responses = self._astream_chat(self._to_messages(prompt, formatted), kwargs)

        async def completions() -> CompletionResponseAsyncGen:
            async with Owned(responses) as owned:
                async for response in owned:
                    yield to_completion(response)

        return completions()

    def _chat(self, messages: Sequence[ChatMessage], kwargs: JSONObject) -> ChatResponse:
        request, one_call = self._to_request(messages, kwargs, stream=False)
        response = from_reply(self.client.complete(request), request.body["model"])
        return shape_response(response, request, one_call=one_call)

    async def _achat(self, messages: Sequence[ChatMessage], kwargs: JSONObject) -> ChatResponse:
        request, one_call = self._to_request(messages, kwargs, stream=False)
        response = from_reply(await self.client.acomplete(request), request.body["model"])
        return shape_response(response, request, one_call=one_call)

    def _stream_chat(self, messages: Sequence[ChatMessage], kwargs: JSONObject) -> ChatResponseGen:
        request, one_call = self._to_request(messages, kwargs, stream=True)

        def responses() -> ChatResponseGen:
            reply = ReplyStream(request.body["model"])
            shaper = StreamShaper(request, one_call=one_call)
            with closing(self.client.stream(request)) as deltas:
                for delta in deltas:
                    yield shaper.shape(reply.from_delta(delta))

        return responses()

    def _astream_chat(
        self, messages: Sequence[ChatMessage], kwargs: JSONObject
    ) -> ChatResponseAsyncGen:
        request, one_call = self._to_request(messages, kwargs, stream=True)

        async def responses() -> ChatResponseAsyncGen:
            reply = ReplyStream(request.body["model"])
            shaper = StreamShaper(request, one_call=one_call)
            async with Owned(self.client.astream(request)) as deltas:
                async for delta in deltas:
                    yield shaper.shape(reply.from_delta(delta))

        return responses()

    def _to_request(
        self, messages: Sequence[ChatMessage], kwargs: JSONObject, *, stream: bool
    ) -> tuple[EncodedRequest, bool]:
        """Return the request, and whether its answer may hold one tool call at most.

        LlamaIndex forbids parallel calls by default. No provider knows how to, so that is
        seen to on the answer and not sent.
        """
        parameters = merge_parameters(self.additional_kwargs, kwargs)
        one_call = parameters.get("parallel_tool_calls") is False
        if one_call and self.parameter_policy != "pass":
            del parameters["parallel_tool_calls"]
        wire_messages = to_wire_messages(messages)
        request = self.encode(wire_messages, stream=stream, **parameters)
        give_warnings(request.warnings)
        return request, one_call

    def _to_messages(self, prompt: str, formatted: bool) -> list[ChatMessage]:
        if not formatted and self.completion_to_prompt:
            prompt = self.completion_to_prompt(prompt)
        if not isinstance(prompt, str):
            raise mara_minimax.errors.UnsupportedInputError(
                f"A prompt has to be text, not {type(prompt).__name__}."
            )
        return [ChatMessage(role=MessageRole.USER, content=prompt)]


class MiniMax(MiniMaxSettings, _ChatLLM):
    """Chat models of MiniMax, of its international host, its China host and llmprovider.ai.

    The key comes from `api_key` or `MINIMAX_API_KEY`.

    Example:
        ```python
        from llama_index_mara_minimax import MiniMax

        llm = MiniMax(model="MiniMax-M2")
        print(llm.complete("Hello"))
        ```

    Reasoning stands in a `ThinkingBlock` of the message, never in its text, and goes back to
    the provider with the next call.
    """

    @classmethod
    @override
    def class_name(cls) -> str:
        """Return the name under which this class is serialised and traced."""
        return "mara_minimax.MiniMax"


class MARA(MARASettings, _ChatLLM):
    """Chat models of MARA Cloud.

    The key comes from `api_key` or `MARA_API_KEY`.

    Example:
        ```python
        from llama_index_mara_minimax import MARA

        llm = MARA(model="MiniMax-M2.5", top_k=40)
        print(llm.complete("Hello"))
        ```

    Reasoning stands in a `ThinkingBlock` of the message, never in its text, and goes back to
    the provider with the next call.
    """

    @classmethod
    @override
    def class_name(cls) -> str:
        """Return the name under which this class is serialised and traced."""
        return "mara_minimax.MARA"
