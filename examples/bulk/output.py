"""The output: one row for each id, written in one step from the journal."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from examples.bulk import journal
from examples.bulk.prompts import is_parquet

_TEXT, _NUMBER = "string", "int64"
SCHEMA = {
    "id": _TEXT,
    "answer": _TEXT,
    "reasoning": _TEXT,
    "finish_reason": _TEXT,
    "input_tokens": _NUMBER,
    "output_tokens": _NUMBER,
    "attempts": _NUMBER,
    "error_class": _TEXT,
    "error_code": _TEXT,
    "error_message": _TEXT,
}


@dataclass(frozen=True)
class Summary:
    """What became of all prompts, in this run and in those before."""

    answered: int
    failed: int
    missing: int


def write(path: Path, records: Path, digests: dict[str, str]) -> Summary:
    """Write one row for each prompt, unless some of them still have to be asked.

    The file appears whole or not at all, in the order of the prompts. Of several records of a
    prompt, the last one counts; records of other questions with the same ids are left out.
    """
    offsets: dict[str, int] = {}
    failed: set[str] = set()
    start = 0
    for record, end in journal.read(records):
        if digests.get(record["id"]) == record["digest"]:
            offsets[record["id"]] = start
            (failed.add if record.get("error_class") else failed.discard)(record["id"])
        start = end
    missing = len(digests) - len(offsets)
    summary = Summary(len(offsets) - len(failed), len(failed), missing)
    if missing:
        return summary
    draft = path.with_name(f".{path.name}.draft")
    rows = _rows(records, (offsets[identifier] for identifier in digests))
    (_write_parquet if is_parquet(path) else _write_lines)(draft, rows)
    draft.replace(path)
    return summary


def _rows(records: Path, offsets: Iterator[int]) -> Iterator[dict[str, Any]]:
    with records.open("rb") as lines:
        for offset in offsets:
            lines.seek(offset)
            record = json.loads(lines.readline())
            yield {name: _encodable(record.get(name)) for name in SCHEMA}


def _write_lines(path: Path, rows: Iterator[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        file.flush()
        os.fsync(file.fileno())


def _write_parquet(path: Path, rows: Iterator[dict[str, Any]]) -> None:
    import pyarrow
    from pyarrow.parquet import ParquetWriter

    schema = pyarrow.schema(list(SCHEMA.items()))
    with path.open("wb") as file:
        with ParquetWriter(file, schema) as writer:
            for part in iter(lambda: list(islice(rows, 10_000)), []):
                writer.write_table(pyarrow.Table.from_pylist(part, schema))
        file.flush()
        os.fsync(file.fileno())


def _encodable(value: Any) -> Any:
    """Replace halves of characters, which a cut answer may end with and no file can hold."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value
