"""Whether a chunk costs more in a long stream: 50,000 chunks against 1,000."""

from __future__ import annotations

from benchmarks.scenarios.streams import Row, measure_streams
from benchmarks.serving import Server
from benchmarks.subjects.langchain import CHAT_MINIMAX, LANGCHAIN_FLOOR
from benchmarks.subjects.llama_index import LLAMA_INDEX_FLOOR, MINIMAX
from benchmarks.wire import Script

SHORT, LONG = 1_000, 50_000


def measure(server: Server, quick: bool) -> list[Row]:
    """Measure both frameworks, each short before long; peers would take minutes."""
    rows: list[Row] = []
    for framework, subjects in (
        ("LangChain", (CHAT_MINIMAX, LANGCHAIN_FLOOR)),
        ("LlamaIndex", (MINIMAX, LLAMA_INDEX_FLOOR)),
    ):
        for count in (SHORT, LONG):
            rows += measure_streams(
                f"{framework} {count:,} chunks",
                server,
                Script("text", count),
                subjects,
                # A short stream is so short that it needs more of them.
                rounds=(9 if quick else 25) if count == SHORT else (1 if quick else 5),
                modes=("sync",),
            )
    return rows
