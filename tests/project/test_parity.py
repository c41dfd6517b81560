"""Every scenario of the emulator through all eight call forms: one outcome.

Two frameworks, sync and async, plain and streamed, must agree on text, reasoning, tool calls,
usage, finish reason, or on the kind of error.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

import pytest
from langchain_core.messages import AIMessage
from llama_index.core.base.llms.types import ChatMessage, ChatResponse, ThinkingBlock
from llama_index.core.base.llms.types import ToolCallBlock as CallBlock
from llama_index.core.tools import FunctionTool

from langchain_mara_minimax import ChatMARA, ChatMiniMax
from llama_index_mara_minimax import MARA, MiniMax
from mara_minimax import errors
from mara_minimax.doctor import hosts
from mara_minimax.emulator import SCENARIOS, Emulator
from mara_minimax.emulator.providers import PROVIDERS
from mara_minimax.types import Reply

QUESTION = "What is the weather in Paris, and what time is it in Rome?"


def get_weather(city: str) -> str:
    """Return the weather of a city."""
    return city


def get_time(city: str) -> str:
    """Return the time in a city."""
    return city


@dataclass(frozen=True)
class Outcome:
    """What a user sees of one call, whichever framework shows it."""

    text: str = ""
    reasoning: str = ""
    calls: tuple[tuple[str, str], ...] = ()
    usage: int | None = None
    """Output tokens; input tokens depend on how each framework describes tools."""
    finish_reason: str = ""
    refusal: str = ""
    error: str = ""


def langchain_outcome(message: AIMessage) -> Outcome:
    calls = [(call["name"], str(call["args"])) for call in message.tool_calls]
    calls += [(call["name"] or "", "invalid") for call in message.invalid_tool_calls]
    return Outcome(
        text=message.text,
        reasoning=message.additional_kwargs.get("reasoning_content", ""),
        calls=tuple(sorted(calls)),
        usage=message.usage_metadata["output_tokens"] if message.usage_metadata else None,
        finish_reason=message.response_metadata["finish_reason"],
        refusal=message.additional_kwargs.get("refusal", ""),
    )


def llama_index_outcome(response: ChatResponse) -> Outcome:
    blocks = response.message.blocks
    calls = []
    for block in blocks:
        if isinstance(block, CallBlock):
            valid = isinstance(block.tool_kwargs, dict)
            calls.append((block.tool_name, str(block.tool_kwargs) if valid else "invalid"))
    return Outcome(
        text=response.message.content or "",
        reasoning="".join(b.content or "" for b in blocks if isinstance(b, ThinkingBlock)),
        calls=tuple(sorted(calls)),
        usage=response.additional_kwargs.get("completion_tokens"),
        finish_reason=response.additional_kwargs["finish_reason"],
        refusal=response.additional_kwargs.get("refusal", ""),
    )


def refused_outcome(reply: Reply) -> Outcome:
    """What the error holds that LlamaIndex has for a refusal without a word of an answer."""
    return Outcome(
        text=reply.text,
        reasoning=reply.reasoning.text if reply.reasoning else "",
        usage=reply.usage.output_tokens if reply.usage else None,
        finish_reason=reply.finish_reason,
        refusal=reply.refusal or "",
    )


def settings_of(emulator: Emulator) -> dict[str, Any]:
    """Return the constructor arguments for the emulator's scenario."""
    scenario = emulator.scenario
    endpoint = hosts.ENDPOINTS.get(emulator.provider)
    return {
        **({"endpoint": endpoint} if endpoint else {}),
        **OWN_SETTINGS.get((emulator.provider, scenario), {}),
        "api_key": emulator.api_key,
        "base_url": emulator.base_url,
        "max_retries": int(scenario.endswith("-once")),
        "timeout": 0.4 if scenario in WITHOUT_END else 20,
        "starts_in_reasoning": True if scenario in CLOSER_ONLY else None,
    }


def langchain_model(emulator: Emulator, *, tools: bool, **given: Any) -> Any:
    kind = ChatMARA if emulator.provider == "mara" else ChatMiniMax
    model = kind(**settings_of(emulator), **given)
    return model.bind_tools([get_weather, get_time]) if tools else model


