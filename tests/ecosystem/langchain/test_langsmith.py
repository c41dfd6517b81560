"""LangSmith: each call is a run with its answer and tokens, and no secret."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests
from langchain_core.tracers import LangChainTracer
from langsmith import Client

from tests.ecosystem.langchain.tracing import run_agent, run_into_error
from tests.ecosystem.langchain.weather import ANSWER


class Service(requests.Session):
    """Stands in for LangSmith's service, and keeps what it is sent."""

    def __init__(self) -> None:
        super().__init__()
        self.bodies: list[bytes] = []

    def request(self, method: Any, url: Any, *args: Any, **kwargs: Any) -> requests.Response:
        self.bodies.append(kwargs["data"])
        response = requests.Response()
        response.status_code, response._content = 200, b"{}"
        return response

    def runs(self) -> list[dict[str, Any]]:
        """Return the runs that were sent, each with what was told later."""
        runs: dict[str, dict[str, Any]] = {}
        for body in map(json.loads, self.bodies):
            runs.setdefault(body.get("id", body.get("trace_id")), {}).update(body)
        return list(runs.values())


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def tracer(service: Service) -> LangChainTracer:
    client = Client(
        api_url="http://127.0.0.1:9", api_key="of-it", session=service, auto_batch_tracing=False
    )
    return LangChainTracer(client=client)


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])
def test_each_call_is_a_run(
    service: Service,
    tracer: LangChainTracer,
    chat: Any,
    says: Any,
    provider: str,
    secrets_in: Any,
    stream: bool,
) -> None:
    run_agent(chat, says, stream=stream, callbacks=[tracer])
    tracer.wait_for_futures()
    called, answered = [run for run in service.runs() if run["run_type"] == "llm"]
    made = [run["outputs"]["generations"][0][0] for run in (called, answered)]
    messages = [each["message"]["kwargs"] for each in made]
    assert messages[0]["tool_calls"][0]["name"] == "get_weather"
    assert made[1]["text"].strip() == ANSWER
    assert "trap" not in str([each["content"] for each in messages])
    words = [each["response_metadata"]["finish_reason"] for each in messages]
    assert words == ["tool_calls", "stop"]
    for run, message in zip((called, answered), messages, strict=True):
        assert run["extra"]["metadata"]["ls_provider"] == provider
        assert run["extra"]["metadata"]["ls_model_name"] == chat.model
        usage = message["usage_metadata"]
        assert (usage["input_tokens"], usage["output_tokens"]) == (100, 20)
        assert usage["total_tokens"] == 120
        assert run["extra"]["metadata"]["usage_metadata"] == usage
    assert secrets_in(b"".join(service.bodies).decode()) == []


def test_a_failed_call_is_a_run_without_the_key(
    service: Service, tracer: LangChainTracer, chat: Any, says: Any, settings: Any, secrets_in: Any
) -> None:
    run_into_error(chat, says, settings["api_key"], callbacks=[tracer])
    tracer.wait_for_futures()
    (run,) = service.runs()
    assert "AuthenticationError" in run["error"]
    assert secrets_in(b"".join(service.bodies).decode()) == []
