"""Rules about failures: what a provider refuses is an error that no part swallows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from llama_index.core import SummaryIndex
from llama_index.core.agent.workflow import FunctionAgent
from llama_index.core.base.llms.types import ChatMessage
from llama_index.core.chat_engine import SimpleChatEngine
from llama_index.core.schema import TextNode

from llama_index_mara_minimax.conformance.base import Conformance
from llama_index_mara_minimax.conformance.forms import (
    WEATHER,
    ask,
    every_chat_form,
    every_form,
    every_stream,
)
from llama_index_mara_minimax.conformance.rules import rule
from llama_index_mara_minimax.conformance.script import Script, http_error
from mara_minimax.emulator import CannedReply, Emulator

SWALLOWED = (ValueError, TypeError, RuntimeError, AttributeError)
"""What parts of the framework catch and turn into an empty answer."""


def _broken_streams(script: Script) -> dict[str, CannedReply]:
    half = [{"content": "Hal"}, {"content": "f"}]
    cut = script.deltas(half, None)
    cut.cut = True
    refused = CannedReply.sse(script.chunk(half[0]), script.refusal("no"))
    return {
        "without a finish reason": script.deltas(half, None),
        "connection cut": cut,
        "refused in the middle": refused,
    }


BROKEN = tuple(_broken_streams(Script()))
every_broken_stream = pytest.mark.parametrize("failure", BROKEN)


def raises(call: Callable[[], Any]) -> Exception:
    """The error of `call`, which must be of no class that the framework swallows."""
    with pytest.raises(Exception) as caught:  # noqa: PT011 - which class it is, is the question
        pytest.fail(f"No error, but {str(call())!r}.")
    assert not isinstance(caught.value, SWALLOWED), repr(caught.value)
    return caught.value


class FailureRules(Conformance):
    """What happens when the provider refuses or breaks off."""

    @rule(54, "base.llms.base:BaseLLM.chat")
    @every_form
    def test_a_refusal_inside_http_200_is_raised(
        self, form: str, llm: Any, server: Emulator
    ) -> None:
        """Gateways answer so; a reply without choices is no empty answer."""
        server.enqueue(CannedReply.json(self.script.refusal("login fail")))
        assert "login fail" in str(raises(lambda: ask(llm, form)))

    @rule(55, "response_synthesizers.refine:Refine", "async_utils:asyncio_run")
    @every_form
    @pytest.mark.parametrize("status", [400, 401, 429, 500])
    def test_a_refusal_by_status_is_raised(
        self, status: int, form: str, llm: Any, server: Emulator
    ) -> None:
        """The framework catches `ValueError`, `TypeError` and `RuntimeError` for its own ends."""
        server.enqueue(http_error(status, "no such luck"))
        error = raises(lambda: ask(llm, form))
        assert "no such luck" in str(error)
        assert self.api_key not in str(error)

    @rule(56, "base.llms.base:BaseLLM.stream_chat", needs=("streaming",))
    @every_stream
    @every_broken_stream
    def test_a_broken_stream_is_raised(
        self, failure: str, form: str, llm: Any, server: Emulator
    ) -> None:
        """Half an answer looks like a whole one."""
        server.enqueue(_broken_streams(self.script)[failure])
        raises(lambda: ask(llm, form))

    @rule(57, "response_synthesizers.refine:Refine.get_response")
    @pytest.mark.parametrize("mode", ["compact", "refine", "tree_summarize"])
    @pytest.mark.parametrize("failure", ["refused", *BROKEN])
    def test_a_query_engine_raises_instead_of_answering_emptily(
        self, failure: str, mode: str, llm: Any, server: Emulator
    ) -> None:
        """What it catches ends as "Empty Response"."""
        server.enqueue(self._failure(failure))
        index = SummaryIndex([TextNode(text="Paris is the capital.")])
        streaming = failure != "refused"
        engine = index.as_query_engine(llm=llm, response_mode=mode, streaming=streaming)
        raises(lambda: str(engine.query("Capital?")))

    @rule(58, "chat_engine.types:StreamingAgentChatResponse", needs=("async",))
    @pytest.mark.parametrize("failure", ["refused", *BROKEN])
    def test_a_chat_engine_raises(self, failure: str, llm: Any, server: Emulator) -> None:
        """The streaming response raises what its thread caught."""
        server.enqueue(self._failure(failure))
        engine = SimpleChatEngine.from_defaults(llm=llm)

        async def chat() -> str:
            # The streaming response hides errors of its thread; the plain one does not.
            return str(await engine.achat("Hi"))

        if failure == "refused":
            raises(lambda: asyncio.run(chat()))
        else:
            raises(lambda: "".join((engine.stream_chat("Hi")).response_gen))

    @rule(59, "agent.workflow.function_agent:FunctionAgent", needs=("tools", "async", "streaming"))
    @pytest.mark.parametrize("failure", ["refused", *BROKEN])
    def test_a_function_agent_raises(self, failure: str, llm: Any, server: Emulator) -> None:
        """A stream without chunks ends as an empty answer."""
        server.enqueue(self._failure(failure))
        agent = FunctionAgent(llm=llm, tools=[WEATHER])

        async def run() -> str:
            return str(await agent.run("Hi"))

        raises(lambda: asyncio.run(run()))

    @rule(60, "base.llms.base:BaseLLM.chat")
    @every_form
    def test_three_retries_are_four_requests_at_most(
        self, form: str, build: Callable[..., Any], server: Emulator
    ) -> None:
        """One owner of retries: those of an SDK and of a decorator multiply."""
        llm = build(max_retries=3)
        for _ in range(14):
            server.enqueue(http_error(500, "try again"))
        raises(lambda: ask(llm, form))
        assert len(server.requests) <= 4

    @rule(61, "base.llms.types:VideoBlock", "response_synthesizers.refine:Refine")
    @every_chat_form
    def test_content_that_the_model_does_not_take_is_an_error_that_is_not_swallowed(
        self, form: str, llm: Any, server: Emulator
    ) -> None:
        """Without its content, the model answers a question that nobody asked."""
        if self.unsupported_block is None:
            pytest.skip("unsupported_block is None")
        message = ChatMessage(role="user", blocks=[self.unsupported_block])
        raises(lambda: ask(llm, form, [message]))
        assert server.requests == []

    def _failure(self, name: str) -> CannedReply:
        if name == "refused":
            return CannedReply.json(self.script.refusal("login fail"))
        return _broken_streams(self.script)[name]
