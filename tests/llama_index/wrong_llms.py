"""LLMs that are wrong in one way each, for the tests of the conformance suite."""

from __future__ import annotations

import asyncio
import itertools
import os

import openai
from llama_index.core.base.llms.types import (
    CachePoint,
    ChatMessage,
    CompletionResponse,
    TextBlock,
    ThinkingBlock,
    VideoBlock,
)
from llama_index.core.llms.callbacks import llm_completion_callback
from llama_index.core.llms.mock import MockLLM

from llama_index_mara_minimax import MARA

KEY = "sk-conformance-0123456789"


class Changed(MARA):
    """Changes each response of the chat forms that are not async."""

    def change(self, response):
        raise NotImplementedError

    def chat(self, messages, **kwargs):
        return self.change(super().chat(messages, **kwargs))

    def stream_chat(self, messages, **kwargs):
        for chunk in super().stream_chat(messages, **kwargs):
            yield self.change(chunk)


def with_message(response, **fields):
    message = response.message.model_copy(update=fields)
    return response.model_copy(update={"message": message})


class CumulativeDeltas(Changed):
    def change(self, response):
        return response.model_copy(update={"delta": response.message.content})


class ForgetsThoughtsOnStreams(Changed):
    def chat(self, messages, **kwargs):
        return MARA.chat(self, messages, **kwargs)

    def change(self, response):
        blocks = response.message.blocks
        return with_message(
            response, blocks=[block for block in blocks if not isinstance(block, ThinkingBlock)]
        )


class HidesThinkingDeltas(Changed):
    def change(self, response):
        return response.model_copy(update={"additional_kwargs": {}})


class TwoTextBlocks(Changed):
    def change(self, response):
        return with_message(response, blocks=[*response.message.blocks, TextBlock(text="x")])


class SaysNone(Changed):
    def change(self, response):
        text = str(response.message.content or None)
        return with_message(response, blocks=[TextBlock(text=text)])


class BlocksOnly(Changed):
    def change(self, response):
        return with_message(response, additional_kwargs={})


class NoUsage(Changed):
    def change(self, response):
        return response.model_copy(update={"raw": {"usage": {}}, "additional_kwargs": {}})


class OneGrowingMessage(MARA):
    def stream_chat(self, messages, **kwargs):
        message = ChatMessage(role="assistant")
        for chunk in super().stream_chat(messages, **kwargs):
            message.blocks = chunk.message.blocks
            yield chunk.model_copy(update={"message": message})


class NoGenerator(MARA):
    def stream_chat(self, messages, **kwargs):
        return itertools.chain(super().stream_chat(messages, **kwargs))


class AsyncGeneratorFunctions(MARA):
    async def astream_chat(self, messages, **kwargs):
        async for chunk in await super().astream_chat(messages, **kwargs):
            yield chunk


class ValueErrors(MARA):
    def chat(self, messages, **kwargs):
        try:
            return super().chat(messages, **kwargs)
        except openai.OpenAIError as error:
            raise ValueError(str(error)) from error


class AsksForNoUsage(MARA):
    def stream_chat(self, messages, **kwargs):
        return super().stream_chat(messages, stream_options={"include_usage": False}, **kwargs)


class RetriesOnceMore(MARA):
    def chat(self, messages, **kwargs):
        try:
            return super().chat(messages, **kwargs)
        except openai.OpenAIError:
            return super().chat(messages, **kwargs)


class SilentStreams(MARA):
    def stream_chat(self, messages, **kwargs):
        try:
            yield from super().stream_chat(messages, **kwargs)
        except openai.OpenAIError:
            return


class TalksAtOnce(MARA):
    def __init__(self, **settings):
        super().__init__(**settings)
        self.list_models()


class AsksTwice(MARA):
    def chat(self, messages, **kwargs):
        super().chat(messages, **kwargs)
        return super().chat(messages, **kwargs)


class CountsTwice(MARA):
    @llm_completion_callback()
    def complete(self, prompt, formatted=False, **kwargs):
        reply = self.chat([ChatMessage(role="user", content=prompt)], **kwargs)
        return CompletionResponse(text=reply.message.content, raw=reply.raw)


class IgnoresParameters(MARA):
    def chat(self, messages, **_):
        return super().chat(messages)


