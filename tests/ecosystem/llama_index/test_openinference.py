"""OpenInference: one span to a call, with the provider's numbers and reason, and no secret."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from llama_index.core import SummaryIndex
from llama_index.core.agent.workflow import FunctionAgent
from llama_index.core.base.llms.types import ChatMessage
from llama_index.core.schema import TextNode
from openinference.instrumentation.llama_index import LlamaIndexInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from llama_index_mara_minimax import MiniMax
from mara_minimax.emulator import ToolCall
from mara_minimax.errors import MaraMiniMaxError
from tests.ecosystem.conftest import HEADER, KEY

QUESTION = [ChatMessage(role="user", content="How is the weather in Oslo?")]
ANSWER = "It rains in Oslo."


@pytest.fixture
def exporter() -> Iterator[InMemorySpanExporter]:
    """Keeps the spans; at the end none has a secret, and no text of the model a thought."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    instrumentor = LlamaIndexInstrumentor()
    instrumentor.instrument(tracer_provider=provider)
    yield exporter
    instrumentor.uninstrument()
    written = "".join(span.to_json() for span in exporter.get_finished_spans())
    assert written
    assert KEY not in written
    assert HEADER not in written
    for span in requests(exporter):
        said = {name: value for name, value in span.items() if "_messages" in name}
        assert "trap" not in str(said).lower()


def requests(exporter: InMemorySpanExporter) -> list[dict[str, Any]]:
    """Return the attributes of the spans that tell of a request, and of no step around it."""
    attributes = [dict(span.attributes or {}) for span in exporter.get_finished_spans()]
    return [each for each in attributes if "llm.token_count.total" in each]


def numbers(span: dict[str, Any]) -> dict[str, Any]:
    names = {
        "prompt": "prompt",
        "completion": "completion",
        "total": "total",
        "cached": "prompt_details.cache_read",
        "reasoning": "completion_details.reasoning",
    }
    return {name: span.get(f"llm.token_count.{place}") for name, place in names.items()}


def details(llm: Any) -> dict[str, Any]:
    """Return the numbers that MiniMax sends, and MARA does not."""
    return {"cached": 64, "reasoning": 5} if isinstance(llm, MiniMax) else NO_DETAILS


NO_DETAILS = {"cached": 0, "reasoning": None}
FORMS = ["chat", "achat", "stream_chat", "astream_chat", "complete", "stream_complete"]


async def ask(llm: Any, form: str) -> str:
    asked: Any = QUESTION[0].content if "complete" in form else QUESTION
    if form in ("chat", "complete"):
        response = getattr(llm, form)(asked)
    elif form == "achat":
        response = await llm.achat(asked)
    elif form == "astream_chat":
        *_, response = [response async for response in await llm.astream_chat(asked)]
    else:
        *_, response = getattr(llm, form)(asked)
    return str(response.text if "complete" in form else response.message.content)


@pytest.mark.parametrize("form", FORMS)
async def test_a_call_is_one_span_with_the_numbers_of_the_provider(
    form: str, exporter: Any, llm: Any, says: Any
) -> None:
    says(ANSWER)
    assert await ask(llm, form) == ANSWER
    (span,) = requests(exporter)
    assert span["llm.model_name"] == llm.model
    assert span["llm.finish_reason"] == "stop"
    assert numbers(span) == {"prompt": 100, "completion": 20, "total": 120, **details(llm)}
    assert span["output.value"] == (ANSWER if "complete" in form else f"assistant: {ANSWER}")


async def test_the_calls_of_an_agent_are_spans_with_their_tool_calls(
    exporter: Any, llm: Any, says: Any
) -> None:
    def get_weather(city: str) -> str:
        """Say what the weather is in a city."""
        return f"Rain in {city}."

    says(ToolCall("get_weather", {"city": "Oslo"}), ANSWER)
    output: Any = await FunctionAgent(llm=llm, tools=[get_weather]).run(QUESTION[0].content)
    assert output.response.content == ANSWER
    first, second = requests(exporter)
    call = "llm.output_messages.0.message.tool_calls.0.tool_call.function"
    assert first[f"{call}.name"] == "get_weather"
    assert first[f"{call}.arguments"] == '{"city": "Oslo"}'
    assert (first["llm.finish_reason"], second["llm.finish_reason"]) == ("tool_calls", "stop")
    assert [numbers(span)["total"] for span in (first, second)] == [120, 120]


def test_a_query_engine_has_one_span_of_the_model(exporter: Any, llm: Any, says: Any) -> None:
    says(ANSWER)
    engine = SummaryIndex([TextNode(text="Rain in Oslo.")]).as_query_engine()
    assert engine.query(QUESTION[0].content).response == ANSWER
    assert len(requests(exporter)) == 1


def test_an_error_is_recorded_without_a_secret(exporter: Any, llm: Any, emulator: Any) -> None:
    emulator.scenario = "http-401"
    with pytest.raises(MaraMiniMaxError):
        llm.chat(QUESTION)
    (span,) = exporter.get_finished_spans()
    assert span.status.is_ok is False
    assert len(emulator.requests) == 1


def test_a_key_of_the_environment_is_in_no_span(
    exporter: Any, llm: Any, says: Any, emulator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"{emulator.provider.upper()}_API_KEY", KEY)
    says(ANSWER)
    made = type(llm)(base_url=emulator.base_url, default_headers={"x-proxy": HEADER})
    assert made.chat(QUESTION).message.content == ANSWER
    assert emulator.requests[0].has_key
    assert len(requests(exporter)) == 1
