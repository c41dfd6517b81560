"""The fenced blocks of the documents and of docstrings, with what a document says of each."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("mara_minimax", "langchain_mara_minimax", "llama_index_mara_minimax")
DOCUMENTS = sorted(
    [
        *(ROOT / "docs").rglob("*.md"),
        *ROOT.glob("*.md"),
        ROOT / "examples/README.md",
        ROOT / "benchmarks/README.md",
    ]
)
_FENCE = re.compile(
    r"(?:^[ \t]*<!-- (?P<note>[^\n]*?) -->\n)?"
    r"^(?P<indent>[ \t]*)```(?P<language>[\w-]*)[^\n]*\n"
    r"(?P<text>.*?)^(?P=indent)```[ \t]*$",
    re.DOTALL | re.MULTILINE,
)


@dataclass(frozen=True)
class Block:
    """One fenced block; `note` is the comment right before it."""

    place: str
    language: str
    text: str
    note: str = ""

    def __str__(self) -> str:
        return self.place


def in_text(name: str, text: str) -> Iterator[Block]:
    """Yield the blocks of one document."""
    for match in _FENCE.finditer(text):
        line = text.count("\n", 0, match.start("language")) + 1
        yield Block(
            f"{name}:{line}",
            match["language"],
            textwrap.dedent(match["text"]),
            match["note"] or "",
        )


def in_documents() -> list[Block]:
    """Return all blocks of all documents."""
    return [
        block
        for path in DOCUMENTS
        for block in in_text(path.relative_to(ROOT).as_posix(), path.read_text("utf-8"))
    ]


def in_docstrings() -> list[Block]:
    """Return the blocks of the three packages' docstrings."""
    return [
        block
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        for block in in_text(
            f"{path.relative_to(ROOT).as_posix()}:{getattr(node, 'name', 'module')}",
            ast.get_docstring(node) or "",
        )
    ]
