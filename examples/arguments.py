"""The command line that the examples share."""

from __future__ import annotations

import argparse
from pathlib import Path

from examples.connect import KEY_VARIABLES

RAG_QUESTION = "Why does MiniMax need the reasoning to be sent back on the next turn?"
AGENT_QUESTION = "Search the documents for a stream that breaks off, and calculate 12.5 * 8."


def parse_arguments(description: str | None, question: str) -> argparse.Namespace:
    """Read `--provider`, `--docs` and `--question`."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--provider", choices=sorted(KEY_VARIABLES), default="minimax")
    parser.add_argument("--docs", type=Path, help="folder of text files; default: our own docs")
    parser.add_argument("--question", default=question)
    return parser.parse_args()
