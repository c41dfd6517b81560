"""What a chunk and a message cost does not depend on how many there are.

Growth is compared within one run, far from both outcomes: what is linear stays near 1, what
searches or copies what came before it would be 10 and more.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage

from langchain_mara_minimax.chunks import ChunkBuilder
from langchain_mara_minimax.messages import to_wire_messages
from mara_minimax.providers import MINIMAX
from mara_minimax.types import Delta, Reply, ToolCallDelta

SHORT, LONG = 500, 10_000


@pytest.fixture(autouse=True)
def _no_garbage_collection() -> Iterator[None]:
    """Full collections go through all that the test session has loaded."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def growth(run: Callable[[int], Any]) -> float:
    """How much more one item costs in a long run than in a short one."""

    def cost(size: int) -> float:
        times = []
        for _ in range(3):
            start = time.thread_time()
            run(size)
            times.append(time.thread_time() - start)
        return min(times) / size

    return cost(LONG) / cost(SHORT)


def build(deltas: list[Delta]) -> list[Any]:
    builder = ChunkBuilder(provider="minimax", model="m")
    reply = Reply("", None, (), "stop", None)
    return [chunk for delta in [*deltas, Delta(reply=reply)] for chunk in builder.from_delta(delta)]


def test_chunks_of_a_long_text_are_built_and_merged_in_linear_time() -> None:
    def run(size: int) -> None:
        first, *rest = build([Delta(text="word ") for _ in range(size)])
        assert (first + rest).text == "word " * size

    assert growth(run) < 4


def test_chunks_of_reasoning_that_alternates_with_text_are_built_in_linear_time() -> None:
    def run(size: int) -> None:
        chunks = build([Delta(text="a") if n % 2 else Delta(reasoning="b") for n in range(size)])
        assert len(chunks[-1].message.additional_kwargs["block_order"]) == size

    assert growth(run) < 4


def test_chunks_of_many_calls_are_built_in_linear_time() -> None:
    def run(size: int) -> None:
        chunks = build(
            [Delta(tool_calls=(ToolCallDelta(n, f"c{n}", "f", "x"),)) for n in range(size)]
        )
        assert chunks[size - 1].message.tool_call_chunks[0]["index"] == size - 1

    assert growth(run) < 4


def test_a_long_history_is_converted_in_linear_time() -> None:
    def run(size: int) -> None:
        history: list[Any] = []
        for n in range(size // 3):
            call = {"name": "f", "args": {"n": n}, "id": f"c{n}"}
            history += [HumanMessage("?"), AIMessage("", tool_calls=[call])]
            history.append(ToolMessage("!", tool_call_id=f"c{n}"))
        assert to_wire_messages(history, MINIMAX)[-1]["tool_call_id"] == f"c{size // 3 - 1}"

    assert growth(run) < 4
