"""Streams as providers send them: one event in each read, alone and 200 at once.

A read costs more than what is done with its event, and most of that is the HTTP library's and the
event loop's. Each subject is measured with the library that it has by default, and async calls
with aiohttp too. Floors read with httpx, aiohttp and a bare socket, or only wake up for each event,
with a framework's work for it and without.
"""

from __future__ import annotations

from benchmarks.scenarios.concurrency import CHUNKS, measure_crowd
from benchmarks.scenarios.streams import Row, measure_streams
from benchmarks.serving import Server
from benchmarks.subjects.langchain import (
    CHAT_MINIMAX,
    CHAT_MINIMAX_FAST,
    CHAT_MINIMAX_SDK,
    CHAT_OPENAI,
    CHAT_OPENAI_FAST,
    LANGCHAIN_FLOOR,
)
from benchmarks.subjects.llama_index import LLAMA_INDEX_FLOOR, MINIMAX, MINIMAX_FAST, OPENAI_LIKE
from benchmarks.subjects.raw import (
    AIOHTTP_BYTES,
    CORE,
    CORE_FAST,
    RAW_BYTES,
    SOCKET_BYTES,
    WAKING,
)
from benchmarks.wire import Script

FRAMEWORKS = (CHAT_MINIMAX, CHAT_OPENAI, MINIMAX, OPENAI_LIKE)
FAST = (CHAT_MINIMAX_FAST, CHAT_MINIMAX_SDK, CHAT_OPENAI_FAST, MINIMAX_FAST, CORE_FAST)
FLOORS = (RAW_BYTES, SOCKET_BYTES, LANGCHAIN_FLOOR, LLAMA_INDEX_FLOOR, WAKING)
STREAMS = 200
"""At once, each with 50 events, one in 20 ms."""
PLAIN, TLS = "", ", TLS"


def measure(server: Server, quick: bool) -> list[Row]:
    """Measure without TLS."""
    return measure_all(server, quick, PLAIN)


def measure_all(server: Server, quick: bool, tls: str) -> list[Row]:
    """Measure each subject alone, then the async ones with all streams at once."""
    script = Script("text", 150 if quick else 300)
    rounds = 3 if quick else 5
    sync = (*FRAMEWORKS, CORE, *FLOORS)
    rows: list[Row] = []
    for mode, subjects in (("sync", sync), ("async", (*sync, *FAST, AIOHTTP_BYTES))):
        rows += measure_streams(
            f"as streams come{tls}",
            server,
            script,
            subjects,
            rounds=rounds,
            delivery="single",
            modes=(mode,),
            tls=bool(tls),
        )
    target = server.target(Script("text", CHUNKS), f"gathered-single-{STREAMS}", tls=bool(tls))
    crowd = (CHAT_MINIMAX_FAST, CHAT_OPENAI, CHAT_OPENAI_FAST)
    if not tls:
        crowd += (LANGCHAIN_FLOOR, AIOHTTP_BYTES, WAKING)
    if not quick:
        rest = (CHAT_MINIMAX, MINIMAX, OPENAI_LIKE, MINIMAX_FAST, CORE, CORE_FAST, *FLOORS)
        crowd += tuple(subject for subject in (*rest, AIOHTTP_BYTES) if subject not in crowd)
    case = f"{STREAMS} streams at once, as they come{tls}"
    return rows + measure_crowd(target, case, STREAMS, crowd, rounds=1 if quick else 3)
