"""The run that every tracer watches: an agent that calls its tool, answers, and fails."""

from __future__ import annotations

from typing import Any

import pytest
from langchain.agents import create_agent

from mara_minimax.emulator import CannedReply
from mara_minimax.errors import AuthenticationError
from tests.ecosystem.langchain.weather import ANSWER, CALL, QUESTION, get_weather


def run_agent(chat: Any, says: Any, *, stream: bool = False, **config: Any) -> None:
    """Let an agent answer in two calls, plain or streamed."""
    says(CALL, ANSWER)
    agent = create_agent(chat, [get_weather])
    if stream:
        list(agent.stream(QUESTION, config, stream_mode="messages"))
    else:
        agent.invoke(QUESTION, config)


def run_into_error(chat: Any, says: Any, key: str, **config: Any) -> None:
    """Let a call fail with words of the host that hold the key."""
    says(CannedReply.json({"error": {"message": f"bad key {key}"}}, status=401))
    with pytest.raises(AuthenticationError):
        chat.invoke("Hello", config)
