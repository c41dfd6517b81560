"""Rules about streams."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

from llama_index.core.base.llms.types import ChatMessage, TextBlock

from llama_index_mara_minimax.conformance.base import Conformance
from llama_index_mara_minimax.conformance.forms import (
    THOUGHT,
    WEATHER,
    ask,
    drain,
    every_chat_stream,
    every_stream,
    text_of,
    thought_of,
)
from llama_index_mara_minimax.conformance.rules import rule
from llama_index_mara_minimax.conformance.script import Call, Turn
from mara_minimax.emulator import Emulator

TURN = Turn(text="It is Paris, as everyone knows.", thought=THOUGHT)


class StreamRules(Conformance):
    """What every chunk must carry, and how a stream ends."""

    @rule(
        16,
        "llms.llm:stream_chat_response_to_tokens",
        "chat_engine.types:StreamingAgentChatResponse.write_response_to_history",
        needs=("streaming",),
    )
    @every_stream
    def test_deltas_join_to_the_answer(self, form: str, llm: Any, server: Emulator) -> None:
        """Chat engines print the deltas and store what they join to."""
        self.say(server, TURN, stream=True)
        assert "".join(chunk.delta or "" for chunk in ask(llm, form)) == TURN.text

    @rule(
        17,
        "agent.workflow.function_agent:FunctionAgent",
        "base.llms.types:CompletionResponse",
        needs=("streaming",),
    )
    @every_stream
    def test_each_chunk_carries_the_text_so_far(
        self, form: str, llm: Any, server: Emulator
    ) -> None:
        """Agents show `message.content` of each chunk as the response."""
        self.say(server, TURN, stream=True)
        so_far = ""
        for chunk in ask(llm, form):
            so_far += chunk.delta or ""
            assert text_of(chunk) == so_far

    @rule(18, "base.llms.types:ChatMessage.content", needs=("streaming",))
    @every_chat_stream
    def test_each_chunk_has_one_text_block_at_most(
        self, form: str, llm: Any, server: Emulator
    ) -> None:
        """`content` joins text blocks with line breaks."""
        self.say(server, TURN, stream=True)
        for chunk in ask(llm, form):
            assert sum(isinstance(block, TextBlock) for block in chunk.message.blocks) <= 1

    @rule(
        19,
        "agent.workflow.workflow_events:AgentStream",
        "agent.workflow.function_agent:FunctionAgent",
        needs=("reasoning", "streaming"),
    )
    @every_chat_stream
    def test_thinking_deltas_stand_where_agents_read_them(
        self, form: str, llm: Any, server: Emulator
    ) -> None:
        """Agents stream `response.additional_kwargs["thinking_delta"]`."""
        self.say(server, TURN, stream=True)
        chunks = ask(llm, form)
        thoughts = [chunk.additional_kwargs.get("thinking_delta") or "" for chunk in chunks]
        assert "".join(thoughts).strip() == THOUGHT
        assert sum(map(bool, thoughts)) > 1

    @rule(
        20,
        "agent.workflow.function_agent:FunctionAgent.take_step",
        needs=("reasoning", "streaming"),
    )
    @every_chat_stream
    def test_no_chunk_loses_the_thought_again(self, form: str, llm: Any, server: Emulator) -> None:
        """The last chunk is what goes to the memory."""
        self.say(server, TURN, stream=True)
        lengths = [len(thought_of(chunk)) for chunk in ask(llm, form)]
        assert lengths == sorted(lengths)
        assert lengths[-1] >= len(THOUGHT)

    @rule(
        21,
        "llms.callbacks:llm_chat_callback",
        "instrumentation.events.llm:LLMChatInProgressEvent",
        needs=("tools", "streaming"),
    )
    @every_chat_stream
    def test_earlier_chunks_do_not_change_when_later_ones_come(
        self, form: str, llm: Any, server: Emulator
    ) -> None:
        """Events keep chunks, and readers compare them."""
        self.say(server, Turn(calls=[Call("get_weather", '{"city": "Oslo"}')]), stream=True)
        seen: list[tuple[Any, str]] = []

        def watch(chunk: Any) -> None:
            seen.append((chunk, chunk.message.model_dump_json()))

        async def watch_async() -> None:
            async for chunk in await llm.astream_chat_with_tools([WEATHER], user_msg="Hi"):
                watch(chunk)

        if form == "astream_chat":
            asyncio.run(watch_async())
        else:
            for chunk in llm.stream_chat_with_tools([WEATHER], user_msg="Hi"):
                watch(chunk)
        assert [chunk.message.model_dump_json() for chunk, _ in seen] == [text for _, text in seen]

    @rule(
        22,
        "base.llms.base:BaseLLM.stream_chat",
        "base.llms.base:BaseLLM.astream_chat",
        needs=("streaming", "async"),
    )
    def test_sync_and_async_streams_are_equal(self, llm: Any, server: Emulator) -> None:
        """Engines choose between them by how they are asked."""
        streams = []
        for form in ("stream_chat", "astream_chat"):
            self.say(server, TURN, stream=True)
            streams.append([(chunk.delta or "", text_of(chunk)) for chunk in ask(llm, form)])
        assert streams[0] == streams[1]

    @rule(23, "agent.workflow.function_agent:FunctionAgent.take_step", needs=("streaming",))
    def test_stream_and_plain_reply_end_in_the_same_message(
        self, llm: Any, server: Emulator
    ) -> None:
        """Agents take either for the turn, as `streaming` says."""
        messages = []
        for form in ("chat", "stream_chat"):
            self.say(server, TURN, stream=form == "stream_chat")
            response = ask(llm, form)[-1]
            messages.append((text_of(response), thought_of(response)))
        assert messages[0] == messages[1]

    @rule(24, "llms.llm:LLM.stream", "llms.llm:LLM.astream", needs=("streaming", "async"))
    def test_predict_streams_text_alone(self, llm: Any, server: Emulator) -> None:
        """Streaming synthesizers give these tokens to the user."""
        from llama_index.core.prompts import PromptTemplate

        for form in ("stream", "astream"):
            self.say(server, TURN, stream=True)
            tokens = drain(form, getattr(llm, form), PromptTemplate("Hi"))
            assert "".join(tokens) == TURN.text

    @rule(25, "llms.callbacks:llm_chat_callback", needs=("streaming",))
    @every_chat_stream
    def test_an_abandoned_stream_is_closed_at_the_server(
        self, form: str, llm: Any, server: Emulator
    ) -> None:
        """A generator that is closed ends its call; what the model writes on is paid for."""
        reply = self.script.deltas([{"content": f"word{i} "} for i in range(200)], "stop")
        reply.delay = 0.02
        server.enqueue(reply)
        messages = [ChatMessage(role="user", content="Hi")]

        async def abandon() -> None:
            stream = await llm.astream_chat(messages)
            await anext(stream)
            await stream.aclose()
            # The server learns of it while the loop still runs.
            await asyncio.to_thread(server.requests[-1].wait_finished, 2)

        if form == "astream_chat":
            asyncio.run(abandon())
        else:
            stream = llm.stream_chat(messages)
            assert inspect.isgenerator(stream)
            next(stream)
            stream.close()
        request = server.requests[-1]
        assert request.wait_finished()
        assert request.disconnected, "the connection of the stream stays open"
        assert request.chunks_sent < 60
