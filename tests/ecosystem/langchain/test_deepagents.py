"""deepagents: an agent with files, plans and subagents."""

from __future__ import annotations

from typing import Any

import pytest
from deepagents import create_deep_agent

from mara_minimax.emulator import ToolCall
from tests.ecosystem.langchain.weather import ANSWER, CALL, QUESTION, get_weather

PIXEL = "bm8gcGljdHVyZQ=="


def results(emulator: Any) -> list[str]:
    """Return what tools returned, as the newest request has it."""
    sent = emulator.last_body["messages"]
    return [str(message["content"]) for message in sent if message["role"] == "tool"]


def test_an_agent_writes_and_reads_a_file(
    chat: Any, says: Any, is_answer: Any, emulator: Any
) -> None:
    file = {"file_path": "/weather.md", "content": "Rain in Oslo."}
    says(ToolCall("write_file", file), ToolCall("read_file", {"file_path": "/weather.md"}), ANSWER)
    result = create_deep_agent(chat).invoke(QUESTION)
    is_answer(result["messages"][-1], ANSWER)
    assert "Rain in Oslo." in results(emulator)[1]
    assert list(result["files"]) == ["/weather.md"]


def test_a_subagent_answers_with_its_own_tool(
    chat: Any, says: Any, is_answer: Any, emulator: Any, trap: str
) -> None:
    watcher = {
        "name": "watcher",
        "description": "Looks at the weather",
        "system_prompt": "You look out of the window.",
        "tools": [get_weather],
    }
    task = {"description": "Look at Oslo", "subagent_type": "watcher"}
    says(ToolCall("task", task), CALL, "Rain, says the watcher.", ANSWER)
    result = create_deep_agent(chat, subagents=[watcher]).invoke(QUESTION)
    is_answer(result["messages"][-1], ANSWER)
    assert results(emulator) == ["Rain, says the watcher."]
    assert "You look out of the window." in str(emulator.requests[1].body["messages"][0])


@pytest.mark.filterwarnings("ignore:.*image")
def test_an_image_that_a_model_cannot_see_does_not_end_the_agent(
    chat: Any, says: Any, is_answer: Any, emulator: Any
) -> None:
    says(ToolCall("read_file", {"file_path": "/a.png"}), ANSWER)
    files = {"/a.png": {"content": PIXEL, "encoding": "base64"}}
    result = create_deep_agent(chat).invoke({**QUESTION, "files": files})
    is_answer(result["messages"][-1], ANSWER)
    assert PIXEL not in str(results(emulator))
