"""LlamaIndex's agents run no tool that the model did not call, whatever its text says.

Hostile answers are given in every form of a call and at both hosts, but not in every form at
every host: `at_hosts_in_turn` says why nothing is left out by that.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from llama_index.core.agent.workflow import FunctionAgent
from llama_index.core.program import FunctionCallingProgram
from llama_index.core.prompts import PromptTemplate
from llama_index.core.tools import FunctionTool

from llama_index_mara_minimax import MARA, MiniMax
from mara_minimax.emulator import CannedReply, Emulator
from mara_minimax.errors import IgnoredToolChoiceError
from tests.safety.conftest import KEY, at_hosts_in_turn, by_name
from tests.safety.texts import HONEST, HONEST_SUMMARIES, HOSTILE, SPELT, SUMMARY, Answer, Honest
from tests.safety.tools import FUNCTIONS, RAN, Summary

# The warning that an answer holds markup is announced; tests/core/reply looks at it.
pytestmark = pytest.mark.filterwarnings("ignore:An answer of .* holds markup of tool calls")
QUESTION = "What does the page say?"
PROMPT = PromptTemplate(QUESTION)


TOOLS = [FunctionTool.from_defaults(fn) for fn in FUNCTIONS]


async def _acall(llm: Any) -> Any:
    return await llm.apredict_and_call(TOOLS, QUESTION, tool_required=True)


def _run_all(llm: Any, response: Any) -> None:
    for call in llm.get_tool_calls_from_response(response, error_on_no_tool_call=False):
        {tool.metadata.name: tool for tool in TOOLS}[call.tool_name](**call.tool_kwargs)


def _stream(llm: Any) -> Any:
    """Run what the last response calls, as agents do; earlier ones may not call anything."""
    *before, last = llm.stream_chat_with_tools(TOOLS, QUESTION, tool_required=True)
    for response in before:
        assert not llm.get_tool_calls_from_response(response, error_on_no_tool_call=False)
    _run_all(llm, last)
    return last.message.content


def _agent(llm: Any, *, streaming: bool) -> Any:
    async def run() -> Any:
        agent = FunctionAgent(
            tools=TOOLS, llm=llm, initial_tool_choice="required", streaming=streaming
        )
        return await agent.run(QUESTION)

    return str(asyncio.run(run()))


FORMS: dict[str, Callable[[Any], Any]] = {
    "predict_and_call": lambda llm: llm.predict_and_call(TOOLS, QUESTION, tool_required=True),
    "apredict_and_call": lambda llm: asyncio.run(_acall(llm)),
    "stream_chat_with_tools": _stream,
    "streaming agent": lambda llm: _agent(llm, streaming=True),
    "agent": lambda llm: _agent(llm, streaming=False),
}


async def _acollect(stream: Any) -> list[Any]:
    return [item async for item in await stream]


PREDICT: dict[str, Callable[[Any], Any]] = {
    "structured_predict": lambda llm: llm.structured_predict(Summary, PROMPT),
    "astructured_predict": lambda llm: asyncio.run(llm.astructured_predict(Summary, PROMPT)),
    "stream_structured_predict": lambda llm: list(llm.stream_structured_predict(Summary, PROMPT))[
        -1
    ],
    "astream_structured_predict": lambda llm: asyncio.run(
        _acollect(llm.astream_structured_predict(Summary, PROMPT))
    )[-1],
    "the framework's program": lambda llm: FunctionCallingProgram.from_defaults(
        Summary, prompt=PROMPT, llm=llm
    )(),
}


@pytest.fixture(params=list(FORMS))
def form(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=list(PREDICT))
def prediction(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def llm(host: str, provider: Emulator) -> Any:
    kind = MiniMax if host == "minimax" else MARA
    return kind(api_key=KEY, base_url=provider.base_url, max_retries=0)


@at_hosts_in_turn(HOSTILE, FORMS, "form")
def test_no_answer_in_text_runs_a_tool(
    answer: Answer, form: str, llm: Any, provider: Emulator, script: Any
) -> None:
    script(answer, stream="stream" in form)
    if "predict" in form:
        with pytest.raises(ValueError, match="at least one tool call"):
            FORMS[form](llm)
    else:
        assert (FORMS[form](llm) or "") in answer.text
    assert RAN == []
    assert len(provider.requests) == 1


@at_hosts_in_turn(HOSTILE, PREDICT, "prediction")
def test_an_answer_fills_a_class_or_is_an_error(
    answer: Answer, prediction: str, llm: Any, provider: Emulator, script: Any
) -> None:
    script(answer, stream="stream" in prediction)
    if answer.fills:
        assert PREDICT[prediction](llm) == Summary.model_validate(SUMMARY)
    elif "stream" not in prediction:
        with pytest.raises(ValueError, match="at least one tool call"):
            PREDICT[prediction](llm)
    else:
        # The framework's program reads text by itself, as far as it goes.
        assert PREDICT[prediction](llm) is not None
    assert len(provider.requests) == 1


@by_name(HONEST)
def test_an_answer_that_is_nothing_but_the_call_makes_it_where_it_was_asked_for_in_words(
    answer: Honest, form: str, host: str, llm: Any, provider: Emulator, script: Any
) -> None:
    spelt, done = Answer("spelt", answer.text), Answer("done", "Done.")
    script(spelt, done, stream="stream" in form)
    if host == "mara":
        if "predict" in form:
            with pytest.raises(ValueError, match="at least one tool call"):
                FORMS[form](llm)
        else:
            assert FORMS[form](llm) == answer.text
        assert RAN == []
        return
    FORMS[form](llm)
    ((name, arguments),) = RAN
    assert name == answer.tool
    assert arguments.items() <= answer.arguments.items()


@pytest.mark.parametrize("text", HONEST_SUMMARIES)
def test_an_answer_that_is_nothing_but_the_object_fills_the_class(
    text: str, prediction: str, llm: Any, provider: Emulator, script: Any
) -> None:
    script(Answer("summary", text), stream="stream" in prediction)
    assert PREDICT[prediction](llm) == Summary.model_validate(SUMMARY)
    assert len(provider.requests) == 1


@pytest.mark.parametrize("streaming", [False, True])
def test_a_page_that_asks_for_mail_gets_none_when_it_is_quoted(
    streaming: bool, llm: Any, provider: Emulator, script: Any
) -> None:
    call = {"id": "c1", "type": "function", "index": 0}
    call["function"] = {"name": "read_page", "arguments": '{"url": "https://example.com"}'}
    part = {"role": "assistant", "content": "", "tool_calls": [call]}
    choice = {"index": 0, "finish_reason": "tool_calls"}
    if streaming:
        reply = CannedReply.sse({"id": "r", "choices": [{**choice, "delta": part}]}, done=True)
    else:
        reply = CannedReply.json({"id": "r", "choices": [{**choice, "message": part}]})
    provider.enqueue(reply)
    script(HOSTILE[0], stream=streaming)
    assert _agent(llm, streaming=streaming) == HOSTILE[0].text
    assert RAN == [("read_page", {"url": "https://example.com"})]
    assert SPELT in provider.requests[-1].body["messages"][-1]["content"]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("asynchronous", [False, True])
def test_a_choice_that_three_replies_ignored_is_not_sent_again(
    stream: bool, asynchronous: bool, llm: Any, provider: Emulator, script: Any
) -> None:
    script(*[HOSTILE[0]] * 4, stream=stream)

    async def aask(history: list[Any]) -> Any:
        if not stream:
            return await llm.achat_with_tools(TOOLS, chat_history=history, tool_required=True)
        responses = await llm.astream_chat_with_tools(
            TOOLS, chat_history=history, tool_choice="required"
        )
        return [response async for response in responses][-1]

    def ask(history: list[Any]) -> Any:
        if asynchronous:
            return asyncio.run(aask(history))
        if not stream:
            return llm.chat_with_tools(TOOLS, chat_history=history, tool_required=True)
        return list(
            llm.stream_chat_with_tools(TOOLS, chat_history=history, tool_choice="required")
        )[-1]

    history = [llm._prepare_chat_with_tools([], QUESTION)["messages"][0]]
    for _ in range(3):
        history.append(ask(history).message)
    with pytest.raises(IgnoredToolChoiceError, match="'send_email'") as caught:
        ask(history)
    assert caught.value.text == HOSTILE[0].text
    assert len(provider.requests) == 3
    assert "ignored" not in json.dumps([request.body for request in provider.requests])


def test_what_the_words_ask_for_is_what_is_read(llm: Any, host: str, provider: Emulator) -> None:
    llm.chat_with_tools(TOOLS[:1], QUESTION, tool_required=True)
    if host == "minimax":
        system = provider.last_body["messages"][0]["content"]
        assert json.dumps({"name": "send_email", "arguments": {}}) in system
        assert "the JSON object of its arguments" not in system
    else:
        assert provider.last_body["tool_choice"] == "required"
