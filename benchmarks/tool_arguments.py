"""CPU of a FunctionAgent that receives 32 kB of streamed tool arguments: ours and OpenAILike.

`python -m benchmarks.tool_arguments` prints the ratio, from one run on one machine; seconds on
their own mean nothing elsewhere. Fails when ours costs more than a quarter.
"""

from __future__ import annotations

import json
import sys

from benchmarks import environment

LIMIT = 0.25
SIZE = 32 * 1024
PIECE = 16
"""Characters in one chunk, about what providers send."""
ROUNDS = 3


def main() -> None:
    environment.prepare()
    sys.exit(environment.run("-m", "benchmarks.tool_arguments", "--measure"))


def measure() -> int:
    """Measure both in turns and compare their best rounds."""
    from llama_index.llms.openai_like import OpenAILike

    from llama_index_mara_minimax import MARA

    url, stop = serve()
    try:
        ours = MARA(api_key="none", base_url=url)
        theirs = OpenAILike(
            model="MiniMax-M2.5",
            api_key="none",
            api_base=url,
            is_chat_model=True,
            is_function_calling_model=True,
        )
        # The first run of each imports and connects.
        seconds = [[cpu_of(llm) for llm in (ours, theirs)] for _ in range(ROUNDS + 1)][1:]
    finally:
        stop()
    best = [min(column) for column in zip(*seconds, strict=True)]
    ratio = best[0] / best[1]
    print(f"{SIZE // 1024} kB of tool arguments in chunks of {PIECE} characters, FunctionAgent")
    print(f"CPU seconds: MARA {best[0]:.2f}, OpenAILike {best[1]:.2f}; ratio {ratio:.3f}")
    print(f"{'meets' if ratio <= LIMIT else 'misses'} the limit of {LIMIT}")
    return 0 if ratio <= LIMIT else 1


def cpu_of(llm: object) -> float:
    """CPU seconds of one question to an agent whose tool gets all of the arguments."""
    import asyncio
    import time

    from llama_index.core.agent.workflow import FunctionAgent
    from llama_index.core.tools import FunctionTool

    received: list[int] = []

    def save(text: str) -> str:
        """Save a text."""
        received.append(len(text))
        return "Saved."

    async def ask() -> str:
        tool = FunctionTool.from_defaults(save, return_direct=True)
        agent = FunctionAgent(llm=llm, tools=[tool])  # type: ignore[arg-type]
        return str(await agent.run("Save it."))

    begun = time.process_time()
    asyncio.run(ask())
    spent = time.process_time() - begun
    assert received == [SIZE], received
    return spent


def serve() -> tuple[str, object]:
    """Serve the stream from a process of its own, whose CPU is not counted."""
    import multiprocessing

    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve_forever, args=(theirs,), daemon=True)
    process.start()
    url = ours.recv()
    return url, process.terminate


def serve_forever(pipe: object) -> None:
    """Answer every request with the call, `ROUNDS` and a warm-up for each of the two."""
    import time

    from mara_minimax.emulator import CannedReply, Emulator

    with Emulator("mara") as emulator:
        for _ in range(2 * (ROUNDS + 1)):
            emulator.enqueue(CannedReply.sse(*chunks(), done=True))
        pipe.send(emulator.base_url)  # type: ignore[attr-defined]
        while True:
            time.sleep(60)


def chunks() -> list[dict[str, object]]:
    """A tool call whose arguments are one text of `SIZE` characters, piece by piece."""
    text = ("The quick brown fox jumps over the lazy dog, and says so. " * SIZE)[:SIZE]
    arguments = json.dumps({"text": text})
    pieces = [arguments[i : i + PIECE] for i in range(0, len(arguments), PIECE)]
    calls: list[dict[str, object]] = [
        {"id": "call_1", "type": "function", "function": {"name": "save", "arguments": ""}},
        *({"function": {"arguments": piece}} for piece in pieces),
    ]
    frame = {"id": "r", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    deltas = [{"role": "assistant", "tool_calls": [{"index": 0, **call}]} for call in calls]
    choices = [{"index": 0, "delta": delta, "finish_reason": None} for delta in deltas]
    choices.append({"index": 0, "delta": {}, "finish_reason": "tool_calls"})
    return [{**frame, "choices": [choice]} for choice in choices]


if __name__ == "__main__":
    if "--measure" in sys.argv:
        sys.exit(measure())
    main()
