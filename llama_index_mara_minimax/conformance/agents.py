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

from llama_index_mara_minimax.conformance.base import Conformance
from llama_index_mara_minimax.conformance.forms import THOUGHT, WEATHER, ask
from llama_index_mara_minimax.conformance.rules import rule
from llama_index_mara_minimax.conformance.script import Call, Turn
from mara_minimax.emulator import Emulator

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

    def _check_second_turn(self, messages: list[dict[str, Any]]) -> None:
        """The turn that called goes back with its thought, and its result follows."""
        turn, result = messages
        assert self.script.echoed_thought(turn) == THOUGHT
        assert turn["tool_calls"][0]["function"]["name"] == "get_weather"
        assert json.loads(turn["tool_calls"][0]["function"]["arguments"]) == {"city": "Oslo"}
        assert {name: result[name] for name in WORDS} == WORDS

    @rule(45, "agent.workflow.function_agent:FunctionAgent.take_step", needs=("tools", "async"))
    @plain_and_streaming
    def test_a_function_agent_answers_with_text(
        self, stream: bool, llm: Any, server: Emulator
    ) -> None:
        """A tool call and its result end in the answer."""
        self.say(server, CALLING, stream=stream)
        self.say(server, FINAL, stream=stream)
        agent = FunctionAgent(llm=llm, tools=[WEATHER], streaming=stream)
        assert str(_run(agent, "Weather?")) == "It rains."
        assert len(server.requests) == 2

    @rule(
        46,
        "agent.workflow.function_agent:FunctionAgent.take_step",
        "base.llms.types:ThinkingBlock",
        needs=("tools", "async", "reasoning_return"),
    )
    @plain_and_streaming
    def test_the_second_request_of_an_agent_carries_the_thought(
        self, stream: bool, llm: Any, server: Emulator
    ) -> None:
        """Interleaved thinking goes on from it; the agent's scratchpad holds the block."""
        self.say(server, CALLING, stream=stream)
        self.say(server, FINAL, stream=stream)
        _run(FunctionAgent(llm=llm, tools=[WEATHER], streaming=stream), "Weather?")
        self._check_second_turn(server.last_body["messages"][-2:])

    @rule(47, "memory.memory:Memory", needs=("tools", "async", "reasoning_return"))
    @plain_and_streaming
    def test_the_thought_survives_an_sql_memory(
        self, stream: bool, llm: Any, server: Emulator
    ) -> None:
        """Memory stores messages as JSON in SQL."""
        agent = FunctionAgent(llm=llm, tools=[WEATHER], streaming=stream)
        for turn in (CALLING, FINAL, FINAL):
            self.say(server, turn, stream=stream)

        async def two_questions() -> None:
            memory = Memory.from_defaults(session_id="s", token_limit=40_000)
            await agent.run("Weather?", memory=memory)
            await agent.run("And now?", memory=memory)

        asyncio.run(two_questions())
        self._check_second_turn(server.last_body["messages"][1:3])

    @rule(48, "base.llms.types:ChatMessage", needs=("tools", "reasoning_return"))
    @plain_and_streaming
    def test_the_thought_survives_json(self, stream: bool, llm: Any, server: Emulator) -> None:
        """Contexts of workflows are stored as JSON."""
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
        self._check_second_turn(server.last_body["messages"][-2:])

    @rule(49, "agent.react.output_parser:ReActOutputParser.parse", needs=("async",))
    @plain_and_streaming
    def test_a_react_agent_sees_no_thought(self, stream: bool, llm: Any, server: Emulator) -> None:
        """It reads what follows "Action:" and "Answer:" in the text."""
        turn = Turn(text="Thought: I know it.\nAnswer: It rains.", thought=THOUGHT)
        self.say(server, turn, stream=stream)
        agent = ReActAgent(llm=llm, tools=[WEATHER], streaming=stream)
        assert str(_run(agent, "Weather?")) == "It rains."
        assert len(server.requests) == 1

    @rule(
        50,
        "agent.workflow.base_agent:BaseWorkflowAgent",
        "base.llms.types:MessageRole",
        needs=("tools",),
    )
    @pytest.mark.parametrize("name", HISTORIES)
    def test_histories_of_the_framework_are_accepted_by_the_provider(
        self, name: str, llm: Any, server: Emulator
    ) -> None:
        """Agents, memories and cut replies make these histories."""
        self.say(server, FINAL, stream=False)
        ask(llm, "chat", HISTORIES[name], tools=[WEATHER.metadata.to_openai_tool()])
        self.check_request(server.last_body)

    @rule(51, "response_synthesizers.refine:Refine")
    def test_a_query_engine_answers_with_text(self, llm: Any, server: Emulator) -> None:
        """A thought in the text is part of the answer."""
        self.say(server, Turn(text="It is Paris.", thought=THOUGHT), stream=False)
        engine = SummaryIndex([TextNode(text="Paris is the capital.")]).as_query_engine(llm=llm)
        assert str(engine.query("Capital?")) == "It is Paris."

    @rule(52, "evaluation.faithfulness:FaithfulnessEvaluator.aevaluate")
    def test_the_no_of_an_evaluator_stays_no(self, llm: Any, server: Emulator) -> None:
        """The whole text is searched for "yes"."""
        for _ in range(3):
            self.say(server, Turn(text="NO", thought=THOUGHT), stream=False)
        result = FaithfulnessEvaluator(llm=llm).evaluate(response="x", contexts=["y"])
        assert result.passing is False

    @rule(
        53,
        "selectors.llm_selectors:LLMSingleSelector",
        "output_parsers.selection:SelectionOutputParser.parse",
    )
    def test_a_selector_picks(self, llm: Any, server: Emulator) -> None:
        """JSON is looked for between the first and the last bracket of the text."""
        text = '[{"choice": 2, "reason": "Norway"}]'
        self.say(server, Turn(text=text, thought=THOUGHT), stream=False)
        choices = [ToolMetadata("about France", name="a"), ToolMetadata("about Norway", name="b")]
        assert LLMSingleSelector.from_defaults(llm=llm).select(choices, "Oslo?").ind == 1


def _run(agent: Any, question: str) -> Any:
    async def run() -> Any:
        # An agent that reads no answer asks on and on.
        return await agent.run(question, max_iterations=4)

    return asyncio.run(run())
