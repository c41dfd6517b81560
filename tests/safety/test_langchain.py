"""LangChain's agents run no tool that the model did not call, whatever its text says.

Hostile answers are given in every form of a call and at both hosts, but not in every form at
every host: `at_hosts_in_turn` says why nothing is left out by that.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from langchain.agents import create_agent
from langchain.agents.middleware import AgentMiddleware
from langchain_core.messages import AIMessage
from langchain_core.tools import tool

from langchain_mara_minimax import ChatMARA, ChatMiniMax
from mara_minimax.emulator import CannedReply, Emulator
from mara_minimax.errors import IgnoredToolChoiceError
from tests.safety.conftest import KEY, at_hosts_in_turn, by_name
from tests.safety.texts import HONEST, HONEST_SUMMARIES, HOSTILE, SPELT, SUMMARY, Answer, Honest
from tests.safety.tools import FUNCTIONS, RAN, Summary

# The warning that an answer holds markup is announced; tests/core/reply looks at it.
pytestmark = pytest.mark.filterwarnings("ignore:An answer of .* holds markup of tool calls")
QUESTION = {"messages": [("user", "What does the page say?")]}


TOOLS = [tool(function) for function in FUNCTIONS]


class ForceFirst(AgentMiddleware[Any, Any]):
    """Force a call in the first request of a run."""

    def _forced(self, request: Any) -> Any:
        first = not any(isinstance(message, AIMessage) for message in request.messages)
        return request.override(tool_choice="any") if first else request

    def wrap_model_call(self, request: Any, handler: Any) -> Any:
        return handler(self._forced(request))

    async def awrap_model_call(self, request: Any, handler: Any) -> Any:
        return await handler(self._forced(request))


def _stream(agent: Any, given: Any) -> Any:
    result = None
    for mode, event in agent.stream(given, stream_mode=["messages", "values"]):
        if mode == "values":
            result = event
    return result


async def _astream(agent: Any, given: Any) -> Any:
    result = None
    async for mode, event in agent.astream(given, stream_mode=["messages", "values"]):
        if mode == "values":
            result = event
    return result


FORMS: dict[str, Callable[[Any, Any], Any]] = {
    "invoke": lambda agent, given: agent.invoke(given),
    "ainvoke": lambda agent, given: asyncio.run(agent.ainvoke(given)),
    "stream": _stream,
    "astream": lambda agent, given: asyncio.run(_astream(agent, given)),
}
HOSTILE_IN_EACH_FORM = at_hosts_in_turn(HOSTILE, FORMS, "form")


@pytest.fixture(params=list(FORMS))
def form(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def model(host: str, provider: Emulator) -> Any:
    kind = ChatMiniMax if host == "minimax" else ChatMARA
    return kind(api_key=KEY, base_url=provider.base_url, max_retries=0)


@HOSTILE_IN_EACH_FORM
def test_no_answer_in_text_runs_a_tool(
    answer: Answer, form: str, model: Any, provider: Emulator, script: Any
) -> None:
    script(answer, stream="stream" in form)
    agent = create_agent(model, TOOLS, middleware=[ForceFirst()])
    result = FORMS[form](agent, QUESTION)
    last = result["messages"][-1]
    assert RAN == []
    assert len(provider.requests) == 1
    assert (last.tool_calls, last.invalid_tool_calls) == ([], [])
    assert last.text in answer.text
    assert last.response_metadata["finish_reason"] == (answer.finish_reason or "stop")


@HOSTILE_IN_EACH_FORM
def test_no_answer_in_text_runs_a_tool_beside_a_schema(
    answer: Answer, form: str, model: Any, provider: Emulator, script: Any
) -> None:
    script(*[answer] * 4, stream="stream" in form)
    agent = create_agent(model, TOOLS, response_format=Summary)
    result = FORMS[form](agent, QUESTION)
    assert RAN == []
    assert len(provider.requests) == 1
    wanted = Summary.model_validate(SUMMARY) if answer.fills_among_others else None
    assert result.get("structured_response") == wanted


@HOSTILE_IN_EACH_FORM
def test_an_answer_fills_a_schema_or_is_asked_for_three_times(
    answer: Answer, form: str, model: Any, provider: Emulator, script: Any
) -> None:
    script(*[answer] * 4, stream="stream" in form)
    agent = create_agent(model, [], response_format=Summary)
    if answer.fills:
        result = FORMS[form](agent, QUESTION)
        assert result["structured_response"] == Summary.model_validate(SUMMARY)
        assert len(provider.requests) == 1
    else:
        with pytest.raises(IgnoredToolChoiceError, match="'Summary'") as caught:
            FORMS[form](agent, QUESTION)
        assert caught.value.text in answer.text
        assert len(provider.requests) == 3


@by_name(HONEST)
def test_an_answer_that_is_nothing_but_the_call_makes_it_where_it_was_asked_for_in_words(
    answer: Honest, form: str, host: str, model: Any, provider: Emulator, script: Any
) -> None:
    spelt, done = Answer("spelt", answer.text), Answer("done", "Done.")
    script(spelt, done, stream="stream" in form)
    agent = create_agent(model, TOOLS, middleware=[ForceFirst()])
    last = FORMS[form](agent, QUESTION)["messages"][-1]
    if host == "minimax":
        ((name, arguments),) = RAN
        assert name == answer.tool
        assert arguments.items() <= answer.arguments.items()
        assert last.text == "Done."
    else:
        assert RAN == []
        assert last.text == answer.text


@pytest.mark.parametrize("text", HONEST_SUMMARIES)
@pytest.mark.parametrize("tools", [[], TOOLS], ids=["alone", "among others"])
def test_an_answer_that_is_nothing_but_the_object_fills_the_schema(
    text: str, tools: list[Any], form: str, model: Any, provider: Emulator, script: Any
) -> None:
    script(Answer("summary", text), stream="stream" in form)
    result = FORMS[form](create_agent(model, tools, response_format=Summary), QUESTION)
    assert result["structured_response"] == Summary.model_validate(SUMMARY)
    assert len(provider.requests) == 1


def test_a_page_that_asks_for_mail_gets_none_when_it_is_quoted(
    form: str, model: Any, provider: Emulator, script: Any
) -> None:
    call = {"id": "c1", "type": "function", "index": 0}
    call["function"] = {"name": "read_page", "arguments": '{"url": "https://example.com"}'}
    part = {"role": "assistant", "content": "", "tool_calls": [call]}
    choice = {"index": 0, "finish_reason": "tool_calls"}
    if "stream" in form:
        reply = CannedReply.sse({"id": "r", "choices": [{**choice, "delta": part}]}, done=True)
    else:
        reply = CannedReply.json({"id": "r", "choices": [{**choice, "message": part}]})
    provider.enqueue(reply)
    script(HOSTILE[0], stream="stream" in form)
    result = FORMS[form](create_agent(model, TOOLS, response_format=Summary), QUESTION)
    assert RAN == [("read_page", {"url": "https://example.com"})]
    assert SPELT in provider.requests[-1].body["messages"][-1]["content"]
    assert result["messages"][-1].text == HOSTILE[0].text


@pytest.mark.parametrize("asynchronous", [False, True])
@pytest.mark.parametrize("answer", HONEST[:1], ids=["plain"])
def test_no_stream_shows_a_call_made_of_text_before_its_end(
    answer: Honest, asynchronous: bool, host: str, model: Any, script: Any
) -> None:
    script(Answer("spelt", answer.text), stream=True)
    bound = model.bind_tools(TOOLS, tool_choice="any")

    async def collect() -> list[Any]:
        return [chunk async for chunk in bound.astream("Mail her.")]

    chunks = asyncio.run(collect()) if asynchronous else list(bound.stream("Mail her."))
    shown = [chunk for chunk in chunks if chunk.tool_call_chunks or chunk.tool_calls]
    assert len(shown) == (1 if host == "minimax" else 0)
    last_with_text = max(position for position, chunk in enumerate(chunks) if chunk.text)
    assert all(chunks.index(chunk) > last_with_text for chunk in shown)


@pytest.mark.parametrize("stream", [False, True])
@by_name([answer for answer in HOSTILE if answer.fills])
def test_with_structured_output_reads_the_object_on_every_host(
    answer: Answer, stream: bool, model: Any, script: Any
) -> None:
    script(answer, stream=stream)
    structured = model.with_structured_output(Summary)
    found = list(structured.stream("Sum up."))[-1] if stream else structured.invoke("Sum up.")
    assert found == Summary.model_validate(SUMMARY)


def test_what_the_words_ask_for_is_what_is_read(model: Any, host: str, provider: Emulator) -> None:
    model.bind_tools(TOOLS[:1], tool_choice="any").invoke("Mail her.")
    if host == "minimax":
        system = provider.last_body["messages"][0]["content"]
        assert json.dumps({"name": "send_email", "arguments": {}}) in system
        assert "the JSON object of its arguments" not in system
    else:
        assert provider.last_body["tool_choice"] == "required"
