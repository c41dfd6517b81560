"""LangChain's middlewares around calls of the model: summaries, privacy, limits, retries."""

from __future__ import annotations

from typing import Any

import pytest
from langchain.agents import create_agent
from langchain.agents.middleware import (
    ClearToolUsesEdit,
    ContextEditingMiddleware,
    ModelCallLimitMiddleware,
    ModelFallbackMiddleware,
    ModelRetryMiddleware,
    PIIMiddleware,
    SummarizationMiddleware,
)
from langchain_core.messages import AIMessage, HumanMessage
from langchain_core.tools import tool
from langgraph.checkpoint.memory import InMemorySaver

from mara_minimax.emulator import CannedReply, Emulator, Reply
from tests.ecosystem.langchain.weather import ANSWER, CALL, QUESTION, THREAD, get_weather

OVERLOADED = CannedReply.json({"error": {"message": "overloaded"}}, status=529)
BROKEN = CannedReply.json({"error": {"message": "internal"}}, status=500)
LONG = [
    HumanMessage("Tell me of apples. " * 60),
    AIMessage("Apples. " * 60),
    HumanMessage("Pears?"),
]


@pytest.mark.parametrize("trigger", [("messages", 3), ("tokens", 200), ("fraction", 0.5)])
def test_a_summary_takes_the_place_of_what_was_said(
    chat: Any, says: Any, is_answer: Any, emulator: Any, trigger: Any
) -> None:
    says("Apples were told of.", "Pears are green.")
    chat = chat.model_copy(update={"profile": {"max_input_tokens": 600}})
    summarize = SummarizationMiddleware(chat, trigger=trigger, keep=("messages", 1))
    result = create_agent(chat, middleware=[summarize]).invoke({"messages": LONG})
    is_answer(result["messages"][-1], "Pears are green.")
    summary, question = emulator.last_body["messages"]
    assert "Apples were told of." in summary["content"]
    assert question["content"] == "Pears?"


def test_a_summary_leaves_no_result_without_its_call(
    chat: Any, says: Any, is_answer: Any, emulator: Any
) -> None:
    says(CALL, ANSWER, CALL, "It rained in Oslo.", "It still rains.")
    summarize = SummarizationMiddleware(chat, trigger=("messages", 6), keep=("messages", 2))
    agent = create_agent(chat, [get_weather], middleware=[summarize], checkpointer=InMemorySaver())
    agent.invoke(QUESTION, THREAD)
    result = agent.invoke({"messages": [("user", "And now?")]}, THREAD)
    is_answer(result["messages"][-1], "It still rains.")
    sent = emulator.last_body["messages"]
    called = [call["id"] for message in sent for call in message.get("tool_calls", [])]
    answered = [message["tool_call_id"] for message in sent if message["role"] == "tool"]
    assert answered == called
    assert len(called) == 1


def test_personal_data_is_taken_out_of_questions_and_answers(
    chat: Any, says: Any, emulator: Any
) -> None:
    says("Write to ann@example.com.", "Done.")
    hide = PIIMiddleware("email", apply_to_output=True)
    agent = create_agent(chat, middleware=[hide], checkpointer=InMemorySaver())
    first = agent.invoke({"messages": [("user", "Who is bob@example.com?")]}, THREAD)
    assert first["messages"][-1].text == "Write to [REDACTED_EMAIL]."
    agent.invoke({"messages": [("user", "Thanks.")]}, THREAD)
    asked, answered, _ = emulator.last_body["messages"]
    assert asked["content"] == "Who is [REDACTED_EMAIL]?"
    assert "ann@example.com" not in str(answered)


def test_the_reasoning_that_no_middleware_sees_stays_off_the_wire_where_it_is_not_replayed(
    chat: Any, says: Any, emulator: Any
) -> None:
    says("Write to ann@example.com.", "Done.")
    chat = chat.model_copy(update={"replay_reasoning": False})
    hide = PIIMiddleware("email", apply_to_output=True)
    agent = create_agent(chat, middleware=[hide], checkpointer=InMemorySaver())
    agent.invoke(QUESTION, THREAD)
    agent.invoke({"messages": [("user", "Thanks.")]}, THREAD)
    assert "@example.com" not in str(emulator.last_body)


def test_a_limit_of_calls_ends_the_agent(chat: Any, says: Any) -> None:
    says(CALL, CALL)
    limit = ModelCallLimitMiddleware(run_limit=2)
    result = create_agent(chat, [get_weather], middleware=[limit]).invoke(QUESTION)
    assert "limit" in result["messages"][-1].text


@pytest.mark.parametrize("failure", [OVERLOADED, BROKEN], ids=["overloaded", "broken"])
def test_a_failed_call_is_made_again(
    chat: Any, says: Any, is_answer: Any, emulator: Any, failure: Any
) -> None:
    says(failure, failure, ANSWER)
    retry = ModelRetryMiddleware(max_retries=2, initial_delay=0, jitter=False)
    result = create_agent(chat, middleware=[retry]).invoke(QUESTION)
    is_answer(result["messages"][-1], ANSWER)
    assert len({str(request.body) for request in emulator.requests}) == 1


def test_another_provider_goes_on_in_the_middle_of_a_turn(
    chat: Any, says: Any, other_chat: Any, other_emulator: Emulator, trap: str
) -> None:
    @tool
    def get_weather(city: str) -> str:
        """Tell the weather in a city; then the provider is overloaded."""
        says(OVERLOADED)
        return f"Rain in {city}."

    says(CALL)
    other_emulator.answer = lambda _: Reply(ANSWER)
    agent = create_agent(chat, [get_weather], middleware=[ModelFallbackMiddleware(other_chat)])
    answer = agent.invoke(QUESTION)["messages"][-1]
    assert answer.text == ANSWER
    (request,) = other_emulator.requests
    _, called, result = request.body["messages"]
    assert result["content"] == "Rain in Oslo."
    # Each takes reasoning in the form that it gives.
    details = called.get("reasoning_details") or [{"text": called.get("reasoning")}]
    assert details[0]["text"] == trap


@pytest.mark.parametrize("method", ["approximate", "model"])
def test_old_results_of_tools_are_cleared(
    chat: Any, says: Any, is_answer: Any, emulator: Any, method: Any
) -> None:
    says(CALL, CALL, ANSWER)
    edit = ClearToolUsesEdit(trigger=20, keep=1)
    middleware = ContextEditingMiddleware(edits=[edit], token_count_method=method)
    result = create_agent(chat, [get_weather], middleware=[middleware]).invoke(QUESTION)
    is_answer(result["messages"][-1], ANSWER)
    sent = [each["content"] for each in emulator.last_body["messages"] if each["role"] == "tool"]
    assert sent == ["[cleared]", "Rain in Oslo."]