def llama_index_call(emulator: Emulator, name: str, *, tools: bool) -> Any:
    """Return one of the four chat methods, or its twin with tools, with the question given."""
    kind = MARA if emulator.provider == "mara" else MiniMax
    llm = kind(**settings_of(emulator))
    if not tools:
        return functools.partial(getattr(llm, name), [ChatMessage(role="user", content=QUESTION)])
    functions = [FunctionTool.from_defaults(fn=tool) for tool in (get_weather, get_time)]
    return functools.partial(
        getattr(llm, f"{name}_with_tools"),
        functions,
        user_msg=QUESTION,
        allow_parallel_tool_calls=True,
    )


def invoke(emulator: Emulator, tools: bool) -> Outcome:
    return langchain_outcome(langchain_model(emulator, tools=tools).invoke(QUESTION))


async def ainvoke(emulator: Emulator, tools: bool) -> Outcome:
    return langchain_outcome(await langchain_model(emulator, tools=tools).ainvoke(QUESTION))


def stream(emulator: Emulator, tools: bool) -> Outcome:
    chunks = list(langchain_model(emulator, tools=tools).stream(QUESTION))
    return langchain_outcome(functools.reduce(lambda left, right: left + right, chunks))


async def astream(emulator: Emulator, tools: bool) -> Outcome:
    chunks = [c async for c in langchain_model(emulator, tools=tools).astream(QUESTION)]
    return langchain_outcome(functools.reduce(lambda left, right: left + right, chunks))


def chat(emulator: Emulator, tools: bool) -> Outcome:
    return llama_index_outcome(llama_index_call(emulator, "chat", tools=tools)())


async def achat(emulator: Emulator, tools: bool) -> Outcome:
    return llama_index_outcome(await llama_index_call(emulator, "achat", tools=tools)())


def stream_chat(emulator: Emulator, tools: bool) -> Outcome:
    chunks = list(llama_index_call(emulator, "stream_chat", tools=tools)())
    outcome = llama_index_outcome(chunks[-1])
    assert "".join(chunk.delta or "" for chunk in chunks) == outcome.text
    thoughts = [chunk.additional_kwargs.get("thinking_delta") or "" for chunk in chunks]
    assert "".join(thoughts) == outcome.reasoning
    return outcome


async def astream_chat(emulator: Emulator, tools: bool) -> Outcome:
    chunks = await llama_index_call(emulator, "astream_chat", tools=tools)()
    return llama_index_outcome([chunk async for chunk in chunks][-1])


FORMS: tuple[Callable[..., Any], ...] = (
    invoke,
    ainvoke,
    stream,
    astream,
    chat,
    achat,
    stream_chat,
    astream_chat,
)
STREAMS = {"stream", "astream", "stream_chat", "astream_chat"}

CASES = [
    (provider, name)
    for name, scenario in SCENARIOS.items()
    for provider in PROVIDERS
    if provider in scenario.providers
]
WITHOUT_USAGE_ON_STREAMS = {"nothing-extra"}
"""Scenarios whose streams hold no usage although a plain reply does."""
THINKING_DEEPSEEK = {
    "model": "DeepSeek-V3.1",
    "chat_template_kwargs": {"enable_thinking": True},
}
OWN_SETTINGS: dict[tuple[str, str], dict[str, Any]] = {}
"""Settings beyond the usual ones."""
CLOSER_ONLY = {"close-only", "tools-no-parsers"}
"""Scenarios whose content begins inside the reasoning."""
WITHOUT_END = {"stalled", "never-closes", "http-502-endless"}
"""Scenarios that only a timeout ends."""


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mara_minimax.transport.retries._FIRST_DELAY", 0.0)


@pytest.fixture(scope="module")
def emulators() -> Iterator[dict[str, Emulator]]:
    with ExitStack() as stack:
        yield {provider: stack.enter_context(Emulator(provider)) for provider in PROVIDERS}


