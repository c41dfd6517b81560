"""From a command line to the output, whatever drives the engine in between."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from examples.bulk.arguments import demo_files, parse_arguments
from examples.bulk.engine import Job
from examples.bulk.journal import JournalError
from examples.bulk.output import Summary, write
from examples.bulk.prompts import PendingOf, Row, UnreadablePromptError, index, rows
from examples.connect import KEY_VARIABLES, connect

State = tuple[dict[str, int], str | None]
"""How many prompts this run answered and failed, and why it cannot go on."""
RowsOf = Callable[[PendingOf], Iterator[Row]]
Drive = Callable[[argparse.Namespace, Job, Path, RowsOf, int], State]
"""Asks what the journal does not have, of so many prompts."""


@contextmanager
def provider_in_environment(provider: str) -> Iterator[None]:
    """Let models find key and URL in their environment, never among their arguments."""
    with connect(provider) as connection:
        prefix = KEY_VARIABLES[provider].removesuffix("_API_KEY")
        os.environ.update({f"{prefix}_{name.upper()}": each for name, each in connection.items()})
        yield


@contextmanager
def progress_of(prompts: int) -> Iterator[Callable[[dict[str, int]], None]]:
    """Show how far a run is; yield what takes its counts."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn()) as progress:
        shown = progress.add_task("starting", total=prompts)

        def show(counts: dict[str, int]) -> None:
            text = f"{counts['answered']} answered, {counts['failed']} failed"
            progress.update(shown, completed=sum(counts.values()), description=text)

        yield show


def run(prompts: list[Path], target: Path, options: argparse.Namespace, drive: Drive) -> int:
    names = ("provider", "model", "framework", "max_tokens", "concurrency", "attempts")
    job = Job(run=uuid.uuid4().hex, **{name: getattr(options, name) for name in names})
    try:
        digests = index(prompts, job.asked)
    except (UnreadablePromptError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    journal = target.absolute().with_name(f"{target.name}.journal")
    began = time.monotonic()
    try:
        done, reason = drive(
            options, job, journal, lambda pending: rows(prompts, digests, pending), len(digests)
        )
    except JournalError as error:
        print(f"Stopped: {error}", file=sys.stderr)
        return 1
    print(f"{done['answered']} answers in {time.monotonic() - began:.1f} s.")
    return report(target, write(target, journal, digests), reason)


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


def main(arguments: list[str] | None, program: str, about: str | None, drive: Drive) -> int:
    options = parse_arguments(arguments, program, about)
    if options.prompts:
        return run(options.prompts, options.output, options, drive)
    with tempfile.TemporaryDirectory() as folder:
        prompts, target = demo_files(Path(folder))
        status = run(prompts, target, options, drive)
        if status == 0:
            print(*target.read_text("utf-8").splitlines()[:3], sep="\n")
        return status
