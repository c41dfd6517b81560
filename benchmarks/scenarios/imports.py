"""What importing costs, in fresh processes: each package and the framework under it."""

from __future__ import annotations

from typing import Any

from benchmarks.measure import failure, row, summarize
from benchmarks.processes import ProcessFailed, run_python
from benchmarks.scenarios.streams import Row
from benchmarks.serving import Server

CASE = "import"
BASES = ("langchain_core.language_models.chat_models", "llama_index.core.llms", "openai")
OURS = ("mara_minimax.settings", "langchain_mara_minimax", "llama_index_mara_minimax")
PEERS = (
    "langchain_openai",
    "langchain_deepseek",
    "langchain_sambanova",
    "langchain_litellm",
    "llama_index.llms.openai_like",
    "llama_index.llms.minimax",
    "llama_index.llms.sambanovasystems",
)
_CODE = """
import time
wall, cpu = time.perf_counter(), time.process_time()
import {module}
print(time.process_time() - cpu, time.perf_counter() - wall)
"""


def measure(server: Server, quick: bool) -> list[Row]:
    """Import each module in turn, several times; the server has no part in it."""
    del server
    samples: dict[str, tuple[list[float], list[float]]] = {}
    failed: dict[str, Row] = {}
    modules = (*BASES, *OURS) if quick else (*BASES, *OURS, *PEERS)
    # The first round writes byte code and fills the file cache; it is not counted.
    for number in range((3 if quick else 9) + 1):
        for module in modules:
            try:
                finished = run_python("-c", _CODE.format(module=module))
            except ProcessFailed as error:
                if module not in PEERS:
                    raise
                failed[module] = failure(CASE, module, error)
                continue
            if number:
                cpu, wall = map(float, finished.output.split())
                lists = samples.setdefault(module, ([], []))
                lists[0].append(cpu * 1e6)
                lists[1].append(wall * 1e6)
    figures: dict[str, Any] = {
        name: {"cpu": summarize(cpu), "wall": summarize(wall)}
        for name, (cpu, wall) in samples.items()
    }
    return [*failed.values(), *(row(CASE, name, "µs", figures[name]) for name in figures)]
