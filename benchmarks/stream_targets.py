"""The ratios that are promised for streams as they come, and how far a floor would take them.

The floor of a ratio is an adapter that costs nothing: bytes are read by the HTTP library alone, and
the framework's smallest model makes the chunks. Both wake up for each event, which counts once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from benchmarks.rows import Rows, cpu, ratio
from benchmarks.verdicts import Target

_FLOORS = {"LangChain": "langchain-core floor", "LlamaIndex": "llama-index-core floor"}


def stream_targets() -> Iterator[Target]:
    """Yield the targets, of streams without TLS."""
    sync, fast = "as streams come, sync", "as streams come, async"
    many = "200 streams at once, as they come"
    for case, ours, peer, least in (
        (fast, "ChatMiniMax, aiohttp", "ChatOpenAI", 5.0),
        (fast, "ChatMiniMax, aiohttp", "ChatOpenAI, aiohttp", 3.5),
        (many, "ChatMiniMax, aiohttp", "ChatOpenAI", 4.0),
        (many, "ChatMiniMax, aiohttp", "ChatOpenAI, aiohttp", 2.8),
        (sync, "ChatMiniMax", "ChatOpenAI", 3.0),
        (fast, "MiniMax, aiohttp", "OpenAILike", 4.0),
        (sync, "MiniMax", "OpenAILike", 3.0),
    ):
        text, floor = f"{case}: {peer} / {ours}", _floor(case, peer, ours)
        yield Target(text, ">=", least, ratio(case, peer, ours), floor)
    core, bytes_alone = "mara_minimax", "raw bytes"
    for case, most in ((sync, 1.4), (fast, 1.25)):
        text = f"{case}: {core} / {bytes_alone}"
        yield Target(text, "<=", most, ratio(case, core, bytes_alone))


def _floor(case: str, peer: str, ours: str) -> Callable[[Rows], float]:
    reader = "raw bytes, aiohttp" if ours.endswith(", aiohttp") else "raw bytes"
    framework = _FLOORS["LangChain" if ours.startswith("Chat") else "LlamaIndex"]

    def figure(rows: Rows) -> float:
        least = cpu(rows, case, reader) + cpu(rows, case, framework) - cpu(rows, case, "waking")
        return cpu(rows, case, peer) / least

    return figure
