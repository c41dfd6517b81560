"""AG-UI: what a frontend receives of a run, with tools on both sides, and what it sends back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from llama_index.protocols.ag_ui.router import get_ag_ui_workflow_router

from mara_minimax.emulator import ToolCall
from tests.ecosystem.conftest import HEADER, KEY

ANSWER = "It rains in Oslo."
SAYS_WHAT = [{"role": "user", "id": "1", "content": "How is the weather in Oslo?"}]


def get_weather(city: str) -> str:
    """Say what the weather is in a city."""
    return f"Rain in {city}."


def paint(colour: str) -> str:
    """Paint the background of the page."""
    return ""


class Frontend:
    """Runs the agent as a page in a browser does, and keeps what it received."""

    def __init__(self, llm: Any) -> None:
        app = FastAPI()
        app.include_router(
            get_ag_ui_workflow_router(llm=llm, frontend_tools=[paint], backend_tools=[get_weather])
        )
        self.client = TestClient(app)
        self.received = ""

    def run(self, messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
        asked = {
            "threadId": "t",
            "runId": "r",
            "state": {},
            "messages": messages,
            "tools": [],
            "context": [],
            "forwardedProps": {},
        }
        response = self.client.post("/run", json=asked)
        self.received += response.text
        lines = [line for line in response.text.splitlines() if line.startswith("data: ")]
        return [json.loads(line.removeprefix("data: ")) for line in lines]


@pytest.fixture
def frontend(llm: Any) -> Any:
    frontend = Frontend(llm)
    yield frontend
    for hidden in ("trap", "<think>", KEY, HEADER):
        assert hidden not in frontend.received.lower()


def text_of(events: list[dict[str, Any]]) -> str:
    chunks = [event for event in events if event["type"] == "TEXT_MESSAGE_CHUNK"]
    return "".join(event["delta"] for event in chunks).strip()


def calls_of(events: list[dict[str, Any]]) -> list[tuple[str, Any]]:
    return [
        (event["toolCallName"], json.loads(event["delta"]))
        for event in events
        if event["type"] == "TOOL_CALL_CHUNK"
    ]


def test_a_run_calls_a_tool_of_the_backend_and_answers(
    frontend: Frontend, says: Any, prompts: Any, emulator: Any
) -> None:
    says(ToolCall("get_weather", {"city": "Oslo"}), ANSWER)
    events = frontend.run(SAYS_WHAT)
    assert (events[0]["type"], events[-1]["type"]) == ("RUN_STARTED", "RUN_FINISHED")
    assert text_of(events) == ANSWER
    assert calls_of(events) == [("get_weather", {"city": "Oslo"})]
    assert prompts() == ["How is the weather in Oslo?", "Rain in Oslo."]
    # The model gets its thought back, which the frontend never sees.
    assert "trap" in str(emulator.last_body["messages"][1]).lower()


def test_a_tool_of_the_frontend_runs_there_and_the_next_run_goes_on(
    frontend: Frontend, says: Any, emulator: Any
) -> None:
    says(ToolCall("paint", {"colour": "blue"}), "It is blue.")
    events = frontend.run(SAYS_WHAT)
    assert calls_of(events) == [("paint", {"colour": "blue"})]
    (*_, snapshot) = [event for event in events if event["type"] == "MESSAGES_SNAPSHOT"]
    (call,) = snapshot["messages"][1]["toolCalls"]
    result = {"role": "tool", "id": "3", "toolCallId": call["id"], "content": "done"}
    events = frontend.run([*snapshot["messages"], result])
    assert text_of(events) == "It is blue."
    assert events[-1]["type"] == "RUN_FINISHED"
    assert "done" in str(emulator.last_body["messages"][-1]["content"])
