"""The command lines of `examples.bulk` and `examples.bulk_ray`."""

from __future__ import annotations

import argparse
from pathlib import Path

from examples.connect import KEY_VARIABLES

_DEMO_PROMPTS = 200


def parse_arguments(
    arguments: list[str] | None, program: str, description: str | None
) -> argparse.Namespace:
    """Read the files and the limits."""
    parser = argparse.ArgumentParser(
        f"python -m {program}",
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("prompts", nargs="*", type=Path, help=".jsonl or .parquet: id, and prompt or messages")
    add("--output", type=Path, help=".jsonl or .parquet; its checkpoint is OUTPUT.journal")
    add("--provider", choices=sorted(KEY_VARIABLES), default="minimax")
    add("--framework", choices=["langchain", "llama-index"], default="langchain")
    add("--model", help="default: the framework class's")
    add("--max-tokens", type=_positive, help="longest answer, reasoning included")
    add("--workers", type=_positive, default=2, help="actors of Ray (default: 2)")
    add("--concurrency", type=_positive, default=200, help="calls at once, of each worker (200)")
    add("--rpm", type=_positive, help="requests a minute (default: found out)")
    add("--tpm", type=_positive, help="tokens a minute")
    add("--attempts", type=_positive, default=6, help="requests for one prompt in a run (6)")
    add("--retry-failed", action="store_true", help="ask again what the provider refused")
    options = parser.parse_args(arguments)
    if bool(options.prompts) != bool(options.output):
        parser.error("prompts and --output go together; leave out both for a demonstration")
    return options


def demo_files(folder: Path) -> tuple[list[Path], Path]:
    """Write sums for the emulator, which can calculate, and name an output."""
    prompts = folder / "prompts.jsonl"
    lines = (f'{{"id": {n}, "prompt": "What is {n} * {n + 1}?"}}\n' for n in range(_DEMO_PROMPTS))
    prompts.write_text("".join(lines), "utf-8")
    return [prompts], folder / "answers.jsonl"


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("has to be at least 1")
    return number
