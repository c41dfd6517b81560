"""Streaming through LangChain: text, reasoning, tool-call arguments; sync and async."""

from __future__ import annotations

from benchmarks.scenarios.streams import Row, measure_streams
from benchmarks.serving import Server
from benchmarks.subjects.langchain import CHAT_MINIMAX, CHAT_OPENAI, LANGCHAIN, LANGCHAIN_FLOOR
from benchmarks.subjects.raw import RAW
from benchmarks.wire import Script


def measure(server: Server, quick: bool) -> list[Row]:
    """Measure the cases of the scenario."""
    rounds = 3 if quick else 7
    main = (CHAT_MINIMAX, CHAT_OPENAI, LANGCHAIN_FLOOR)
    everyone = main if quick else (*LANGCHAIN, *RAW)
    fewer = main if quick else LANGCHAIN
    text = Script("text", 2000)
    rows = measure_streams("LangChain text", server, text, everyone, rounds=rounds)
    for case, script in (
        ("LangChain reasoning", Script("reasoning", 2000)),
        ("LangChain tool call", Script("call", 1000)),
    ):
        rows += measure_streams(case, server, script, fewer, rounds=3 if quick else 5)
    if not quick:
        details = Script("details", 2000)
        rows += measure_streams("LangChain reasoning_details", server, details, main, rounds=5)
    return rows
