"""Personal data in reasoning: what the documented ways keep off the wire and out of the state."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from langchain.agents import create_agent
from langchain.agents.middleware import PIIMiddleware
from langgraph.checkpoint.memory import InMemorySaver

from mara_minimax.emulator import Emulator

FORMS = ["reasoning_details", "inline", "reasoning"]
CONFIG: Any = {"configurable": {"thread_id": "1"}}
ROOT = Path(__file__).resolve().parents[2]


def documented_hook() -> Any:
    """The middleware that docs/reasoning.md shows."""
    page = (ROOT / "docs" / "reasoning.md").read_text("utf-8")
    block = next(part for part in page.split("```python\n") if "class RedactReasoning" in part)
    names: dict[str, Any] = {}
    exec(block.partition("\nreply = ")[0], names)
    return names["RedactReasoning"]()


def talk(model: Any, server: Emulator, turn: Any, middleware: list[Any], *, stream: bool) -> str:
    """Hold two turns; return the state of the thread, as a checkpointer has it."""
    pii = PIIMiddleware("email", apply_to_output=True)
    memory = InMemorySaver()
    agent = create_agent(model, middleware=[pii, *middleware], checkpointer=memory)
    for question in ("Whom do I ask?", "And then?"):
        server.enqueue(turn.stream() if stream else turn.plain())
        given: Any = {"messages": [("user", question)]}
        if stream:
            list(agent.stream(given, CONFIG, stream_mode="messages"))
        else:
            agent.invoke(given, CONFIG)
    assert len(server.requests) == 2
    return str(agent.get_state(CONFIG).values["messages"])


def turn_of(turns: Any, form: str) -> Any:
    # The address is cut in two, as chunks of a stream cut it.
    return turns(
        reasoning=("Bob is bob@exa", "mple.com."), text=("Mail bob@example.com.",), form=form
    )


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("stream", [False, True])
def test_the_documented_hook_redacts_reasoning_in_the_state_and_on_the_wire(
    form: str, stream: bool, make_model: Any, server: Emulator, turns: Any
) -> None:
    model = make_model(reasoning_split=form != "inline")
    state = talk(model, server, turn_of(turns, form), [documented_hook()], stream=stream)
    assert "bob@" not in state
    assert "mple.com" not in state
    assert "Bob is [REDACTED_EMAIL]" in state
    sent = str(server.last_body)
    assert "bob@" not in sent
    assert "mple.com" not in sent
    assert "Bob is [REDACTED_EMAIL]" in sent


@pytest.mark.parametrize("form", FORMS)
def test_without_replay_reasoning_stays_off_the_wire_and_in_the_state(
    form: str, make_model: Any, server: Emulator, turns: Any
) -> None:
    model = make_model(reasoning_split=form != "inline", replay_reasoning=False)
    state = talk(model, server, turn_of(turns, form), [], stream=False)
    assert "bob@" in state
    sent = str(server.last_body)
    assert "Mail [REDACTED_EMAIL]" in sent
    assert "Bob is" not in sent
