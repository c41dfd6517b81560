"""Streaming through LlamaIndex: text, reasoning, tool-call arguments; sync and async."""

from __future__ import annotations

from benchmarks.scenarios.streams import Row, measure_streams
from benchmarks.serving import Server
from benchmarks.subjects.llama_index import LLAMA_INDEX, LLAMA_INDEX_FLOOR, MINIMAX, OPENAI_LIKE
from benchmarks.wire import Script


def measure(server: Server, quick: bool) -> list[Row]:
    """Measure the cases of the scenario."""
    rounds = 3 if quick else 7
    main = (MINIMAX, OPENAI_LIKE, LLAMA_INDEX_FLOOR)
    everyone = main if quick else LLAMA_INDEX
    text = Script("text", 2000)
    rows = measure_streams("LlamaIndex text", server, text, everyone, rounds=rounds)
    for case, script in (
        ("LlamaIndex reasoning", Script("reasoning", 2000)),
        ("LlamaIndex tool call", Script("call", 1000)),
    ):
        rows += measure_streams(case, server, script, main, rounds=3 if quick else 5)
    return rows
