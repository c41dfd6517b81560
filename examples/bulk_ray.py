"""A file of prompts through Ray Data: shared rate limits, a checkpoint, each answer once.

    python -m examples.bulk_ray prompts.jsonl --output answers.jsonl --workers 4 --rpm 500

Kill it at any moment and start it again: what was answered is not asked again.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from examples.bulk import JOINS  # isort: skip - it sets variables that Ray reads when imported
import ray
from ray.data import ActorPoolStrategy, Dataset
from ray.data.exceptions import UserCodeException
from ray.exceptions import RayActorError, RayError
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from examples.bulk.arguments import demo_files, parse_arguments
from examples.bulk.cluster import CPUS_PER_WORKER, actor_here, start
from examples.bulk.ledger import Ledger
from examples.bulk.limiter import Limiter
from examples.bulk.output import Summary, write
from examples.bulk.prompts import UnreadablePromptError, index, tables
from examples.bulk.worker import LEDGER, LIMITER, Job, Worker
from examples.connect import KEY_VARIABLES, connect


def pipeline(parts: list[ray.ObjectRef], workers: int, job: Job) -> Dataset:
    """Hand the prompts in small batches to a pool of actors, which Ray spreads over the nodes."""
    rows = ray.data.from_arrow_refs(parts)
    return rows.repartition(target_num_rows_per_block=job.concurrency).map_batches(
        Worker,
        fn_constructor_args=(job,),
        batch_size=job.concurrency,
        batch_format="pyarrow",
        num_cpus=CPUS_PER_WORKER,
        # A batch's last answers come while the next one has begun.
        compute=ActorPoolStrategy(size=workers, max_concurrent_calls_per_actor=2),
    )


def answer_all(answers: Dataset, ledger: Any, left: int) -> str | None:
    """Drive the pipeline, show how far it is, and return why it stopped, if it did."""

    def drain() -> None:
        for _ in answers.iter_batches(batch_size=None):
            pass

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn()) as progress, ThreadPoolExecutor(1) as thread:
        shown = progress.add_task("starting", total=left)
        running: Future[None] = thread.submit(drain)
        while not running.done():
            wait([running], timeout=0.3)
            counts, _ = ray.get(ledger.state.remote())
            text = f"{counts['answered']} answered, {counts['failed']} failed"
            progress.update(shown, completed=sum(counts.values()), description=text)
    reason = ray.get(ledger.state.remote())[1]
    try:
        running.result()
    except (RayError, UserCodeException):
        # The worker has told the ledger why it gave up; everything else is a bug to be seen.
        if reason is None:
            raise
    return reason


@contextmanager
def provider_in_environment(options: argparse.Namespace) -> Iterator[None]:
    """Let workers find key and URL in their environment, never among their arguments."""
    if JOINS:
        yield
        return
    with connect(options.provider) as connection:
        prefix = KEY_VARIABLES[options.provider].removesuffix("_API_KEY")
        os.environ.update({f"{prefix}_{name.upper()}": each for name, each in connection.items()})
        yield


def run(prompts: list[Path], target: Path, options: argparse.Namespace) -> int:
    names = ("provider", "model", "framework", "max_tokens", "concurrency", "attempts")
    job = Job(run=uuid.uuid4().hex, **{name: getattr(options, name) for name in names})
    try:
        digests = index(prompts, job.asked)
    except (UnreadablePromptError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    journal = target.absolute().with_name(f"{target.name}.journal")
    began = time.monotonic()
    with provider_in_environment(options):
        start(options.workers)
        try:
            actors = start_actors(journal, options, job)
            reason = ask(prompts, digests, actors[LEDGER], options.workers, job)
            done = ray.get(actors[LEDGER].state.remote())[0]
        except RayActorError as error:
            # Its text is the failed actor's traceback, whose last line says what is wrong.
            print(f"Stopped: {str(error).strip().splitlines()[-1]}", file=sys.stderr)
            return 1
        finally:
            ray.shutdown()
    seconds = time.monotonic() - began
    print(f"{done['answered']} answers in {seconds:.1f} s, Ray's start included.")
    return report(target, write(target, journal, digests), reason)


def ask(
    prompts: list[Path], digests: dict[str, str], ledger: Any, workers: int, job: Job
) -> str | None:
    """Ask what the ledger does not have."""

    def is_pending(keys: list[tuple[str, str]]) -> list[bool]:
        return ray.get(ledger.pending.remote(keys))

    left, parts = 0, []
    for table in tables(prompts, digests, is_pending):
        left += table.num_rows
        parts.append(ray.put(table))
    return answer_all(pipeline(parts, workers, job), ledger, left) if parts else None


def start_actors(journal: Path, options: argparse.Namespace, job: Job) -> dict[str, Any]:
    """Start what all workers share; the actors live as long as these handles."""
    limits = options.rpm, options.tpm
    actors = {
        LIMITER: actor_here(Limiter, LIMITER, job.run, *limits),
        LEDGER: actor_here(Ledger, LEDGER, job.run, str(journal), job.run, options.retry_failed),
    }
    # A journal that cannot be opened is an error here and not in each worker.
    ray.get(actors[LEDGER].state.remote())
    return actors


def report(target: Path, summary: Summary, reason: str | None) -> int:
    """Say what became of the prompts; 0 if all of them have an answer."""
    print(f"{summary.answered} answered, {summary.failed} failed, {summary.missing} to be asked.")
    if reason:
        print(f"Stopped: {reason}")
    if summary.missing:
        print("Start it again to go on; what is answered is not asked again.")
    else:
        print(f"Written to {target}.")
    if summary.failed:
        print("Failures that may pass are asked again at the next start, others by --retry-failed.")
    return int(bool(reason or summary.failed or summary.missing))


def main(arguments: list[str] | None = None) -> int:
    options = parse_arguments(arguments, __doc__)
    if options.prompts:
        return run(options.prompts, options.output, options)
    with tempfile.TemporaryDirectory() as folder:
        prompts, target = demo_files(Path(folder))
        status = run(prompts, target, options)
        if status == 0:
            print(*target.read_text("utf-8").splitlines()[:3], sep="\n")
        return status


if __name__ == "__main__":
    sys.exit(main())
