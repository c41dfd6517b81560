"""The same on a Ray cluster: a pool of engines, which share one ledger and one limiter.

python -m examples.bulk_ray prompts.jsonl --output answers.jsonl --workers 4 --rpm 500
"""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import nullcontext
from itertools import islice
from pathlib import Path
from typing import Any

from examples.bulk import JOINS  # isort: skip - it sets variables that Ray reads when imported
import pyarrow
import ray
from ray.data import ActorPoolStrategy, Dataset
from ray.data.exceptions import UserCodeException
from ray.exceptions import RayActorError, RayError

from examples.bulk.cluster import CPUS_PER_WORKER, actor_here, start
from examples.bulk.engine import Job
from examples.bulk.journal import JournalError
from examples.bulk.ledger import Ledger
from examples.bulk.prompts import PART
from examples.bulk.runs import RowsOf, State, main, progress_of, provider_in_environment
from examples.bulk.worker import Worker
from mara_minimax import RateLimiter


def pipeline(parts: list[ray.ObjectRef], workers: int, job: Job, *actors: Any) -> Dataset:
    """Hand the prompts in small batches to a pool of actors, which Ray spreads over the nodes."""
    rows = ray.data.from_arrow_refs(parts)
    return rows.repartition(target_num_rows_per_block=job.concurrency).map_batches(
        Worker,
        fn_constructor_args=(job, *actors),
        batch_size=job.concurrency,
        batch_format="pyarrow",
        num_cpus=CPUS_PER_WORKER,
        # A batch's last answers come while the next one has begun.
        compute=ActorPoolStrategy(size=workers, max_concurrent_calls_per_actor=2),
    )


def answer_all(answers: Dataset, ledger: Any, prompts: int) -> None:
    """Drive the pipeline and show how far it is."""

    def drain() -> None:
        for _ in answers.iter_batches(batch_size=None):
            pass

    with progress_of(prompts) as show, ThreadPoolExecutor(1) as thread:
        running: Future[None] = thread.submit(drain)
        while not running.done():
            wait([running], timeout=0.3)
            show(ray.get(ledger.state.remote())[0])
    try:
        running.result()
    except (RayError, UserCodeException):
        # The worker has told the ledger why it gave up; everything else is a bug to be seen.
        if ray.get(ledger.state.remote())[1] is None:
            raise


def drive(
    options: argparse.Namespace, job: Job, journal: Path, rows_of: RowsOf, prompts: int
) -> State:
    with nullcontext() if JOINS else provider_in_environment(options.provider):
        start(options.workers)
        try:
            limits = {"requests_per_minute": options.rpm, "tokens_per_minute": options.tpm}
            limiter = actor_here(RateLimiter, **limits)
            ledger = actor_here(Ledger, journal, job.run, options.retry_failed)
            left = rows_of(lambda keys: ray.get(ledger.pending.remote(keys)))
            tables = map(pyarrow.Table.from_pylist, iter(lambda: list(islice(left, PART)), []))
            parts = [ray.put(table) for table in tables]
            if parts:
                answers = pipeline(parts, options.workers, job, ledger, limiter)
                answer_all(answers, ledger, prompts)
            state: State = ray.get(ledger.state.remote())
        except RayActorError as error:
            # Its text is the failed actor's traceback, whose last line says what is wrong.
            raise JournalError(str(error).strip().splitlines()[-1]) from None
        finally:
            ray.shutdown()
        return state


if __name__ == "__main__":
    sys.exit(main(None, "examples.bulk_ray", __doc__, drive))
