"""Langfuse: each call is a generation with its answer and tokens, and no secret."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from langfuse import Langfuse
from langfuse.langchain import CallbackHandler
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from tests.ecosystem.langchain.tracing import run_agent, run_into_error
from tests.ecosystem.langchain.weather import ANSWER


@pytest.fixture
def project() -> str:
    """A key of one's own, because Langfuse keeps one client for each key."""
    return f"pk-lf-{uuid4()}"


@pytest.fixture
def spans(project: str) -> Iterator[Any]:
    """The spans that have ended; nothing leaves the process."""
    exporter = InMemorySpanExporter()
    client = Langfuse(
        public_key=project,
        secret_key="sk-lf-test",
        base_url="http://127.0.0.1:9",
        span_exporter=exporter,
        tracer_provider=TracerProvider(),
    )

    def ended() -> Any:
        client.flush()
        return exporter.get_finished_spans()

    yield ended
    client.shutdown()


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])
def test_each_call_is_a_generation(
    spans: Any, project: str, chat: Any, says: Any, provider: str, secrets_in: Any, stream: bool
) -> None:
    run_agent(chat, says, stream=stream, callbacks=[CallbackHandler(public_key=project)])
    ended = [span.attributes for span in spans()]
    made = [each for each in ended if each["langfuse.observation.type"] == "generation"]
    outputs = [json.loads(each["langfuse.observation.output"]) for each in made]
    assert outputs[0]["tool_calls"][0]["name"] == "get_weather"
    assert outputs[1]["content"].strip() == ANSWER
    assert "trap" not in str([output["content"] for output in outputs])
    for each in made:
        assert each["langfuse.observation.model.name"] == chat.model
        usage = json.loads(each["langfuse.observation.usage_details"])
        assert usage["total"] == 120
        assert usage["input"] + usage.get("input_cache_read", 0) == 100
        assert usage["output"] + usage.get("output_reasoning", 0) == 20
        if provider == "minimax":
            assert (usage["input_cache_read"], usage["output_reasoning"]) == (64, 5)
    assert secrets_in("\n".join(span.to_json() for span in spans())) == []


def test_a_failed_call_is_a_generation_without_the_key(
    spans: Any, project: str, chat: Any, says: Any, settings: Any, secrets_in: Any
) -> None:
    run_into_error(chat, says, settings["api_key"], callbacks=[CallbackHandler(public_key=project)])
    (span,) = spans()
    assert span.attributes["langfuse.observation.level"] == "ERROR"
    assert secrets_in(span.to_json()) == []
