"""`python -m benchmarks.load`: many streams at once against an emulator that fails at random.

Each call asks for a sum that no other call asks for, so that an answer that belongs elsewhere,
or of which a part is missing, is known. A call has to end in its complete answer or in one of
this package's errors; anything else is a silent failure, of which there may be none.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from mara_minimax.settings import MiniMaxSettings
from mara_minimax.types import Reply

MEMORY_MARGIN = 1.15
"""How much larger the process may be at the end than after a third of the time."""


@dataclass
class Tally:
    """How the calls ended, and what they cost."""

    answers: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    silent: list[str] = field(default_factory=list)
    """Answers that are wrong or incomplete, and failures of no documented class."""
    warm_memory: int = 0

    @property
    def calls(self) -> int:
        """All calls that ended."""
        return self.answers + self.errors.total() + len(self.silent)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--streams", type=int, default=500, help="calls in progress at any time")
    parser.add_argument("--faults", type=float, default=0.05, help="share of failing requests")
    parser.add_argument("--delay", type=float, default=0.3, help="seconds between two chunks")
    parser.add_argument("--timeout", type=float, default=20, help="seconds of silence allowed")
    options = parser.parse_args()
    sys.exit(run(options))


def run(options: argparse.Namespace) -> int:
    """Run the load, print the summary, and return 1 for a silent failure or a leak."""
    with serve(options.faults, options.delay) as base_url:
        settings = MiniMaxSettings(
            api_key="key", base_url=base_url, timeout=options.timeout, max_retries=2
        )
        # One call first: what is loaded and opened once is no growth.
        asyncio.run(ask(settings, 1, Tally()))
        descriptors, memory = open_descriptors(), resident_memory()
        began, cpu = time.monotonic(), time.process_time()
        tally = asyncio.run(load(settings, options.streams, options.seconds))
        took, cpu = time.monotonic() - began, time.process_time() - cpu
        left, end_memory = open_descriptors(), resident_memory()
    print(
        f"{options.streams} streams at once for {options.seconds:g} s, {options.faults:.0%} faults"
    )
    print(f"calls            {tally.calls} ({tally.calls / took:.0f} a second)")
    print(f"complete answers {tally.answers}")
    print(f"typed errors     {tally.errors.total()}")
    for name, count in sorted(tally.errors.items()):
        print(f"  {name:<24}{count}")
    print(f"silent failures  {len(tally.silent)}")
    for text in tally.silent[:10]:
        print(f"  {text}")
    print(f"CPU              {cpu:.1f} s of {took:.1f} s, {cpu / tally.calls * 1000:.2f} ms a call")
    megabytes = [f"{size / 1e6:.1f}" for size in (memory, tally.warm_memory, end_memory)]
    print(f"memory           {megabytes[0]} MB, warm {megabytes[1]} MB, end {megabytes[2]} MB")
    print(f"descriptors      {descriptors} at start, {left} at end")
    grows = end_memory > tally.warm_memory * MEMORY_MARGIN
    return int(bool(tally.silent) or left > descriptors or grows)


async def load(settings: MiniMaxSettings, streams: int, seconds: float) -> Tally:
    """Keep `streams` calls in progress until the time is over; all that began come to an end."""
    tally = Tally()
    numbers = itertools.count(1000)
    end = time.monotonic() + seconds

    async def work() -> None:
        while time.monotonic() < end:
            await ask(settings, next(numbers), tally)

    async def look() -> None:
        await asyncio.sleep(seconds / 3)
        tally.warm_memory = resident_memory()

    await asyncio.gather(look(), *[work() for _ in range(streams)])
    return tally


async def ask(settings: MiniMaxSettings, number: int, tally: Tally) -> None:
    """Ask for the sum that belongs to `number`, and file how that ended."""
    from mara_minimax.errors import ProviderError

    question = {"role": "user", "content": f"What is {number} + {number}?"}
    request = settings.encode([question], stream=True)
    pieces: list[str] = []
    reply: Reply | None = None
    try:
        async for delta in settings.client.astream(request):
            pieces.append(delta.text)
            reply = delta.reply
    except ProviderError as error:
        tally.errors[type(error).__name__] += 1
    except Exception as error:  # noqa: BLE001 - whatever is no documented error is counted
        tally.silent.append(f"{number}: {error!r}")
    else:
        if is_whole(reply, "".join(pieces), number):
            tally.answers += 1
        else:
            tally.silent.append(f"{number}: {reply!r}"[:200])


def is_whole(reply: Reply | None, text: str, number: int) -> bool:
    """Whether an answer is the one to this question, to its last word."""
    if reply is None or reply.finish_reason != "stop" or reply.usage is None:
        return False
    return text == reply.text == f"{number} + {number} equals {2 * number}."


@contextlib.contextmanager
def serve(faults: float, delay: float) -> Iterator[str]:
    """Run the failing emulator in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.load_server"]
    command += ["--faults", str(faults), "--delay", str(delay)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, text=True, **pipes) as process:
        yield process.stdout.readline().strip()
        requests, _ = process.communicate()
        print(f"requests         {requests.strip()} seen by the emulator")


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def resident_memory() -> int:
    pages = Path("/proc/self/statm").read_text("utf-8").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main()
