"""Callbacks, instrumentation events, spans and token counts: once a call, without secrets."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from llama_index.core.base.llms.types import ChatMessage
from llama_index.core.callbacks import (
    CallbackManager,
    CBEventType,
    LlamaDebugHandler,
    TokenCountingHandler,
)
from llama_index.core.instrumentation import get_dispatcher
from llama_index.core.instrumentation.event_handlers import BaseEventHandler
from llama_index.core.instrumentation.events import BaseEvent
from llama_index.core.instrumentation.span import BaseSpan
from llama_index.core.instrumentation.span_handlers import BaseSpanHandler
from llama_index.core.prompts import PromptTemplate
from llama_index.core.tools import FunctionTool
from llama_index.core.types import PydanticProgramMode
from pydantic import BaseModel, Field, SecretStr

from llama_index_mara_minimax import MiniMax
from mara_minimax.emulator import Emulator

HEADER = "header-secret-0123456789"


class Events(BaseEventHandler):
    seen: list[Any] = Field(default_factory=list)

    def handle(self, event: BaseEvent, **kwargs: Any) -> None:
        self.seen.append(event)


class Spans(BaseSpanHandler[BaseSpan]):
    seen: list[Any] = Field(default_factory=list)

    def new_span(self, id_: str, bound_args: Any, **kwargs: Any) -> None:
        self.seen.append((id_, str(bound_args)))

    def prepare_to_exit_span(self, *args: Any, **kwargs: Any) -> None:
        pass

    def prepare_to_drop_span(self, *args: Any, **kwargs: Any) -> None:
        pass


@pytest.fixture
def events() -> Iterator[list[Any]]:
    """All events from here on."""
    root, handler = get_dispatcher(), Events()
    root.add_event_handler(handler)
    yield handler.seen
    root.event_handlers.remove(handler)


@pytest.fixture
def spans() -> Iterator[list[Any]]:
    """Ids and arguments of all spans from here on."""
    root, handler = get_dispatcher(), Spans()
    root.add_span_handler(handler)
    yield handler.seen
    root.span_handlers.remove(handler)


def names(events: list[Any]) -> Counter[str]:
    return Counter(type(event).__name__ for event in events)


def test_each_call_starts_and_ends_one_event(
    form: str, call: Any, llm: MiniMax, events: list[Any]
) -> None:
    responses = call(llm, "Hi")
    kind = "Completion" if "complete" in form else "Chat"
    counted = names(events)
    assert counted[f"LLM{kind}StartEvent"] == counted[f"LLM{kind}EndEvent"] == 1
    assert counted[f"LLM{kind}InProgressEvent"] == (len(responses) if "stream" in form else 0)
    other = "Chat" if kind == "Completion" else "Completion"
    assert counted[f"LLM{other}StartEvent"] == 0


def test_each_call_is_one_callback(call: Any, make_llm: Callable[..., MiniMax]) -> None:
    handler = LlamaDebugHandler(print_trace_on_end=False)
    call(make_llm(callback_manager=CallbackManager([handler])), "Hi")
    assert len(handler.get_event_pairs(CBEventType.LLM)) == 1


def test_each_call_is_counted_with_the_providers_numbers(
    form: str, call: Any, make_llm: Callable[..., MiniMax], server: Emulator, wire: Any
) -> None:
    plain, stream = wire.reply(wire.message("Hi")), wire.stream(wire.text("H"), wire.text("i"))
    server.enqueue(stream if "stream" in form else plain)
    counter = TokenCountingHandler(tokenizer=str.split)
    call(make_llm(callback_manager=CallbackManager([counter])), "Hi")
    assert counter.prompt_llm_token_count == 10
    assert counter.completion_llm_token_count == 7


def test_a_call_that_fails_ends_its_callback(
    call: Any, make_llm: Callable[..., MiniMax], server: Emulator, wire: Any
) -> None:
    handler = LlamaDebugHandler(print_trace_on_end=False)
    llm = make_llm(callback_manager=CallbackManager([handler]))
    server.enqueue(wire.base_resp(1004, "login fail"))
    with pytest.raises(Exception, match="login fail"):
        call(llm, "Hi")
    assert len(handler.get_event_pairs(CBEventType.LLM)) == 1


def test_the_rate_limiter_is_asked_once(
    form: str, call: Any, make_llm: Callable[..., MiniMax]
) -> None:
    class Limiter:
        asked = 0

        def acquire(self) -> None:
            self.asked += 1

        async def async_acquire(self) -> None:
            self.asked += 1

    limiter = Limiter()
    call(make_llm(rate_limiter=limiter), "Hi")
    assert limiter.asked == 1


def test_no_secret_enters_an_event_or_a_span(
    call: Any,
    make_llm: Callable[..., MiniMax],
    server: Emulator,
    wire: Any,
    events: list[Any],
    spans: list[Any],
) -> None:
    llm = make_llm(default_headers={"x-proxy": HEADER})
    call(llm, "Hi", extra_headers={"x-call": SecretStr(HEADER)})
    assert server.requests[-1].headers["x-call"] == HEADER
    assert events
    assert spans
    dumps = [repr(event) + event.model_dump_json() for event in events]
    for text in [*dumps, str(spans)]:
        assert HEADER not in text
        assert wire.key not in text


def test_headers_of_structured_and_tool_calls_stay_out_too(
    llm: MiniMax, server: Emulator, wire: Any, events: list[Any], spans: list[Any]
) -> None:
    class Album(BaseModel):
        name: str

    headers = {"extra_headers": {"x-call": SecretStr(HEADER)}}
    server.enqueue(wire.reply(wire.message(tool_calls=[wire.call("Album", '{"name": "a"}')])))
    llm.structured_predict(Album, PromptTemplate("x"), llm_kwargs=headers)
    assert server.requests[-1].headers["x-call"] == HEADER
    tool = FunctionTool.from_defaults(lambda name: name, name="echo", description="x")
    server.enqueue(wire.reply(wire.message(tool_calls=[wire.call("echo", '{"name": "a"}')])))
    llm.predict_and_call([tool], user_msg="Hi", **headers)
    assert HEADER not in str(spans)
    assert HEADER not in "".join(map(repr, events))


def test_every_form_has_one_span_of_its_own(
    form: str, call: Any, llm: MiniMax, spans: list[Any]
) -> None:
    call(llm, "Hi")
    assert [id_.split("-")[0] for id_, _ in spans] == [f"MiniMax.{form}"]


def test_predict_and_call_is_one_span(
    llm: MiniMax, server: Emulator, spans: list[Any], wire: Any
) -> None:
    tool = FunctionTool.from_defaults(lambda city: f"Rain in {city}.", name="weather")
    for form in ("predict_and_call", "apredict_and_call"):
        spans.clear()
        server.enqueue(wire.reply(wire.message(tool_calls=[wire.call("weather", '{"city": "x"}')])))
        answer = getattr(llm, form)([tool], user_msg="Weather?")
        answer = asyncio.run(answer) if form.startswith("a") else answer
        assert answer.response == "Rain in x."
        assert [id_ for id_, _ in spans if f".{form}-" in id_] == [spans[0][0]]


class City(BaseModel):
    name: str


@pytest.mark.parametrize("mode", [PydanticProgramMode.DEFAULT, PydanticProgramMode.LLM])
@pytest.mark.parametrize("form", ["structured_predict", "astructured_predict"])
def test_structured_predict_is_one_span_and_one_event(
    form: str,
    mode: PydanticProgramMode,
    make_llm: Callable[..., MiniMax],
    server: Emulator,
    spans: list[Any],
    events: list[Any],
    wire: Any,
) -> None:
    llm = make_llm(pydantic_program_mode=mode)
    server.enqueue(wire.reply(wire.message('{"name": "Oslo"}')))
    found = getattr(llm, form)(City, PromptTemplate("A city?"))
    assert (asyncio.run(found) if form.startswith("a") else found) == City(name="Oslo")
    assert [id_.split("-")[0] for id_, _ in spans].count(f"MiniMax.{form}") == 1
    counted = names(events)
    assert counted["LLMStructuredPredictStartEvent"] == 1
    assert counted["LLMStructuredPredictEndEvent"] == 1


def test_the_payload_holds_what_changes_the_answer_and_nothing_else(
    make_llm: Callable[..., MiniMax],
) -> None:
    llm = make_llm(
        temperature=0.5,
        max_tokens=100,
        max_retries=7,
        timeout=3,
        default_headers={"x-proxy": HEADER},
        additional_kwargs={"top_p": 0.9, "extra_headers": {"x-call": HEADER}},
    )
    assert llm.to_payload() == {
        "class_name": "mara_minimax.MiniMax",
        **llm.metadata.model_dump(),
        "provider": "minimax",
        "model": "MiniMax-M2",
        "endpoint": "international",
        "base_url": llm.base_url,
        "temperature": 0.5,
        "max_tokens": 100,
        "top_p": 0.9,
        "reasoning_split": True,
        "replay_reasoning": True,
        "leaked_tool_calls": "warn",
        "parameter_policy": "adjust",
    }


def test_the_last_event_of_a_stream_has_the_whole_message(
    llm: MiniMax, server: Emulator, wire: Any, events: list[Any]
) -> None:
    server.enqueue(wire.stream(wire.thought("hm"), wire.text("Yes.")))
    list(llm.stream_chat([ChatMessage(role="user", content="Hi")]))
    (end,) = [event for event in events if type(event).__name__ == "LLMChatEndEvent"]
    assert [block.block_type for block in end.response.message.blocks] == ["thinking", "text"]
    assert end.model_dump_json()
