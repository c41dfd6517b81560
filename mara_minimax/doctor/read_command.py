"""The command line that reads captured answers."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from mara_minimax.doctor.hosts import PROVIDERS

if TYPE_CHECKING:
    from mara_minimax.doctor.capture import CapturedAnswer
    from mara_minimax.doctor.reading import Reading
    from mara_minimax.types import Reply

_ABOUT = (
    "Show what this package reads in one answer of a chat endpoint, and where each character of "
    "it went. Takes a file of a capture, or a body alone: JSON or an event stream. Sends nothing."
)
_EXIT_CODES = "exit code: 0 a reply, 1 an error, 2 bad usage"


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the subparsers of `mara-minimax`."""
    parser = commands.add_parser(
        "read",
        help="show what is read in a captured answer",
        description=_ABOUT,
        epilog=_EXIT_CODES,
    )
    parser.add_argument("file", type=Path, help="*.exchange.json, *.answer.*, or any body")
    parser.add_argument(
        "--provider", choices=list(PROVIDERS), help="default: as captured, or minimax"
    )
    parser.add_argument("--model", default="", help="default: as captured, or the provider's")
    parser.add_argument("--status", type=int, help="HTTP status; default: as captured, or 200")
    parser.add_argument(
        "--stop", action="append", default=[], help="a stop sequence; may be given several times"
    )
    parser.add_argument(
        "--starts-in-reasoning", action="store_true", help="content begins inside the reasoning"
    )
    parser.add_argument("--json", action="store_true", help="print the reading as JSON")
    parser.set_defaults(run=lambda options: run(options, parser.error))


def run(options: argparse.Namespace, refuse: Callable[[str], NoReturn]) -> int:
    """Read and print; return the exit code. `refuse` ends the program on bad usage."""
    from mara_minimax.doctor.reading import read_answer

    answer = _captured(options, refuse)
    name = options.provider or answer.provider or "minimax"
    if name not in PROVIDERS:
        refuse(f"{options.file.name} is of an unknown provider: give --provider")
    reading = read_answer(
        answer,
        PROVIDERS[name],
        model=options.model,
        stop=options.stop,
        starts_in_reasoning=options.starts_in_reasoning,
    )
    if options.json:
        sys.stdout.write(json.dumps(reading.to_dict(), indent=2, ensure_ascii=False) + "\n")
    else:
        sys.stdout.writelines(line + "\n" for line in to_lines(reading))
    return 0 if reading.error is None else 1


def to_lines(reading: Reading) -> Iterator[str]:
    """Yield a reading as people read it; texts are quoted, so that a terminal obeys none."""
    if reading.error is not None:
        error = reading.error
        yield f"{'error':<11}{type(error).__name__}: {error}"
        for name in ("code", "status_code", "request_id", "retry_after"):
            if (value := getattr(error, name)) is not None:
                yield f"{'':<11}{name} {value}"
    if reading.shown is not None:
        yield from _reply_lines(reading.shown)
    if reading.pieces:
        yield ""
        yield "Where each character went:"
    for piece in reading.pieces:
        yield f"{piece.event:>5}  {piece.source:<20} {piece.went:<12} {piece.text!r}"


def _reply_lines(reply: Reply) -> Iterator[str]:
    yield f"{'text':<11}{reply.text!r}"
    if reasoning := reply.reasoning:
        yield f"{'reasoning':<11}{reasoning.text!r} ({reasoning.form})"
    for call in reply.tool_calls:
        validity = "" if call.parsed_arguments() is not None else ", invalid"
        yield f"{'call':<11}{call.name!r} {call.arguments!r} (id {call.id!r}{validity})"
    if reply.refusal is not None:
        yield f"{'refusal':<11}{reply.refusal!r}"
    if usage := reply.usage:
        counts = [
            f"{usage.input_tokens} in, {usage.output_tokens} out, {usage.total_tokens} in all",
            *(
                f"{count} {name}"
                for name, count in (
                    ("of them reasoning", usage.reasoning_tokens),
                    ("read from the cache", usage.cache_read_tokens),
                    ("written to the cache", usage.cache_creation_tokens),
                )
                if count is not None
            ),
        ]
        yield f"{'usage':<11}{', '.join(counts)}"
    yield f"{'finish':<11}{reply.finish_reason!r}"
    yield f"{'id':<11}{reply.id!r}, model {reply.model!r}"


def _captured(options: argparse.Namespace, refuse: Callable[[str], NoReturn]) -> CapturedAnswer:
    """Return the answer in the file, its status replaced by the one that was given."""
    from dataclasses import replace

    from mara_minimax.doctor.capture import read_capture

    try:
        answer = read_capture(options.file)
    except OSError as error:
        refuse(f"{options.file}: {error.strerror}")
    except ValueError as error:
        refuse(f"{options.file}: {error}")
    if answer.asked.startswith("GET "):
        refuse(f"{options.file.name} answers {answer.asked}, which is no chat request")
    if options.status is not None:
        answer = replace(answer, status=options.status)
    if not 100 <= answer.status <= 599:
        refuse(f"{options.file.name} holds no answer: nothing came, or --status is no HTTP status")
    return answer
