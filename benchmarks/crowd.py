"""One process that reads many streams of one subject at once; its argument and output are JSON."""

from __future__ import annotations

import asyncio
import gc
import json
import resource
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.processes import kibibytes
from benchmarks.serving import Target
from benchmarks.subjects.langchain import (
    CHAT_MINIMAX_FAST,
    CHAT_OPENAI_FAST,
    LANGCHAIN,
)
from benchmarks.subjects.llama_index import LLAMA_INDEX, MINIMAX_FAST
from benchmarks.subjects.raw import AIOHTTP_BYTES, CORE_FAST, RAW, SOCKET_BYTES, WAKING
from benchmarks.subjects.subject import QUESTION, Calls
from benchmarks.wire import Script

FAST = (CHAT_MINIMAX_FAST, CHAT_OPENAI_FAST, MINIMAX_FAST, CORE_FAST)
FLOORS = (AIOHTTP_BYTES, SOCKET_BYTES, WAKING)
SUBJECTS = {subject.name: subject for subject in (*RAW, *LANGCHAIN, *LLAMA_INDEX, *FAST, *FLOORS)}


def main() -> None:
    """Run the streams that the argument asks for."""
    asked = json.loads(sys.argv[1])
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    print(json.dumps(asyncio.run(crowd(**asked))))


async def crowd(subject: str, url: str, streams: int, chunks: int) -> dict[str, Any]:
    """Return what the streams cost, and how many failed or came short."""
    script = Script("text", chunks)
    root, _, _ = url.rpartition("/gathered-")
    one = SUBJECTS[subject].open(Target(f"{root}/batched/v1", script))
    messages = SUBJECTS[subject].to_messages(QUESTION)
    # The first stream imports and warms up; it is not counted.
    expected = await read(one, messages)
    calls = SUBJECTS[subject].open(Target(url, script))
    gc.collect()
    gc.freeze()
    before = peak_mib()
    wall, cpu = time.perf_counter(), time.process_time()
    tasks = [read(calls, messages) for _ in range(streams)]
    results = await asyncio.gather(*tasks, return_exceptions=True)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    errors = [result for result in results if isinstance(result, BaseException)]
    kinds = Counter(f"{type(error).__name__}: {error}"[:80] for error in errors)
    return {
        "cpu": cpu * 1e6 / streams,
        "wall": wall * 1e6 / streams,
        "added_peak_mib": peak_mib() - before,
        "errors": len(errors),
        "kinds": kinds.most_common(3),
        "incomplete": sum(
            result != expected for result in results if not isinstance(result, BaseException)
        ),
    }


async def read(calls: Calls, messages: Any) -> int:
    """Return how many characters of text one stream holds."""
    return sum([len(calls.read(chunk)[0]) async for chunk in calls.astream(messages)])


def peak_mib() -> float:
    """Return the most memory that this process has held so far."""
    status = Path("/proc/self/status")
    if status.exists():
        # Linux counts the memory of the starting process into `ru_maxrss`, but not in here.
        lines = status.read_text("utf-8").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
    return kibibytes(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) / 1024


if __name__ == "__main__":
    main()
