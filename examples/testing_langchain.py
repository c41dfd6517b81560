"""How to test an application of your own without a key: `pytest examples/testing_langchain.py`.

The emulator answers as the provider would, records what was sent, and fails on demand.
"""

from __future__ import annotations

from collections.abc import Iterator

import openai
import pytest

from langchain_mara_minimax import ChatMiniMax
from mara_minimax.emulator import Emulator, Reply


def triage(model: ChatMiniMax, ticket: str) -> str:
    """Sort a ticket; what the model cannot place goes to a person."""
    try:
        message = model.invoke(
            [("system", "Answer with one word: billing, bug or other."), ("human", ticket)]
        )
    except openai.RateLimitError:
        return "later"
    word = message.text.strip().lower()
    return word if word in ("billing", "bug") else "person"


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator("minimax") as emulator:
        yield emulator


@pytest.fixture
def model(emulator: Emulator) -> ChatMiniMax:
    return ChatMiniMax(api_key=emulator.api_key, base_url=emulator.base_url, max_retries=0)


@pytest.mark.parametrize(("answer", "queue"), [("Billing", "billing"), ("Hm.", "person")])
def test_a_ticket_goes_where_the_model_says(answer, queue, emulator, model):
    emulator.answer = lambda _: Reply(answer)
    assert triage(model, "I was charged twice.") == queue
    system, ticket = emulator.last_body["messages"]
    assert "one word" in system["content"]
    assert ticket["content"] == "I was charged twice."


def test_a_ticket_waits_while_the_account_is_limited(emulator, model):
    emulator.scenario = "http-429"
    assert triage(model, "The export crashes.") == "later"
    assert len(emulator.requests) == 1
