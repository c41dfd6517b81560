"""Streams as providers send them: one event in each read, alone and 200 at once.

A read costs more than what is done with its event, and most of that is the HTTP library's. Each
subject is measured with the library that it has by default, and async calls with aiohttp too.
"""

from __future__ import annotations

from benchmarks.scenarios.concurrency import measure_crowd
from benchmarks.scenarios.streams import Row, measure_streams
from benchmarks.serving import Server
from benchmarks.subjects.langchain import (
    CHAT_MINIMAX,
    CHAT_MINIMAX_FAST,
    CHAT_OPENAI,
    CHAT_OPENAI_FAST,
)
from benchmarks.subjects.llama_index import MINIMAX, MINIMAX_FAST, OPENAI_LIKE
from benchmarks.subjects.raw import AIOHTTP_BYTES, CORE, CORE_FAST, RAW_BYTES, SOCKET_BYTES
from benchmarks.wire import Script

FRAMEWORKS = (CHAT_MINIMAX, CHAT_OPENAI, MINIMAX, OPENAI_LIKE)
FAST = (CHAT_MINIMAX_FAST, CHAT_OPENAI_FAST, MINIMAX_FAST)
STREAMS = 200
CHUNKS = 50
"""At 50 events a second in each stream."""


def measure(server: Server, quick: bool) -> list[Row]:
    """Measure each subject alone, then the async ones with 200 streams at once."""
    script = Script("text", 150 if quick else 500)
    rounds = 3 if quick else 5
    sync = (*FRAMEWORKS, CORE, RAW_BYTES, SOCKET_BYTES)
    case = "As streams come"
    rows = measure_streams(
        case, server, script, sync, rounds=rounds, delivery="single", modes=("sync",)
    )
    fast = (*FAST, CORE_FAST, AIOHTTP_BYTES)
    rows += measure_streams(
        case, server, script, (*sync, *fast), rounds=rounds, delivery="single", modes=("async",)
    )
    target = server.target(Script("text", CHUNKS), f"gathered-single-{STREAMS}")
    crowd = (*FRAMEWORKS, *FAST, CORE, CORE_FAST, RAW_BYTES, AIOHTTP_BYTES)
    rows += measure_crowd(
        target, f"{STREAMS} streams at once, as they come", STREAMS, crowd, rounds=1 if quick else 3
    )
    return rows
