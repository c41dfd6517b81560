"""Fuzz by coverage: atheris mutates bytes and keeps those that reach new code.

It takes a process for each target, because libFuzzer ends the process that it runs in.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import time
from pathlib import Path

from tests.fuzz.counts import Counts, read_counts
from tests.fuzz.source import FRAGMENTS
from tests.fuzz.targets import Target

_LIMITS = ("-max_len=2048", "-len_control=20", "-timeout=10", "-rss_limit_mb=1024")
_QUIET = ("-verbosity=0", "-print_pcs=0", "-detect_leaks=0")


class CrashError(Exception):
    """An input that breaks a property; the text holds the traceback and the input's file."""


def available() -> bool:
    """Whether atheris is installed, which has builds for some Pythons and systems only."""
    return importlib.util.find_spec("atheris") is not None


def fuzz(target: Target, folder: Path, *, seconds: float, runs: int) -> Counts:
    """Check inputs of `target` until the time or the number of `runs` is spent (0: no limit).

    `folder` keeps the corpus, so that the next run starts where this one ended, and the
    inputs that fail. Raises `CrashError` for one of those.
    """
    corpus = folder / "corpus" / target.name
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(target.seeds()):
        (corpus / f"seed-{number:03}").write_bytes(seed)
    dictionary = folder / "dictionary"
    dictionary.write_text("".join(f'"{_escaped(fragment)}"\n' for fragment in FRAGMENTS))
    numbers = folder / f"{target.name}.counts"
    command = [sys.executable, "-m", "tests.fuzz.guided_process", target.name, str(numbers)]
    command += [f"-max_total_time={int(seconds)}", f"-runs={runs or -1}", *_LIMITS, *_QUIET]
    command += [f"-dict={dictionary}", f"-artifact_prefix={folder}/{target.name}-", str(corpus)]
    start = time.monotonic()
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        raise CrashError(done.stdout.decode("utf-8", "replace")[-6_000:])
    counts = read_counts(numbers)
    counts.seconds = time.monotonic() - start
    return counts


def _escaped(fragment: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in fragment)
