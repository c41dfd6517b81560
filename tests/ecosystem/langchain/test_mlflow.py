"""MLflow: each call is a span of a trace with its answer and tokens, and no secret."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mlflow
import pytest

from tests.ecosystem.langchain.tracing import run_agent, run_into_error
from tests.ecosystem.langchain.weather import ANSWER

# MLflow warns of its own types and of its files, which a test needs no database for.
pytestmark = pytest.mark.filterwarnings("ignore:.*Any type hint", "ignore::FutureWarning:mlflow")


@pytest.fixture
def traces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The traces that have ended, as MLflow writes them into files."""
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    monkeypatch.setenv("MLFLOW_ENABLE_ASYNC_TRACE_LOGGING", "false")
    mlflow.set_tracking_uri((tmp_path / "mlruns").as_uri())
    mlflow.langchain.autolog()
    yield lambda: mlflow.search_traces(return_type="list")
    mlflow.langchain.autolog(disable=True)


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])
def test_each_call_is_a_span_of_the_trace(
    traces: Any, chat: Any, says: Any, provider: str, secrets_in: Any, stream: bool
) -> None:
    run_agent(chat, says, stream=stream)
    (trace,) = traces()
    calls = [span for span in trace.data.spans if span.span_type == "CHAT_MODEL"]
    called, answered = [span.outputs["choices"][0]["message"] for span in calls]
    assert called["tool_calls"][0]["function"]["name"] == "get_weather"
    assert answered["content"].strip() == ANSWER
    assert "trap" not in str((called, answered))
    for span in calls:
        assert span.attributes["mlflow.llm.model"] == chat.model
        assert span.attributes["mlflow.llm.provider"] == provider
        usage = span.attributes["mlflow.chat.tokenUsage"]
        assert (usage["input_tokens"], usage["output_tokens"], usage["total_tokens"]) == (
            (100, 20, 120)
        )
    # The spans of calls have no finish reason; the graph's has the messages as they are.
    (graph,) = [span for span in trace.data.spans if span.parent_id is None]
    written = str(graph.outputs)
    assert written.count("'finish_reason': 'tool_calls'") == 1
    assert written.count("'finish_reason': 'stop'") == 1
    assert secrets_in(trace.to_json()) == []


def test_a_failed_call_is_a_trace_without_the_key(
    traces: Any, chat: Any, says: Any, settings: Any, secrets_in: Any
) -> None:
    run_into_error(chat, says, settings["api_key"])
    (trace,) = traces()
    assert trace.info.state == "ERROR"
    assert secrets_in(trace.to_json()) == []