def run(form: Callable[..., Any], emulator: Emulator, scenario: str) -> Outcome:
    emulator.clear()
    emulator.scenario = scenario
    tools = scenario.startswith(("tools", "finish-tool", "finish-stop"))
    try:
        outcome = form(emulator, tools)
        return asyncio.run(outcome) if asyncio.iscoroutine(outcome) else outcome
    except errors.ProviderError as error:
        if isinstance(error, errors.ContentFilterError) and error.partial is not None:
            return refused_outcome(error.partial)
        # LangChain's classes are joined with the core's; the core's name is what they share.
        kinds = [kind for kind in type(error).__mro__ if kind.__module__ == errors.__name__]
        if errors.InvalidReplyError in kinds:
            # A reply that breaks off is unreadable when plain and incomplete when streamed.
            return Outcome(error="InvalidReplyError")
        return Outcome(error=kinds[0].__name__)


# Calls that a server left in the text are told of, once for each model.
@pytest.mark.filterwarnings("ignore::mara_minimax.encoded_request.LeakedToolCallWarning")
@pytest.mark.parametrize(("provider", "scenario"), CASES)
def test_eight_call_forms_have_one_outcome(provider, scenario, emulators):
    outcomes = {form.__name__: run(form, emulators[provider], scenario) for form in FORMS}
    plain = {name: outcome for name, outcome in outcomes.items() if name not in STREAMS}
    streamed = {name: outcome for name, outcome in outcomes.items() if name in STREAMS}
    assert len(set(plain.values())) == 1, plain
    assert len(set(streamed.values())) == 1, streamed
    asked = hosts.PROVIDERS[provider].accepts_stream_options
    unasked = not asked and not scenario.startswith(("usage-chunk", "usage-beside"))
    if scenario in WITHOUT_USAGE_ON_STREAMS or unasked:
        # Usage on a stream has to be asked for, which not every provider's page knows.
        plain = {name: replace(outcome, usage=None) for name, outcome in plain.items()}
    assert set(plain.values()) == set(streamed.values()), outcomes


@pytest.mark.filterwarnings("ignore::mara_minimax.encoded_request.LeakedToolCallWarning")
@pytest.mark.parametrize(
    ("provider", "scenario"), [case for case in CASES if "reasoning" in SCENARIOS[case[1]].form]
)
@pytest.mark.parametrize("form", [invoke, stream, chat, stream_chat])
def test_the_reasoning_of_a_scenario_arrives(form, provider, scenario, emulators):
    assert run(form, emulators[provider], scenario).reasoning


@pytest.mark.parametrize(
    "scenario", [name for name, row in SCENARIOS.items() if row.form.keys() == {"reasoning"}]
)
def test_reasoning_goes_back_in_the_field_in_which_it_came(scenario, emulators):
    emulator = emulators["minimax" if "minimax" in SCENARIOS[scenario].providers else "mara"]
    emulator.clear()
    emulator.scenario = scenario
    model = langchain_model(emulator, tools=False)
    answer = model.invoke(QUESTION)
    model.invoke([("human", QUESTION), answer, ("human", "And in Rome?")])
    in_langchain = emulator.last_body["messages"][1]
    llm = llama_index_call(emulator, "chat", tools=False).func.__self__
    asked = ChatMessage(role="user", content=QUESTION)
    llm.chat([asked, llm.chat([asked]).message, asked])
    in_llama_index = emulator.last_body["messages"][1]

    form = SCENARIOS[scenario].form["reasoning"]
    field = {"inline": "content", "split": "reasoning_details", "mirrored": "reasoning_content"}
    assert in_langchain == in_llama_index
    assert answer.additional_kwargs["reasoning_content"] in str(in_langchain[field.get(form, form)])


@pytest.mark.parametrize("scenario", ["default", "reasoning-field", "think-inline", "tools"])
def test_deepseek_that_thinks_has_one_outcome(scenario, emulators, monkeypatch):
    """Its reasoning ends with a lone closing tag (captured 2026-02), or may have a field."""
    monkeypatch.setitem(OWN_SETTINGS, ("mara", scenario), THINKING_DEEPSEEK)
    outcomes = {form.__name__: run(form, emulators["mara"], scenario) for form in FORMS}
    assert len(set(outcomes.values())) == 1, outcomes
    (outcome,) = set(outcomes.values())
    assert outcome.error == ""
    assert outcome.reasoning
    assert outcome.text or outcome.calls
    assert "think>" not in outcome.text + outcome.reasoning
