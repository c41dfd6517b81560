"""Long histories through LlamaIndex."""

from __future__ import annotations

from benchmarks.scenarios.histories import measure_histories
from benchmarks.scenarios.streams import Row
from benchmarks.serving import Server
from benchmarks.subjects.llama_index import MARA, MINIMAX, OPENAI_LIKE, PEERS


def measure(server: Server, quick: bool) -> list[Row]:
    """Measure 300 and 1,500 messages."""
    subjects = (MINIMAX, OPENAI_LIKE) if quick else (MINIMAX, MARA, *PEERS)
    return measure_histories("LlamaIndex", server, subjects, quick)
