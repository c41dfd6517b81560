"""Read a folder of text files and find passages in it with BM25; no model is needed."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from pathlib import Path

import bm25s
import Stemmer

SUFFIXES = {".md", ".rst", ".txt"}
ROOT = Path(__file__).resolve().parent.parent
LONGEST_PASSAGE = 700


@dataclass(frozen=True)
class Passage:
    """A piece of a document."""

    source: str
    text: str


class PassageIndex:
    """BM25 over the passages of a folder."""

    def __init__(self, passages: list[Passage]) -> None:
        """Index the passages, at least one."""
        self.passages = passages
        self._stemmer = Stemmer.Stemmer("english")
        self._bm25 = bm25s.BM25()
        self._bm25.index(self._tokens([passage.text for passage in passages]), show_progress=False)

    def search(self, question: str, count: int = 4) -> list[tuple[Passage, float]]:
        """Return the best passages with their scores, none that shares no word."""
        count = min(count, len(self.passages))
        found, scores = self._bm25.retrieve(
            self._tokens([question]), corpus=self.passages, k=count, show_progress=False
        )
        return [(p, float(s)) for p, s in zip(found[0], scores[0], strict=True) if s > 0]

    def _tokens(self, texts: list[str]) -> object:
        return bm25s.tokenize(texts, stopwords="en", stemmer=self._stemmer, show_progress=False)


def load_index(folder: Path | None = None) -> PassageIndex:
    """Index a folder; by default this repository's own documentation."""
    base = folder or ROOT
    if not base.is_dir():
        raise SystemExit(f"{base} is no folder.")
    files = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
    if folder is not None:
        files = sorted(file for file in folder.rglob("*") if file.suffix.lower() in SUFFIXES)
    passages = [
        Passage(str(file.relative_to(base)), text)
        for file in files
        for text in split_passages(read_text(file))
    ]
    if not passages:
        raise SystemExit(f"No text in files of {base} ({', '.join(sorted(SUFFIXES))}).")
    return PassageIndex(passages)


def read_text(file: Path) -> str:
    """Return a file's text, nothing for a file that is binary whatever its name says."""
    data = file.read_bytes()
    return "" if b"\0" in data else data.decode("utf-8", "replace")


def split_passages(text: str) -> list[str]:
    """Return pieces of at most about 700 characters, each under the heading it stands below."""
    passages: list[str] = []
    heading = ""
    for block in re.split(r"\n\s*\n|\n(?=#)", text):
        body = block.strip()
        if body.startswith("#"):
            line, _, body = body.partition("\n")
            heading = line.strip("# ")
        for piece in split_long(body.strip()):
            last = passages[-1] if passages else ""
            if last.startswith(f"{heading}\n" if heading else "") and (
                0 < len(last) < LONGEST_PASSAGE - len(piece)
            ):
                passages[-1] += f"\n{piece}"
            else:
                passages.append(f"{heading}\n{piece}" if heading else piece)
    return passages


def split_long(text: str) -> list[str]:
    """Split a long paragraph after sentences, and a long sentence after words."""
    if len(text) <= LONGEST_PASSAGE:
        return [text] if text else []
    pieces: list[str] = []
    for sentence in re.split(r"(?<=[.!?])\s+|(?<=[\u3002\uff01\uff1f])", text):
        for part in textwrap.wrap(sentence, LONGEST_PASSAGE):
            if pieces and len(pieces[-1]) + len(part) < LONGEST_PASSAGE:
                pieces[-1] += f" {part}"
            else:
                pieces.append(part)
    return pieces
