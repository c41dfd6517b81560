"""Agents and workflows of agents: they act on what the model says and on no thought."""

import asyncio
import json
from typing import Any

import pytest
from llama_index.core.agent.workflow import (
    AgentStream,
    AgentWorkflow,
    CodeActAgent,
    FunctionAgent,
    ReActAgent,
)
from llama_index.core.tools import FunctionTool
from llama_index.core.workflow import (
    Context,
    HumanResponseEvent,
    InputRequiredEvent,
    JsonPickleSerializer,
)
from pydantic import BaseModel

from mara_minimax.emulator import ToolCall
from tests.ecosystem.conftest import HEADER, KEY

QUESTION = "How is the weather in Oslo?"
ANSWER = "It rains in Oslo."


@pytest.fixture(params=[False, True], ids=["plain", "streaming"])
def streaming(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def get_weather(city: str) -> str:
    """Say what the weather is in a city."""
    return f"Rain in {city}."


def weather_in(city: str) -> ToolCall:
    return ToolCall("get_weather", {"city": city})


def run(agent: Any, question: str = QUESTION) -> tuple[Any, list[Any]]:
    """Run `agent` in a loop of its own; returns its output and all events."""

    async def ask() -> tuple[Any, list[Any]]:
        handler = agent.run(question)
        events = [event async for event in handler.stream_events()]
        return await handler, events

    return asyncio.run(ask())


def streamed(events: list[Any]) -> str:
    return "".join(event.delta for event in events if isinstance(event, AgentStream))


def test_a_function_agent_calls_its_tool_and_answers(
    llm: Any, says: Any, prompts: Any, streaming: bool
) -> None:
    says(weather_in("Oslo"), ANSWER)
    agent = FunctionAgent(llm=llm, tools=[get_weather], streaming=streaming)
    output, events = run(agent)
    assert output.response.content == ANSWER
    assert prompts() == [QUESTION, "Rain in Oslo."]
    assert streamed(events).strip() == (ANSWER if streaming else "")


def test_a_function_agent_runs_the_calls_of_a_turn_together(llm: Any, says: Any) -> None:
    says([weather_in("Oslo"), weather_in("Bergen")], "It rains in both.")
    output, _ = run(FunctionAgent(llm=llm, tools=[get_weather]))
    assert output.response.content == "It rains in both."
    assert sorted(call.tool_output.content for call in output.tool_calls) == [
        "Rain in Bergen.",
        "Rain in Oslo.",
    ]


def test_a_function_agent_fills_an_output_class(llm: Any, says: Any) -> None:
    class Report(BaseModel):
        rain: bool

    says(ANSWER, ToolCall("Report", {"rain": True}))
    output, _ = run(FunctionAgent(llm=llm, tools=[get_weather], output_cls=Report))
    assert output.get_pydantic_model(Report) == Report(rain=True)


def test_a_react_agent_follows_what_is_said(
    llm: Any, says: Any, prompts: Any, streaming: bool
) -> None:
    says(
        'Thought: I look.\nAction: get_weather\nAction Input: {"city": "Oslo"}',
        f"Thought: I know.\nAnswer: {ANSWER}",
    )
    output, _ = run(ReActAgent(llm=llm, tools=[get_weather], streaming=streaming))
    assert output.response.content.strip() == ANSWER
    assert prompts() == [QUESTION, "Observation: Rain in Oslo."]


def test_a_code_act_agent_runs_the_code_that_is_said(
    llm: Any, says: Any, prompts: Any, streaming: bool
) -> None:
    ran: list[str] = []

    def execute(code: str) -> str:
        ran.append(code.strip())
        return "forty-two"

    says("I compute.\n<execute>\nprint(6 * 7)\n</execute>", "It is 42.")
    agent = CodeActAgent(code_execute_fn=execute, llm=llm, streaming=streaming)
    output, _ = run(agent, "6 times 7?")
    assert output.response.content.strip() == "It is 42."
    assert ran == ["print(6 * 7)"]
    assert "forty-two" in prompts()[1]


def test_a_workflow_of_agents_hands_over_once(llm: Any, says: Any, emulator: Any) -> None:
    says(
        ToolCall("handoff", {"to_agent": "meteorologist", "reason": "weather"}),
        weather_in("Oslo"),
        ANSWER,
    )
    greeter = FunctionAgent(
        name="greeter",
        description="Greets.",
        system_prompt="You greet.",
        llm=llm,
        can_handoff_to=["meteorologist"],
    )
    meteorologist = FunctionAgent(
        name="meteorologist",
        description="Knows the weather.",
        system_prompt="You know the weather.",
        llm=llm,
        tools=[get_weather],
        can_handoff_to=[],
    )
    output, _ = run(AgentWorkflow(agents=[greeter, meteorologist], root_agent="greeter"))
    assert output.response.content == ANSWER
    assert output.current_agent_name == "meteorologist"
    offered = [
        sorted(tool["function"]["name"] for tool in request.body["tools"])
        for request in emulator.requests
    ]
    assert offered == [["handoff"], ["get_weather"], ["get_weather"]]


def test_a_person_is_asked_before_the_tool_goes_on(llm: Any, says: Any, prompts: Any) -> None:
    async def delete(ctx: Context, file: str) -> str:
        """Delete a file."""
        answer = await ctx.wait_for_event(
            HumanResponseEvent, waiter_event=InputRequiredEvent(prefix=f"Delete {file}?")
        )
        return f"{file} deleted." if answer.response == "yes" else f"{file} kept."

    async def ask() -> tuple[Any, list[str]]:
        agent = AgentWorkflow.from_tools_or_functions([delete], llm=llm)
        handler, asked = agent.run("Delete a.txt"), []
        async for event in handler.stream_events():
            if isinstance(event, InputRequiredEvent):
                asked.append(event.prefix)
                handler.ctx.send_event(HumanResponseEvent(response="no"))
        return await handler, asked

    says(ToolCall("delete", {"file": "a.txt"}), "I kept it.")
    output, asked = asyncio.run(ask())
    assert output.response.content == "I kept it."
    assert asked == ["Delete a.txt?"]
    assert prompts() == ["Delete a.txt", "a.txt kept."]


def test_an_agent_that_runs_out_of_turns_sums_up(llm: Any, says: Any, prompts: Any) -> None:
    says(weather_in("Oslo"), weather_in("Bergen"), ANSWER)
    agent = FunctionAgent(llm=llm, tools=[get_weather], early_stopping_method="generate")

    async def ask() -> Any:
        return await agent.run(QUESTION, max_iterations=2)

    assert asyncio.run(ask()).response.content == ANSWER
    assert len(prompts()) == 3


def test_the_result_of_a_tool_may_be_the_answer(llm: Any, says: Any, prompts: Any) -> None:
    says(weather_in("Oslo"))
    tool = FunctionTool.from_defaults(get_weather, return_direct=True)
    output, _ = run(FunctionAgent(llm=llm, tools=[tool]))
    assert output.response.content == "Rain in Oslo."
    assert prompts() == [QUESTION]


def test_the_first_call_may_be_demanded(llm: Any, says: Any, emulator: Any) -> None:
    says(weather_in("Oslo"), ANSWER)
    agent = FunctionAgent(llm=llm, tools=[get_weather], initial_tool_choice="get_weather")
    output, _ = run(agent)
    assert output.response.content == ANSWER
    demanded = ["`get_weather`" in str(request.body["messages"]) for request in emulator.requests]
    choices = [request.body.get("tool_choice", "auto") for request in emulator.requests]
    # MARA takes the choice; MiniMax, which ignores it, is asked in words.
    assert demanded == ([False, False] if emulator.provider == "mara" else [True, False])
    assert choices[1] == "auto"
    assert (choices[0] == "auto") is (emulator.provider == "minimax")


def test_a_conversation_goes_on_from_its_stored_context(llm: Any, says: Any, emulator: Any) -> None:
    says(weather_in("Oslo"), ANSWER, "I said that it rains.")
    agent = FunctionAgent(llm=llm, tools=[get_weather])

    async def ask() -> tuple[Any, str]:
        context = Context(agent)
        await agent.run(QUESTION, ctx=context)
        stored = json.dumps(context.to_dict(serializer=JsonPickleSerializer()))
        context = Context.from_dict(agent, json.loads(stored), serializer=JsonPickleSerializer())
        return await agent.run("What did you say?", ctx=context), stored

    output, stored = asyncio.run(ask())
    assert output.response.content == "I said that it rains."
    roles = [message["role"] for message in emulator.last_body["messages"]]
    assert roles == ["user", "assistant", "tool", "assistant", "user"]
    assert KEY not in stored
    assert HEADER not in stored
