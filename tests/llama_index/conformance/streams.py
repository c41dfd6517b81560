"""Rules about streams."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

from llama_index.core.base.llms.types import ChatMessage, TextBlock

from mara_minimax.emulator import Emulator
from tests.llama_index.conformance.base import (
    THOUGHT,
    WEATHER,
    Conformance,
    ask,
    drain,
    every_chat_stream,
    every_stream,
    text_of,
    thought_of,
)
from tests.llama_index.conformance.script import Call, Turn

TURN = Turn(text="It is Paris, as everyone knows.", thought=THOUGHT)


class StreamRules(Conformance):
    """What every chunk must carry, and how a stream ends."""

    @every_stream
    def test_deltas_join_to_the_answer(self, form: str, llm: Any, server: Emulator) -> None:
        self.say(server, TURN, stream=True)
        assert "".join(chunk.delta or "" for chunk in ask(llm, form)) == TURN.text

    @every_stream
    def test_each_chunk_carries_the_text_so_far(
        self, form: str, llm: Any, server: Emulator
    ) -> None:
        self.say(server, TURN, stream=True)
        so_far = ""
        for chunk in ask(llm, form):
            so_far += chunk.delta or ""
            assert text_of(chunk) == so_far

    @every_chat_stream
    def test_each_chunk_has_one_text_block_at_most(
        self, form: str, llm: Any, server: Emulator
    ) -> None:
        self.say(server, TURN, stream=True)
        for chunk in ask(llm, form):
            assert sum(isinstance(block, TextBlock) for block in chunk.message.blocks) <= 1

    @every_chat_stream
    def test_thinking_deltas_stand_where_agents_read_them(
        self, form: str, llm: Any, server: Emulator
    ) -> None:
        self.say(server, TURN, stream=True)
        chunks = ask(llm, form)
        thoughts = [chunk.additional_kwargs.get("thinking_delta") or "" for chunk in chunks]
        assert "".join(thoughts).strip() == THOUGHT
        assert sum(map(bool, thoughts)) > 1

    @every_chat_stream
    def test_no_chunk_loses_the_thought_again(self, form: str, llm: Any, server: Emulator) -> None:
        self.say(server, TURN, stream=True)
        lengths = [len(thought_of(chunk)) for chunk in ask(llm, form)]
        assert lengths == sorted(lengths)
        assert lengths[-1] >= len(THOUGHT)

    @every_chat_stream
    def test_earlier_chunks_do_not_change_when_later_ones_come(
        self, form: str, llm: Any, server: Emulator
    ) -> None:
        self.say(server, Turn(calls=[Call("get_weather", '{"city": "Oslo"}')]), stream=True)
        seen: list[tuple[Any, str]] = []

        async def watch_async() -> None:
            stream = await llm.astream_chat_with_tools([WEATHER], user_msg="Hi")
            async for chunk in stream:
                seen.append((chunk, chunk.message.model_dump_json()))

        if form == "astream_chat":
            asyncio.run(watch_async())
        else:
            for chunk in llm.stream_chat_with_tools([WEATHER], user_msg="Hi"):
                seen.append((chunk, chunk.message.model_dump_json()))
        assert [chunk.message.model_dump_json() for chunk, _ in seen] == [text for _, text in seen]

    def test_sync_and_async_streams_are_equal(self, llm: Any, server: Emulator) -> None:
        streams = []
        for form in ("stream_chat", "astream_chat"):
            self.say(server, TURN, stream=True)
            streams.append([(chunk.delta or "", text_of(chunk)) for chunk in ask(llm, form)])
        assert streams[0] == streams[1]

    def test_stream_and_plain_reply_end_in_the_same_message(
        self, llm: Any, server: Emulator
    ) -> None:
        messages = []
        for form in ("chat", "stream_chat"):
            self.say(server, TURN, stream=form == "stream_chat")
            response = ask(llm, form)[-1]
            messages.append((text_of(response), thought_of(response)))
        assert messages[0] == messages[1]

    def test_predict_streams_text_alone(self, llm: Any, server: Emulator) -> None:
        from llama_index.core.prompts import PromptTemplate

        for form in ("stream", "astream"):
            self.say(server, TURN, stream=True)
            tokens = drain(form, getattr(llm, form), PromptTemplate("Hi"))
            assert "".join(tokens) == TURN.text

    @every_chat_stream
    def test_an_abandoned_stream_is_closed_at_the_server(
        self, form: str, llm: Any, server: Emulator
    ) -> None:
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
        assert request.disconnected
        assert request.chunks_sent < 60
