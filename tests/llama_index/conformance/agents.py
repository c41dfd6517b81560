"""Rules about agents, memories and the parts that read text."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from llama_index.core import SummaryIndex
from llama_index.core.agent.workflow import FunctionAgent, ReActAgent
from llama_index.core.base.llms.types import ChatMessage, ToolCallBlock
from llama_index.core.evaluation import FaithfulnessEvaluator
from llama_index.core.memory import Memory
from llama_index.core.schema import TextNode
from llama_index.core.selectors import LLMSingleSelector
from llama_index.core.tools import ToolMetadata

from mara_minimax.emulator import Emulator
from tests.llama_index.conformance.base import THOUGHT, WEATHER, Conformance, ask
from tests.llama_index.conformance.script import Call, Turn

CALLING = Turn(thought=THOUGHT, calls=[Call("get_weather", '{"city": "Oslo"}')])
FINAL = Turn(text="It rains.", thought="Done.")
WORDS = {"role": "tool", "tool_call_id": "call_1", "content": "Rain in Oslo."}

plain_and_streaming = pytest.mark.parametrize("stream", [False, True], ids=["plain", "streaming"])


def _user(text: str) -> ChatMessage:
    return ChatMessage(role="user", content=text)


def _calling(arguments: str = '{"city": "Oslo"}') -> ChatMessage:
    block = ToolCallBlock(tool_call_id="call_1", tool_name="get_weather", tool_kwargs=arguments)
    return ChatMessage(role="assistant", blocks=[block])


def _result() -> ChatMessage:
    kwargs = {"tool_call_id": "call_1"}
    return ChatMessage(role="tool", content="Rain.", additional_kwargs=kwargs)


HISTORIES: dict[str, list[ChatMessage]] = {
    "two system messages": [
        ChatMessage(role="system", content="A."),
        ChatMessage(role="system", content="B."),
        _user("Hi"),
    ],
    "a trailing system message": [_user("Hi"), ChatMessage(role="system", content="Finish.")],
    "an unanswered call": [_user("Hi"), _calling(), _user("And now?")],
    "a result without a call": [_user("Hi"), _result(), _user("And now?")],
    "arguments that were cut": [_user("Hi"), _calling('{"city": "Os'), _result()],
    "the role chatbot": [_user("Hi"), ChatMessage(role="chatbot", content="A"), _user("B")],
    "the role developer": [ChatMessage(role="developer", content="A."), _user("Hi")],
}


class AgentRules(Conformance):
    """What agents, memories and readers of text need."""

    def check_second_turn(self, server: Emulator, messages: list[dict[str, Any]]) -> None:
        """The turn that called goes back with its thought, and its result follows."""
        turn, result = messages
        assert self.script.echoed_thought(turn) == THOUGHT
        assert turn["tool_calls"][0]["function"]["name"] == "get_weather"
        assert json.loads(turn["tool_calls"][0]["function"]["arguments"]) == {"city": "Oslo"}
        assert {name: result[name] for name in WORDS} == WORDS

    @plain_and_streaming
    def test_a_function_agent_answers_with_text(
        self, stream: bool, llm: Any, server: Emulator
    ) -> None:
        self.say(server, CALLING, stream=stream)
        self.say(server, FINAL, stream=stream)
        agent = FunctionAgent(llm=llm, tools=[WEATHER], streaming=stream)
        assert str(_run(agent, "Weather?")) == "It rains."
        assert len(server.requests) == 2

    @plain_and_streaming
    def test_the_second_request_of_an_agent_carries_the_thought(
        self, stream: bool, llm: Any, server: Emulator
    ) -> None:
        self.say(server, CALLING, stream=stream)
        self.say(server, FINAL, stream=stream)
        _run(FunctionAgent(llm=llm, tools=[WEATHER], streaming=stream), "Weather?")
        self.check_second_turn(server, server.last_body["messages"][-2:])

    @plain_and_streaming
    def test_the_thought_survives_an_sql_memory(
        self, stream: bool, llm: Any, server: Emulator
    ) -> None:
        agent = FunctionAgent(llm=llm, tools=[WEATHER], streaming=stream)
        for turn in (CALLING, FINAL, FINAL):
            self.say(server, turn, stream=stream)

        async def two_questions() -> None:
            memory = Memory.from_defaults(session_id="s", token_limit=40_000)
            await agent.run("Weather?", memory=memory)
            await agent.run("And now?", memory=memory)

        asyncio.run(two_questions())
        self.check_second_turn(server, server.last_body["messages"][1:3])

    @plain_and_streaming
    def test_the_thought_survives_json(self, stream: bool, llm: Any, server: Emulator) -> None:
        self.say(server, CALLING, stream=stream)
        ask_tools = llm.stream_chat_with_tools if stream else llm.chat_with_tools
        response = ask_tools([WEATHER], user_msg="Weather?")
        last = list(response)[-1] if stream else response
        turn = ChatMessage.model_validate_json(last.message.model_dump_json())
        result = ChatMessage(
            role="tool", content=WORDS["content"], additional_kwargs={"tool_call_id": "call_1"}
        )
        self.say(server, FINAL, stream=False)
        llm.chat_with_tools([WEATHER], chat_history=[_user("Weather?"), turn, result])
        self.check_second_turn(server, server.last_body["messages"][-2:])

    @plain_and_streaming
    def test_a_react_agent_sees_no_thought(self, stream: bool, llm: Any, server: Emulator) -> None:
        turn = Turn(text="Thought: I know it.\nAnswer: It rains.", thought=THOUGHT)
        self.say(server, turn, stream=stream)
        agent = ReActAgent(llm=llm, tools=[WEATHER], streaming=stream)
        assert str(_run(agent, "Weather?")) == "It rains."
        assert len(server.requests) == 1

    @pytest.mark.parametrize("name", HISTORIES)
    def test_histories_of_the_framework_are_accepted_by_the_provider(
        self, name: str, llm: Any, server: Emulator
    ) -> None:
        # Nothing is scripted: the server checks the request as strictly as its provider.
        assert ask(llm, "chat", HISTORIES[name], tools=[WEATHER.metadata.to_openai_tool()])
        assert server.requests[-1].status == 200

    def test_a_query_engine_answers_with_text(self, llm: Any, server: Emulator) -> None:
        self.say(server, Turn(text="It is Paris.", thought=THOUGHT), stream=False)
        engine = SummaryIndex([TextNode(text="Paris is the capital.")]).as_query_engine(llm=llm)
        assert str(engine.query("Capital?")) == "It is Paris."

    def test_the_no_of_an_evaluator_stays_no(self, llm: Any, server: Emulator) -> None:
        for _ in range(3):
            self.say(server, Turn(text="NO", thought=THOUGHT), stream=False)
        result = FaithfulnessEvaluator(llm=llm).evaluate(response="x", contexts=["y"])
        assert result.passing is False

    def test_a_selector_picks(self, llm: Any, server: Emulator) -> None:
        text = '[{"choice": 2, "reason": "Norway"}]'
        self.say(server, Turn(text=text, thought=THOUGHT), stream=False)
        choices = [ToolMetadata("about France", name="a"), ToolMetadata("about Norway", name="b")]
        assert LLMSingleSelector.from_defaults(llm=llm).select(choices, "Oslo?").ind == 1


def _run(agent: Any, question: str) -> Any:
    async def run() -> Any:
        return await agent.run(question)

    return asyncio.run(run())
