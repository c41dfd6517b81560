"""Tool results that are more than text, in agents: the run and its thread go on."""

from __future__ import annotations

from typing import Any

import pytest
from langchain.agents import create_agent
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langchain_core.tools import tool
from langgraph.checkpoint.memory import InMemorySaver

from langchain_mara_minimax import ChatMARA, ChatMiniMax
from mara_minimax.emulator import Emulator
from mara_minimax.encoded_request import HistoryWarning
from mara_minimax.errors import UnsupportedInputError

PNG = "iVBORw0KGgo="
LINK = "https://example.com/report.pdf"
NO_CONTENT = "it is no content of the chat API"
M2 = "MiniMax's model 'MiniMax-M2' does not take"
MARA_TEXT = "MARA Cloud takes text alone in a tool result"
BLOCKS: dict[str, tuple[dict[str, Any], str, str]] = {
    "an image": (
        {"type": "image", "base64": PNG, "mime_type": "image/png"},
        f"[image not sent: {M2} image]",
        f"[image not sent: {MARA_TEXT}]",
    ),
    "an image of Anthropic": (
        {
            "type": "image",
            "source": {"type": "base64", "media_type": "image/png", "data": PNG},
        },
        f"[image not sent: {M2} image]",
        f"[image not sent: {MARA_TEXT}]",
    ),
    "a resource link": (
        {"type": "file", "url": LINK, "mime_type": "application/pdf"},
        f"[file not sent: {NO_CONTENT}]\n{LINK}",
        f"[file not sent: {NO_CONTENT}]\n{LINK}",
    ),
    "a file": (
        {"type": "file", "base64": PNG, "mime_type": "application/pdf"},
        f"[file not sent: {NO_CONTENT}]",
        f"[file not sent: {NO_CONTENT}]",
    ),
    "a search result": (
        {
            "type": "search_result",
            "title": "Rain",
            "source": LINK,
            "content": [{"type": "text", "text": "It rains."}],
        },
        f"[search_result not sent: {NO_CONTENT}]\nRain\nIt rains.\n{LINK}",
        f"[search_result not sent: {NO_CONTENT}]\nRain\nIt rains.\n{LINK}",
    ),
    "a custom output": (
        {"type": "custom_tool_call_output", "output": "42 degrees"},
        f"[custom_tool_call_output not sent: {NO_CONTENT}]\n42 degrees",
        f"[custom_tool_call_output not sent: {NO_CONTENT}]\n42 degrees",
    ),
    "an image without data": (
        {"type": "image"},
        f"[image not sent: {NO_CONTENT}]",
        f"[image not sent: {NO_CONTENT}]",
    ),
}


@pytest.fixture(params=list(BLOCKS))
def block(request: pytest.FixtureRequest) -> tuple[dict[str, Any], str, str]:
    """What a tool returns, and the text that is sent for it to MiniMax and to MARA."""
    return BLOCKS[request.param]


def _agent(model: Any, block: dict[str, Any]) -> Any:
    @tool
    def look() -> list[Any]:
        """Look at the page."""
        return [{"type": "text", "text": "Here it is."}, block]

    return create_agent(model, [look], checkpointer=InMemorySaver())


@pytest.mark.parametrize("host", ["minimax", "mara"])
@pytest.mark.filterwarnings("ignore::mara_minimax.encoded_request.HistoryWarning")
def test_an_agent_goes_on_and_its_thread_stays_usable(
    host: str,
    block: tuple[dict[str, Any], str, str],
    model: ChatMiniMax,
    server: Emulator,
    mara: ChatMARA,
    mara_server: Emulator,
    turns: Any,
) -> None:
    chosen, emulator = {"minimax": (model, server), "mara": (mara, mara_server)}[host]
    emulator.enqueue(turns(calls=(("look", "{}"),)).plain())
    emulator.enqueue(turns(text=("I see.",)).plain())
    emulator.enqueue(turns(text=("Hi!",)).plain())
    agent = _agent(chosen, block[0])
    config = {"configurable": {"thread_id": "1"}}
    result = agent.invoke({"messages": [("user", "Look at the page.")]}, config)
    assert result["messages"][-1].text == "I see."
    result = agent.invoke({"messages": [("user", "Never mind, hi.")]}, config)
    assert result["messages"][-1].text == "Hi!"
    sent = f"Here it is.\n{block[1] if host == 'minimax' else block[2]}"
    for request in emulator.requests[1:]:
        results = [m["content"] for m in request.body["messages"] if m["role"] == "tool"]
        assert results == [sent]
    assert len(emulator.requests) == 3


def test_a_model_that_takes_images_sees_the_screenshot(
    make_model: Any, server: Emulator, turns: Any
) -> None:
    server.enqueue(turns(calls=(("look", "{}"),)).plain())
    server.enqueue(turns(text=("I see.",)).plain())
    agent = _agent(make_model(model="MiniMax-M3"), BLOCKS["an image"][0])
    agent.invoke({"messages": [("user", "Look.")]}, {"configurable": {"thread_id": "1"}})
    (result,) = [m["content"] for m in server.last_body["messages"] if m["role"] == "tool"]
    image = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}}
    assert result == [{"type": "text", "text": "Here it is."}, image]


HISTORY = [
    HumanMessage("Look."),
    AIMessage("", tool_calls=[{"name": "look", "args": {}, "id": "t"}]),
]


def test_what_is_replaced_is_warned_of(model: ChatMiniMax, server: Emulator) -> None:
    # Of its own cause, which no other test has warned of.
    result = ToolMessage([{"type": "hologram"}], tool_call_id="t")
    with pytest.warns(HistoryWarning, match="hologram not sent"):
        model.invoke([*HISTORY, result])
    assert len(server.requests) == 1


@pytest.mark.filterwarnings("ignore::mara_minimax.encoded_request.HistoryWarning")
def test_a_result_in_the_format_of_anthropic_is_replaced_alike(
    model: ChatMiniMax, server: Emulator
) -> None:
    result = {"type": "tool_result", "tool_use_id": "t", "content": [BLOCKS["an image"][0]]}
    model.invoke([*HISTORY, HumanMessage([result])])
    assert server.last_body["messages"][-1]["content"] == BLOCKS["an image"][1]


@pytest.mark.parametrize("name", ["an image", "a file"])
def test_what_the_user_shows_is_refused(name: str, model: ChatMiniMax, server: Emulator) -> None:
    with pytest.raises(UnsupportedInputError):
        model.invoke([HumanMessage([BLOCKS[name][0]])])
    assert server.requests == []


def test_arguments_of_another_type_reach_the_tool_as_written_and_the_model_is_told(
    model: ChatMiniMax, server: Emulator, turns: Any
) -> None:
    @tool
    def total(items: list[int]) -> int:
        """Add numbers."""
        return sum(items)

    server.enqueue(turns(calls=(("total", '{"items": "[1, 2]"}'),)).plain())
    server.enqueue(turns(calls=(("total", '{"items": [1, 2]}'),)).plain())
    server.enqueue(turns(text=("3",)).plain())
    state = create_agent(model, [total]).invoke({"messages": [("user", "1+2?")]})
    told, added = [m for m in state["messages"] if isinstance(m, ToolMessage)]
    assert told.status == "error"
    assert "valid list" in str(told.content)
    assert added.content == "3"
    assert state["messages"][-1].text == "3"
    (first, *_) = [m for m in server.last_body["messages"] if m.get("tool_calls")]
    assert first["tool_calls"][0]["function"]["arguments"] == '{"items": "[1, 2]"}'
