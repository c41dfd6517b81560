"""A file of prompts on one machine: shared rate limits, a checkpoint, each answer once.

    python -m examples.bulk prompts.jsonl --output answers.jsonl --rpm 500

Kill it at any moment and start it again: what was answered is not asked again.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from examples.bulk.engine import Engine, Job
from examples.bulk.ledger import Ledger
from examples.bulk.runs import RowsOf, State, main, progress_of, provider_in_environment
from mara_minimax import RateLimiter


def drive(
    options: argparse.Namespace, job: Job, journal: Path, rows_of: RowsOf, prompts: int
) -> State:
    async def answer_all() -> State:
        ledger = Ledger(journal, job.run, options.retry_failed)
        limiter = RateLimiter(requests_per_minute=options.rpm, tokens_per_minute=options.tpm)
        engine = Engine(job, ledger, limiter)
        running = asyncio.create_task(engine.answer(rows_of(ledger.journal.pending)))
        with progress_of(prompts) as show:
            while not running.done():
                await asyncio.wait([running], timeout=0.3)
                show((await ledger.state())[0])
        await running
        ledger.journal.close()
        return await ledger.state()

    with provider_in_environment(options.provider):
        return asyncio.run(answer_all())


if __name__ == "__main__":
    sys.exit(main(None, "examples.bulk", __doc__, drive))
