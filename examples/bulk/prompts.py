"""Prompts from JSON Lines or Parquet: an id, and a prompt or a list of messages."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

Row = dict[str, str]
"""What is left to ask: id, digest, and messages in JSON."""
PendingOf = Callable[[list[tuple[str, str]]], list[bool]]
"""Says for each id and digest whether it still has to be asked."""

_ROLES = {"system", "user", "assistant", "tool"}
PART = 10_000


class UnreadablePromptError(Exception):
    """Raised for a row that is no prompt, or whose id another row has too."""


@dataclass(frozen=True)
class Prompt:
    """One question; `id` names it in the output."""

    id: str
    messages: list[dict[str, Any]]

    def digest(self, asked: str) -> str:
        """Tell this question to the model `asked` from any other that has the same id."""
        content = json.dumps([asked, self.messages], sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()[:16]


def parse(row: Any) -> Prompt:
    """Read a row of Parquet, or a line of JSON Lines."""
    row = json.loads(row) if isinstance(row, str) else row
    if not isinstance(row, dict):
        raise UnreadablePromptError("A line has to be a JSON object.")
    identifier = row.get("id")
    if not isinstance(identifier, str | int) or isinstance(identifier, bool):
        raise UnreadablePromptError("A prompt needs an id, a string or an integer.")
    messages = row.get("messages")
    if messages is None and isinstance(row.get("prompt"), str):
        messages = [{"role": "user", "content": row["prompt"]}]
    if not isinstance(messages, list) or not messages:
        raise UnreadablePromptError(f"{identifier!r} has neither a prompt nor messages.")
    # Parquet gives every message the fields of all of them, most of them empty.
    messages = [{key: value for key, value in m.items() if value is not None} for m in messages]
    if any(message.get("role") not in _ROLES for message in messages):
        raise UnreadablePromptError(f"{identifier!r} has a message without a known role.")
    return Prompt(str(identifier), messages)


def index(files: Iterable[Path], asked: str) -> dict[str, str]:
    """Return the digest of each prompt by its id, in the order of the files.

    The whole input is checked before anything is asked of a provider.
    """
    digests: dict[str, str] = {}
    for place, row in _rows(files):
        try:
            prompt = parse(row)
        except (UnreadablePromptError, ValueError, AttributeError) as error:
            raise UnreadablePromptError(f"{place}: {error}") from error
        if prompt.id in digests:
            raise UnreadablePromptError(f"{place}: the id {prompt.id!r} is there twice.")
        digests[prompt.id] = prompt.digest(asked)
    return digests


def rows(files: Iterable[Path], digests: dict[str, str], is_pending: PendingOf) -> Iterator[Row]:
    """Yield what is left to ask."""
    prompts = (parse(row) for _, row in _rows(files))
    while part := list(islice(prompts, PART)):
        keys = [(prompt.id, digests[prompt.id]) for prompt in part]
        for prompt, (_, digest), wanted in zip(part, keys, is_pending(keys), strict=True):
            if wanted:
                messages = json.dumps(prompt.messages)
                yield {"id": prompt.id, "digest": digest, "messages": messages}


def is_parquet(file: Path) -> bool:
    """Say whether a file is Parquet, by its name."""
    return file.suffix == ".parquet"


def _rows(files: Iterable[Path]) -> Iterator[tuple[str, Any]]:
    for file in files:
        found = _parquet_rows(file) if is_parquet(file) else _lines(file)
        for number, row in enumerate(found, start=1):
            yield f"{file}, row {number}", row


def _parquet_rows(file: Path) -> Iterator[dict[str, Any]]:
    from pyarrow.parquet import ParquetFile

    with ParquetFile(file) as table:
        for batch in table.iter_batches():
            yield from batch.to_pylist()


def _lines(file: Path) -> Iterator[str]:
    with file.open(encoding="utf-8") as lines:
        yield from filter(str.strip, lines)
