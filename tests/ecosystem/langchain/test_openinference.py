"""OpenInference: each call is a span with its answer and tokens, and no secret."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from openinference.instrumentation.langchain import LangChainInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from tests.ecosystem.langchain.tracing import run_agent, run_into_error
from tests.ecosystem.langchain.weather import ANSWER

MESSAGE = "llm.output_messages.0.message"


@pytest.fixture
def spans() -> Iterator[Any]:
    """The spans that have ended."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    LangChainInstrumentor().instrument(tracer_provider=provider)
    yield exporter.get_finished_spans
    LangChainInstrumentor().uninstrument()


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])
def test_each_call_is_a_span(
    spans: Any, chat: Any, says: Any, provider: str, secrets_in: Any, stream: bool
) -> None:
    run_agent(chat, says, stream=stream)
    ended = [span.attributes for span in spans()]
    called, answered = [each for each in ended if each["openinference.span.kind"] == "LLM"]
    assert called[f"{MESSAGE}.tool_calls.0.tool_call.function.name"] == "get_weather"
    assert answered[f"{MESSAGE}.content"].strip() == ANSWER
    for span in (called, answered):
        assert span["llm.model_name"] == chat.model
        assert span["llm.token_count.prompt"] == 100
        assert span["llm.token_count.completion"] == 20
        assert span["llm.token_count.total"] == 120
        if provider == "minimax":
            assert span["llm.token_count.prompt_details.cache_read"] == 64
            assert span["llm.token_count.completion_details.reasoning"] == 5
        shown = {key: value for key, value in span.items() if key.startswith("llm.output")}
        assert "trap" not in str(shown)
    words = [json.loads(span["output.value"])["generations"][0][0] for span in (called, answered)]
    assert [each["generation_info"]["finish_reason"] for each in words] == ["tool_calls", "stop"]
    assert secrets_in("\n".join(span.to_json() for span in spans())) == []


def test_a_failed_call_is_a_span_without_the_key(
    spans: Any, chat: Any, says: Any, settings: Any, secrets_in: Any
) -> None:
    run_into_error(chat, says, settings["api_key"])
    (span,) = spans()
    assert span.status.status_code.name == "ERROR"
    assert secrets_in(span.to_json()) == []
