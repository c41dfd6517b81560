"""Rules about the eight forms of a call."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from llama_index.core.base.llms.types import (
    CacheControl,
    CachePoint,
    ChatMessage,
    CitableBlock,
    TextBlock,
    ThinkingBlock,
)
from llama_index.core.callbacks import CallbackManager, TokenCountingHandler
from llama_index.core.llms import LLM
from llama_index.core.llms.function_calling import FunctionCallingLLM

from llama_index_mara_minimax.conformance.base import Conformance
from llama_index_mara_minimax.conformance.forms import (
    THOUGHT,
    ask,
    every_chat_form,
    every_form,
    text_of,
    thought_of,
)
from llama_index_mara_minimax.conformance.rules import rule
from llama_index_mara_minimax.conformance.script import USAGE, Turn
from mara_minimax.emulator import Emulator

TURN = Turn(text="It is Paris,\nin France.", thought=THOUGHT)


class CallRules(Conformance):
    """What every form of a call must do."""

    @rule(1, "llms.utils:resolve_llm", "llms.function_calling:FunctionCallingLLM")
    def test_it_is_an_llm_of_the_framework(self, llm: Any) -> None:
        """Engines take nothing else, and agents ask for the base class that calls functions."""
        assert isinstance(llm, LLM)
        assert not self.has_tools or isinstance(llm, FunctionCallingLLM)

    @rule(2, "base.llms.base:BaseLLM.metadata", "base.llms.base:BaseLLM.to_payload")
    def test_building_it_and_asking_for_metadata_sends_nothing(
        self, llm: Any, server: Emulator
    ) -> None:
        """Both are asked for several times in each call, also where no network is."""
        assert llm.metadata.model_name
        assert llm.to_payload()
        assert server.requests == []

    @rule(3, "base.llms.types:LLMMetadata", "indices.prompt_helper:PromptHelper.from_llm_metadata")
    def test_metadata_leaves_room_for_prompt_and_answer(self, llm: Any) -> None:
        """What is left of the window after `num_output` is what retrieved text may take."""
        metadata = llm.metadata
        assert metadata.is_chat_model
        assert metadata.is_function_calling_model == self.has_tools
        assert 1024 <= metadata.num_output <= metadata.context_window // 4

    @rule(4, "base.llms.base:BaseLLM.astream_chat")
    def test_async_streams_are_coroutines_of_generators(self, llm: Any) -> None:
        """Callers write `async for chunk in await llm.astream_chat(...)`."""
        for form in ("astream_chat", "astream_complete"):
            assert inspect.iscoroutinefunction(inspect.unwrap(getattr(llm, form)))

    @rule(5, "llms.llm:LLM.predict")
    @every_form
    def test_every_form_gives_the_answer_without_the_thought(
        self, form: str, llm: Any, server: Emulator
    ) -> None:
        """Parsers, evaluators and indexes read the text as the answer."""
        self.say(server, TURN, stream="stream" in form)
        assert text_of(ask(llm, form)[-1]) == TURN.text

    @rule(6, "base.llms.base:BaseLLM.chat", "base.llms.base:BaseLLM.complete")
    @every_form
    def test_every_form_makes_one_request(self, form: str, llm: Any, server: Emulator) -> None:
        """A call is one turn of the model."""
        self.say(server, TURN, stream="stream" in form)
        ask(llm, form)
        assert len(server.requests) == 1

    @rule(7, "base.llms.types:ThinkingBlock", needs=("reasoning",))
    @every_chat_form
    def test_the_thought_is_one_block_of_the_message(
        self, form: str, llm: Any, server: Emulator
    ) -> None:
        """It is the framework's place for reasoning, which memories keep."""
        self.say(server, TURN, stream="stream" in form)
        response = ask(llm, form)[-1]
        assert thought_of(response).strip() == THOUGHT
        assert sum(isinstance(b, ThinkingBlock) for b in response.message.blocks) == 1

    @rule(8, "base.llms.types:ChatMessage.content", "llms.llm:LLM.predict")
    @every_form
    def test_an_empty_answer_is_empty_text(self, form: str, llm: Any, server: Emulator) -> None:
        """`None` is no text to join, and a word such as "None" is no answer."""
        self.say(server, Turn(), stream="stream" in form)
        last = ask(llm, form)[-1]
        assert text_of(last) == ""
        assert last.delta in (None, "")

    @rule(9, "callbacks.token_counting:get_tokens_from_response")
    @every_form
    def test_the_last_response_has_the_usage_of_the_provider(
        self, form: str, llm: Any, server: Emulator
    ) -> None:
        """Counters read it there and estimate it where it is missing."""
        self.say(server, TURN, stream="stream" in form)
        raw = dict(ask(llm, form)[-1].raw)
        usage = raw["usage"] if isinstance(raw["usage"], dict) else raw["usage"].model_dump()
        assert {name: usage[name] for name in USAGE} == USAGE

    @rule(10, "callbacks.token_counting:get_tokens_from_response")
    @every_chat_form
    def test_usage_is_asked_for_on_streams(self, form: str, llm: Any, server: Emulator) -> None:
        """OpenAI sends it on streams that ask for it, and takes the option on no other call."""
        self.say(server, TURN, stream="stream" in form)
        ask(llm, form)
        options = server.last_body.get("stream_options")
        assert options == ({"include_usage": True} if "stream" in form else None)

    @rule(
        11,
        "callbacks.token_counting:TokenCountingHandler",
        "llms.callbacks:llm_completion_callback",
    )
    @every_form
    def test_each_call_is_counted_once_with_the_numbers_of_the_provider(
        self, form: str, build: Callable[..., Any], server: Emulator
    ) -> None:
        """A completion that calls a decorated chat counts twice."""
        counter = TokenCountingHandler(tokenizer=str.split)
        llm = build(callback_manager=CallbackManager([counter]))
        self.say(server, TURN, stream="stream" in form)
        ask(llm, form)
        counts = (counter.prompt_llm_token_count, counter.completion_llm_token_count)
        assert counts == (USAGE["prompt_tokens"], USAGE["completion_tokens"])

    @rule(12, "base.llms.base:BaseLLM.chat")
    @every_form
    def test_a_parameter_of_the_call_wins_over_the_constructor(
        self, form: str, build: Callable[..., Any], server: Emulator
    ) -> None:
        """Every method hands `kwargs` on to the model."""
        self.say(server, TURN, stream="stream" in form)
        ask(build(max_tokens=100, temperature=0.7), form, max_tokens=50, temperature=0.2)
        body = server.last_body
        assert body["temperature"] == 0.2
        assert body.get("max_completion_tokens", body.get("max_tokens")) == 50

    @rule(13, "async_utils:asyncio_run")
    @every_form
    def test_two_event_loops_in_a_row_work(self, form: str, llm: Any, server: Emulator) -> None:
        """The sync methods of engines run each async call in a loop of its own."""
        for _ in range(2):
            self.say(server, TURN, stream="stream" in form)
            assert text_of(ask(llm, form)[-1]).endswith(TURN.text)

    @rule(14, "base.llms.types:CachePoint", "base.llms.types:CitableBlock")
    @every_chat_form
    def test_cache_points_break_nothing_and_citable_text_is_sent(
        self, form: str, llm: Any, server: Emulator
    ) -> None:
        """They are blocks of the framework that any message may hold."""
        citable = CitableBlock(title="Atlas", source="1", content=[TextBlock(text="of France")])
        point = CachePoint(cache_control=CacheControl(type="ephemeral"))
        message = ChatMessage(role="user", blocks=[TextBlock(text="Capital"), citable, point])
        self.say(server, TURN, stream="stream" in form)
        ask(llm, form, [message])
        assert "of France" in str(server.last_body["messages"])

    @rule(15, "memory.memory:BaseMemoryBlock.aput")
    @every_chat_form
    def test_foreign_keys_of_a_message_are_not_sent(
        self, form: str, llm: Any, server: Emulator
    ) -> None:
        """Memory blocks write `session_id` into `additional_kwargs`."""
        message = ChatMessage(role="user", content="Hi", additional_kwargs={"session_id": "s"})
        self.say(server, TURN, stream="stream" in form)
        ask(llm, form, [message])
        (sent,) = server.last_body["messages"]
        assert sent.keys() == {"role", "content"}
