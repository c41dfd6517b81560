"""Streams as providers send them, over TLS as providers send them."""

from __future__ import annotations

from benchmarks.scenarios.as_streams_come import TLS, measure_all
from benchmarks.scenarios.streams import Row
from benchmarks.serving import Server
from benchmarks.tls import trust


def measure(server: Server, quick: bool) -> list[Row]:
    """Measure what `as_streams_come` measures; a process of its own, because it trusts others."""
    trust(server)
    return measure_all(server, quick, TLS)
