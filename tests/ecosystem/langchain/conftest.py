"""The chat model that talks to the provider, and what holds of each of its answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from langchain_core.messages import AIMessage

from langchain_mara_minimax import ChatMARA, ChatMiniMax
from mara_minimax.emulator import Emulator

CLASSES: dict[str, type[ChatMiniMax | ChatMARA]] = {"minimax": ChatMiniMax, "mara": ChatMARA}


@pytest.fixture(autouse=True)
def _asked(emulator: Emulator) -> Iterator[None]:
    """Each test asks the provider something."""
    yield
    assert emulator.requests


@pytest.fixture
def chat(provider: str, settings: dict[str, Any]) -> ChatMiniMax | ChatMARA:
    """The chat model of the provider."""
    return CLASSES[provider](**settings)


@pytest.fixture
def other_emulator(provider: str) -> Iterator[Emulator]:
    """The other provider, in its usual form."""
    with Emulator("mara" if provider == "minimax" else "minimax") as emulator:
        yield emulator


@pytest.fixture
def other_chat(other_emulator: Emulator, settings: dict[str, Any]) -> ChatMiniMax | ChatMARA:
    """The chat model of the other provider."""
    cls = CLASSES[other_emulator.provider]
    return cls(**{**settings, "base_url": other_emulator.base_url})


@pytest.fixture
def is_answer(provider: str, trap: str) -> Callable[[Any, str], None]:
    """Check that a message is this answer, its reasoning in its place and its tokens counted."""

    def check(message: Any, text: str) -> None:
        assert isinstance(message, AIMessage)
        assert message.text == text
        assert "trap" not in str(message.content)
        assert message.additional_kwargs["reasoning_content"] == trap
        assert message.response_metadata["finish_reason"] == "stop"
        usage: Any = message.usage_metadata
        assert (usage["input_tokens"], usage["output_tokens"], usage["total_tokens"]) == (
            100,
            20,
            120,
        )
        # MARA does not tell how many of the tokens it had in its cache.
        assert usage["input_token_details"]["cache_read"] == (64 if provider == "minimax" else 0)

    return check
