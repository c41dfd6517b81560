"""Long histories through LangChain, and through the SDK and the core alone."""

from __future__ import annotations

from benchmarks.scenarios.histories import measure_histories
from benchmarks.scenarios.streams import Row
from benchmarks.serving import Server
from benchmarks.subjects.langchain import CHAT_MARA, CHAT_MINIMAX, CHAT_OPENAI, PEERS
from benchmarks.subjects.raw import CORE, OPENAI_SDK


def measure(server: Server, quick: bool) -> list[Row]:
    """Measure 300 and 1,500 messages."""
    subjects = (
        (CHAT_MINIMAX, CHAT_OPENAI)
        if quick
        else (CHAT_MINIMAX, CHAT_MARA, *PEERS, CORE, OPENAI_SDK)
    )
    return measure_histories("LangChain", server, subjects, quick)