class OneLoop(MARA):
    async def achat(self, messages, **kwargs):
        loops = self.__dict__.setdefault("_loops", {asyncio.get_running_loop()})
        if asyncio.get_running_loop() not in loops:
            raise RuntimeError("Event loop is closed")
        return await super().achat(messages, **kwargs)


class RefusesCachePoints(MARA):
    def chat(self, messages, **kwargs):
        if any(isinstance(block, CachePoint) for m in messages for block in m.blocks):
            raise ValueError("Unsupported block")
        return super().chat(messages, **kwargs)


class DropsMedia(MARA):
    def chat(self, messages, **kwargs):
        kept = [[b for b in m.blocks if not isinstance(b, VideoBlock)] for m in messages]
        texts = [ChatMessage(role="user", blocks=[TextBlock(text="?"), *blocks]) for blocks in kept]
        return super().chat(texts, **kwargs)


class ReturnsNoThought(MARA):
    def chat(self, messages, **kwargs):
        return super().chat(self.without_thoughts(messages), **kwargs)

    async def achat(self, messages, **kwargs):
        return await super().achat(self.without_thoughts(messages), **kwargs)

    def without_thoughts(self, messages):
        return [
            m.model_copy(
                update={"blocks": [b for b in m.blocks if not isinstance(b, ThinkingBlock)]}
            )
            for m in messages
        ]


class SmallWindow(MARA):
    @property
    def metadata(self):
        return super().metadata.model_copy(update={"num_output": -1})


class NoIds(MARA):
    def get_tool_calls_from_response(self, response, error_on_no_tool_call=True, **kwargs):
        found = super().get_tool_calls_from_response(response, error_on_no_tool_call, **kwargs)
        return [call.model_copy(update={"tool_id": ""}) for call in found]


class AlwaysWantsCalls(MARA):
    def get_tool_calls_from_response(self, response, error_on_no_tool_call=True, **kwargs):
        return super().get_tool_calls_from_response(response, error_on_no_tool_call=True)


class FirstCallOnly(MARA):
    def get_tool_calls_from_response(self, response, error_on_no_tool_call=True, **kwargs):
        found = super().get_tool_calls_from_response(response, error_on_no_tool_call, **kwargs)
        return found[:1]


class KeepsAllCalls(MARA):
    def _prepare_chat_with_tools(self, *args, tool_required=False, **kwargs):
        kwargs["allow_parallel_tool_calls"] = True
        return super()._prepare_chat_with_tools(*args, tool_required=tool_required, **kwargs)

    def _validate_chat_with_tools_response(self, response, *_, **__):
        return response


class ChangesTheHistory(MARA):
    def _prepare_chat_with_tools(self, *args, tool_required=False, chat_history=None, **kwargs):
        history = [] if chat_history is None else chat_history
        history.append(ChatMessage(role="user", content="x"))
        return super()._prepare_chat_with_tools(
            *args, tool_required=tool_required, chat_history=history, **kwargs
        )


class NotRequired(MARA):
    def _prepare_chat_with_tools(self, *args, **kwargs):
        return super()._prepare_chat_with_tools(*args, **kwargs)


class Choosy(MARA):
    def _prepare_chat_with_tools(self, tools, *args, tool_required=False, **kwargs):
        if kwargs.get("tool_choice", "auto") is None:
            raise TypeError("tool_choice")
        if any(len(tool.metadata.description) > 1024 for tool in tools):
            raise ValueError("Tool description exceeds maximum length")
        return super()._prepare_chat_with_tools(tools, *args, tool_required=tool_required, **kwargs)


class ShowsTheKey(MARA):
    def __repr__(self):
        return f"MARA(api_key={KEY!r})"

    def __getstate__(self):
        return {**super().__getstate__(), "key": KEY}


class NamelessDict(MARA):
    def to_dict(self, **kwargs):
        found = super().to_dict(**kwargs)
        del found["class_name"]
        return found


class NeverPickled(MARA):
    def __getstate__(self):
        raise TypeError("cannot pickle '_thread.lock' object")


class FrozenCallbacks(MARA):
    def __setattr__(self, name, value):
        if name == "callback_manager":
            raise ValueError("frozen")
        super().__setattr__(name, value)


class SendsVariables(MARA):
    def __init__(self, **settings):
        headers = {"x-org": os.environ.get("OPENAI_ORG_ID", "none")}
        super().__init__(**settings, default_headers=headers)


class Mock(MockLLM):
    """Talks to nobody, which breaks nearly all rules."""

    def __init__(self, **_):
        super().__init__()
