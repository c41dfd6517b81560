"""Agents, chains and memory on top of the models."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from langchain.agents import create_agent
from langchain.agents.middleware import ModelFallbackMiddleware, SummarizationMiddleware
from langchain.agents.structured_output import ProviderStrategy, ToolStrategy
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.chat_history import InMemoryChatMessageHistory
from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables.history import RunnableWithMessageHistory
from langchain_core.tools import tool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver
from pydantic import BaseModel

from langchain_mara_minimax import ChatMARA, ChatMiniMax
from mara_minimax.emulator import CannedReply, Emulator


@tool
def get_weather(city: str) -> str:
    """Tell the weather in a city."""
    return f"Sunny in {city}."


@tool
def get_time(zone: str) -> str:
    """Tell the time in a zone."""
    return f"Noon in {zone}."


class Report(BaseModel):
    """A weather report."""

    summary: str


QUESTION = {"messages": [("user", "Weather and time in Paris?")]}


@pytest.fixture(params=["invoke", "ainvoke", "stream messages"])
def run(request: pytest.FixtureRequest) -> Any:
    """Run an agent in one of the ways, to the end."""

    def invoke(agent: Any, given: Any, config: Any = None) -> Any:
        return agent.invoke(given, config)

    def ainvoke(agent: Any, given: Any, config: Any = None) -> Any:
        return asyncio.run(agent.ainvoke(given, config))

    def stream(agent: Any, given: Any, config: Any = None) -> Any:
        result: Any = None
        modes = ["messages", "values"]
        for mode, event in agent.stream(given, config, stream_mode=modes):
            if mode == "values":
                result = event
        return result

    return {"invoke": invoke, "ainvoke": ainvoke, "stream messages": stream}[request.param]


def _answers(request: pytest.FixtureRequest, *turns: Any) -> list[Any]:
    streamed = "stream" in request.node.callspec.id
    return [turn.stream() if streamed else turn.plain() for turn in turns]


def test_an_agent_calls_its_tools_and_keeps_the_reasoning(
    model: ChatMiniMax,
    server: Emulator,
    calling: Any,
    thinking: Any,
    run: Any,
    request: pytest.FixtureRequest,
) -> None:
    for reply in _answers(request, calling, thinking):
        server.enqueue(reply)
    result = run(create_agent(model, [get_weather, get_time]), QUESTION)
    assert result["messages"][-1].text == "The answer is 42."
    user, assistant, *results = server.last_body["messages"]
    assert user == {"role": "user", "content": "Weather and time in Paris?"}
    assert assistant["content"] == "Let me check."
    assert assistant["reasoning_details"][0]["text"] == "I need the tools."
    assert [result["content"] for result in results] == ["Sunny in Paris.", "Noon in CET."]
    assert [result["tool_call_id"] for result in results] == [
        call["id"] for call in assistant["tool_calls"]
    ]
    assert len(server.last_body["tools"]) == 2


def test_a_conversation_continues_from_its_checkpoint(
    model: ChatMiniMax,
    server: Emulator,
    calling: Any,
    thinking: Any,
    run: Any,
    request: pytest.FixtureRequest,
) -> None:
    for reply in _answers(request, calling, thinking, thinking):
        server.enqueue(reply)
    agent = create_agent(model, [get_weather, get_time], checkpointer=InMemorySaver())
    config = {"configurable": {"thread_id": "1"}}
    run(agent, QUESTION, config)
    run(agent, {"messages": [("user", "And tomorrow?")]}, config)
    sent = server.last_body["messages"]
    assert [message["role"] for message in sent] == [
        "user",
        "assistant",
        "tool",
        "tool",
        "assistant",
        "user",
    ]
    assert sent[1]["reasoning_details"][0]["text"] == "I need the tools."
    assert sent[4]["reasoning_details"][0]["text"] == "The user wants 6*7."


@pytest.mark.parametrize("split", [True, False])
def test_a_conversation_continues_from_a_checkpoint_in_sqlite(
    make_model: Any, server: Emulator, turns: Any, calling: Any, tmp_path: Path, split: bool
) -> None:
    form = "reasoning_details" if split else "inline"
    server.enqueue(turns(**{**vars(calling), "form": form}).plain())
    config = {"configurable": {"thread_id": "1"}}
    for question in (QUESTION, {"messages": [("user", "And tomorrow?")]}):
        # A new connection, agent and model, as in another process.
        with SqliteSaver.from_conn_string(str(tmp_path / "memory.sqlite")) as memory:
            model = make_model(reasoning_split=split)
            agent = create_agent(model, [get_weather, get_time], checkpointer=memory)
            agent.invoke(question, config)
    sent = server.last_body["messages"][1]
    if split:
        assert sent["content"] == "Let me check."
        assert sent["reasoning_details"][0]["text"] == "I need the tools."
    else:
        assert sent["content"] == "<think>\nI need the tools.\n</think>\n\nLet me check."


def test_summarization_comes_at_a_share_of_the_window(make_model: Any, server: Emulator) -> None:
    model = make_model(profile={"max_input_tokens": 1000})
    summarize = SummarizationMiddleware(model, trigger=("fraction", 0.5), keep=("messages", 1))
    agent = create_agent(model, middleware=[summarize])
    long = [("user", "Tell me about apples. " * 90), ("assistant", "Apples. " * 60)]
    agent.invoke({"messages": [*long, ("user", "And pears?")]})
    assert len(server.requests) == 2
    assert "summary" in str(server.last_body["messages"]).lower()


@pytest.mark.parametrize("asynchronous", [False, True])
def test_a_summary_that_overflows_is_asked_for_again_with_less(
    make_model: Any, server: Emulator, turns: Any, asynchronous: bool
) -> None:
    error = {"type": "error", "error": {"message": "context window exceeds limit (2013)"}}
    server.enqueue(CannedReply.json(error, status=400))
    server.enqueue(turns(text=("Apples were told of.",)).plain())
    model = make_model()
    summarize = SummarizationMiddleware(model, trigger=("messages", 3), keep=("messages", 1))
    agent = create_agent(model, middleware=[summarize])
    long = [("user", "Tell me about apples. " * 90), ("assistant", "Apples. " * 60)]
    given: Any = {"messages": [*long, ("user", "And pears?")]}
    result = asyncio.run(agent.ainvoke(given)) if asynchronous else agent.invoke(given)
    assert result["messages"][-1].text
    asked, again, answered = (str(request.body["messages"]) for request in server.requests)
    assert len(again) < len(asked)
    assert "Apples were told of." in answered


def test_another_model_takes_over_in_an_agent(
    model: ChatMiniMax, server: Emulator, mara: ChatMARA, mara_server: Emulator
) -> None:
    server.enqueue(CannedReply.json({"error": {"message": "overloaded"}}, status=529))
    agent = create_agent(model, middleware=[ModelFallbackMiddleware(mara)])
    answer = agent.invoke({"messages": [("user", "Hello")]})["messages"][-1]
    assert answer.response_metadata["model_provider"] == "mara"
    assert len(server.requests) == len(mara_server.requests) == 1


def test_traces_hold_no_secret(make_model: Any, thinking: Any) -> None:
    seen: list[Any] = []

    class Tracer(BaseCallbackHandler):
        def on_chat_model_start(self, serialized: Any, messages: Any, **kwargs: Any) -> None:
            seen.append((serialized, kwargs))

    model = make_model(api_key="KEY-SECRET", default_headers={"x-key": "HEADER-SECRET"})
    model.invoke("Hello", {"callbacks": [Tracer()]}, temperature=0.25)
    list(model.stream("Hello", {"callbacks": [Tracer()]}, temperature=0.25))
    assert len(seen) == 2
    assert "SECRET" not in str(seen)
    for _, kwargs in seen:
        assert kwargs["invocation_params"]["model"] == "MiniMax-M2"
        assert kwargs["invocation_params"]["temperature"] == 0.25
        assert kwargs["invocation_params"]["_type"] == "chat-minimax"


def test_an_agent_streams_tokens_once(model: ChatMiniMax, server: Emulator, thinking: Any) -> None:
    server.enqueue(thinking.stream())
    agent = create_agent(model, [get_weather])
    messages = [message for message, _ in agent.stream(QUESTION, stream_mode="messages")]
    assert all(isinstance(message, AIMessageChunk) for message in messages)
    assert "".join(message.text for message in messages) == "The answer is 42."


def test_an_agent_answers_with_an_object(model: ChatMiniMax, server: Emulator, turns: Any) -> None:
    server.enqueue(turns(calls=(("Report", '{"summary": "Sunny."}'),)).plain())
    agent = create_agent(model, [get_weather], response_format=Report)
    assert agent.invoke(QUESTION)["structured_response"] == Report(summary="Sunny.")
    assert "response_format" not in server.last_body


def test_an_agent_at_mara_forces_the_object(
    mara: ChatMARA, mara_server: Emulator, turns: Any
) -> None:
    mara_server.enqueue(turns(calls=(("Report", '{"summary": "Sunny."}'),)).plain())
    agent = create_agent(mara, [get_weather], response_format=ToolStrategy(Report))
    assert agent.invoke(QUESTION)["structured_response"] == Report(summary="Sunny.")
    assert mara_server.last_body["tool_choice"] == "required"


def test_an_agent_told_to_use_the_providers_form_asks_for_it_in_words_too(
    model: ChatMiniMax, server: Emulator, turns: Any, calling: Any
) -> None:
    server.enqueue(calling.plain())
    server.enqueue(turns(text=('{"summary": "Sunny."}',)).plain())
    tools = [get_weather, get_time]
    agent = create_agent(model, tools, response_format=ProviderStrategy(Report))
    assert agent.invoke(QUESTION)["structured_response"] == Report(summary="Sunny.")
    for request in server.requests:
        system = request.body["messages"][0]
        assert system["role"] == "system"
        assert system["content"].startswith("You may call tools first.")
        assert '"summary"' in system["content"]
        assert len(request.body["tools"]) == 2


def test_with_the_policy_pass_no_words_are_added(make_model: Any, server: Emulator) -> None:
    asked = {"type": "json_schema", "json_schema": {"name": "R", "schema": {"type": "object"}}}
    make_model(parameter_policy="pass").invoke("Hello", response_format=asked)
    assert server.last_body["messages"] == [{"role": "user", "content": "Hello"}]
    assert server.last_body["response_format"] == asked


def test_a_chain_streams_text_without_reasoning(
    model: ChatMiniMax, server: Emulator, thinking: Any
) -> None:
    server.enqueue(thinking.stream())
    prompt = ChatPromptTemplate.from_messages(
        [("system", "Answer from: {context}"), ("user", "{question}")]
    )
    chain = prompt | model | StrOutputParser()
    pieces = list(chain.stream({"context": "6*7=42", "question": "6*7?"}))
    assert [piece for piece in pieces if piece] == ["The answer ", "is 42."]
    assert server.last_body["messages"][0] == {
        "role": "system",
        "content": "Answer from: 6*7=42",
    }


@pytest.mark.filterwarnings("ignore::langchain_core._api.LangChainDeprecationWarning")
def test_chat_history_keeps_the_reasoning(
    model: ChatMiniMax, server: Emulator, thinking: Any
) -> None:
    server.enqueue(thinking.plain())
    history = InMemoryChatMessageHistory()
    chat = RunnableWithMessageHistory(model, lambda: history)
    chat.invoke("What is 6*7?")
    answer = chat.invoke("Are you sure?")
    assert isinstance(answer, AIMessage)
    sent = server.last_body["messages"]
    assert [message["role"] for message in sent] == ["user", "assistant", "user"]
    assert sent[1]["reasoning_details"][0]["text"] == "The user wants 6*7."
