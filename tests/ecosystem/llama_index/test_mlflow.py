"""MLflow's autologging: one span to a call, with the provider's numbers, and no secret."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import mlflow
import pytest
from llama_index.core import Settings, SummaryIndex
from llama_index.core.agent.workflow import FunctionAgent
from llama_index.core.base.llms.types import ChatMessage
from llama_index.core.prompts import PromptTemplate
from llama_index.core.schema import TextNode
from llama_index.core.tools import FunctionTool
from pydantic import BaseModel

from mara_minimax.emulator import ToolCall
from tests.ecosystem.conftest import HEADER, KEY

# MLflow warns of types of its own while it is imported and starts its first span.
pytestmark = pytest.mark.filterwarnings("ignore:.*Any type hint is inferred:UserWarning")

QUESTION = [ChatMessage(role="user", content="How is the weather in Oslo?")]
ANSWER = "It rains in Oslo."
NUMBERS = {"input_tokens": 100, "output_tokens": 20, "total_tokens": 120}


@pytest.fixture
def spans(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], list[Any]]]:
    """The spans of the last trace; at the end nothing that MLflow wrote holds a secret."""
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    monkeypatch.setenv("MLFLOW_ENABLE_ASYNC_TRACE_LOGGING", "false")
    mlflow.set_tracking_uri(f"file://{tmp_path / 'mlruns'}")
    mlflow.set_experiment("llama-index")
    mlflow.llama_index.autolog()
    yield lambda: mlflow.get_trace(mlflow.get_last_active_trace_id()).data.spans
    mlflow.llama_index.autolog(disable=True)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    for path in files:
        assert KEY.encode() not in path.read_bytes()
        assert HEADER.encode() not in path.read_bytes()


def requests(spans: list[Any]) -> list[Any]:
    """Return the spans that tell of a request, and of no step around it."""
    return [span for span in spans if span.get_attribute("mlflow.chat.tokenUsage")]


@pytest.mark.parametrize("form", ["chat", "achat", "stream_chat", "complete"])
async def test_a_call_is_one_span_with_the_numbers_of_the_provider(
    form: str, spans: Any, llm: Any, says: Any
) -> None:
    says(ANSWER)
    asked: Any = QUESTION[0].content if form == "complete" else QUESTION
    response = getattr(llm, form)(asked)
    if form == "achat":
        response = await response
    elif form == "stream_chat":
        *_, response = response
    (span,) = spans()
    assert span.name.endswith(f".{form}")
    assert span.status.status_code == "OK"
    assert span.get_attribute("mlflow.chat.tokenUsage") == NUMBERS
    assert span.get_attribute("mlflow.llm.model") == llm.model
    said = (
        span.outputs["text"]
        if form == "complete"
        else span.outputs["message"]["blocks"][-1]["text"]
    )
    assert said == ANSWER
    assert span.outputs["additional_kwargs"]["finish_reason"] == "stop"


async def test_an_async_stream_is_one_span(spans: Any, llm: Any, says: Any) -> None:
    # MLflow ends the span of an async generator, of any class, before it is read.
    says(ANSWER)
    *_, response = [response async for response in await llm.astream_chat(QUESTION)]
    assert response.message.content == ANSWER
    (span,) = spans()
    assert span.name.endswith(".astream_chat")


async def test_the_calls_of_an_agent_are_spans_of_one_trace(
    spans: Any, llm: Any, says: Any
) -> None:
    def get_weather(city: str) -> str:
        """Say what the weather is in a city."""
        return f"Rain in {city}."

    says(ToolCall("get_weather", {"city": "Oslo"}), ANSWER)
    agent = FunctionAgent(llm=llm, tools=[get_weather], streaming=False)
    output: Any = await agent.run(QUESTION[0].content)
    assert output.response.content == ANSWER
    first, second = requests(spans())
    assert first.outputs["additional_kwargs"]["finish_reason"] == "tool_calls"
    assert second.outputs["additional_kwargs"]["finish_reason"] == "stop"
    (tool,) = [span for span in spans() if span.span_type == "TOOL"]
    assert tool.outputs["blocks"][0]["text"] == "Rain in Oslo."


def test_a_query_engine_answers_in_one_trace(spans: Any, llm: Any, says: Any) -> None:
    says(ANSWER)
    engine = SummaryIndex([TextNode(text="Rain in Oslo.")]).as_query_engine()
    assert engine.query(QUESTION[0].content).response == ANSWER
    root, *_ = spans()
    assert root.outputs["response"] == ANSWER
    assert "trap" not in str(root.outputs).lower()
    (request,) = requests(spans())
    assert request.get_attribute("mlflow.chat.tokenUsage") == NUMBERS


class Report(BaseModel):
    rain: bool


PROMPT = PromptTemplate("How is the weather?")


@pytest.mark.parametrize("form", ["structured_predict", "astructured_predict"])
async def test_a_structured_call_has_one_span_of_each_step(
    form: str, spans: Any, llm: Any, says: Any
) -> None:
    says(ToolCall("Report", {"rain": True}))
    found = getattr(llm, form)(Report, PROMPT)
    assert (await found if form.startswith("a") else found) == Report(rain=True)
    names = [span.name for span in spans()]
    assert f"{type(llm).__name__}.{form}" in names
    assert len(names) == len(set(names))
    assert len(requests(spans())) == 1


def test_predict_and_call_has_one_span(spans: Any, llm: Any, says: Any) -> None:
    says(ToolCall("get_weather", {"city": "Oslo"}))
    tool = FunctionTool.from_defaults(lambda city: f"Rain in {city}.", name="get_weather")
    assert str(llm.predict_and_call([tool], user_msg="Weather?")) == "Rain in Oslo."
    names = [span.name.split(".")[-1] for span in spans()]
    assert names.count("predict_and_call") == 1


def test_a_logged_model_is_loaded_with_its_settings_and_the_key_of_the_environment(
    spans: Any, llm: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    llm.temperature = 0.5
    index = SummaryIndex([TextNode(text="Rain in Oslo.")])
    logged = mlflow.llama_index.log_model(
        index, name="model", engine_type="query", pip_requirements=["mara-minimax"]
    )
    monkeypatch.setenv("MINIMAX_API_KEY", KEY)
    monkeypatch.setenv("MARA_API_KEY", KEY)
    mlflow.llama_index.load_model(logged.model_uri)
    assert Settings.llm is not llm
    assert Settings.llm.to_dict() == llm.to_dict()
