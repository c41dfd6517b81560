"""`mara-minimax`, also as `python -m mara_minimax`: the command line of the package."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from mara_minimax._version import __version__
from mara_minimax.doctor import command, read_command


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line, run the command and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="mara-minimax", description="Tools for MARA Cloud and MiniMax endpoints."
    )
    parser.add_argument("--version", action="version", version=f"mara-minimax {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="command")
    command.add_parser(commands)
    read_command.add_parser(commands)
    options = parser.parse_args(arguments)
    if not hasattr(options, "run"):
        parser.print_help(sys.stderr)
        return 2
    code: int = options.run(options)
    return code


if __name__ == "__main__":
    sys.exit(main())
