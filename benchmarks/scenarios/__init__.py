"""What `make bench` measures; each scenario runs in a process of its own.

A scenario is a module with `measure(server, quick)`, which returns rows of results.
"""

from __future__ import annotations

NAMES = (
    "as_streams_come",
    "as_streams_come_tls",
    "streaming_langchain",
    "streaming_llama_index",
    "history_langchain",
    "history_llama_index",
    "growth",
    "linear",
    "malformed",
    "concurrency",
    "plain_calls",
    "first_chunk",
    "construction",
    "imports",
    "cold_start",
)
"""In the order in which they run."""
