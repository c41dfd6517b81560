"""Read a folder of text files and find passages in it with BM25; no model is needed."""

from __future__ import annotations

import re
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
    files = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
    base = ROOT
    if folder is not None:
        base = folder
        files = sorted(file for file in folder.rglob("*") if file.suffix.lower() in SUFFIXES)
    passages = [
        Passage(str(file.relative_to(base)), text)
        for file in files
        for text in split_passages(file.read_text(encoding="utf-8", errors="replace"))
    ]
    if not passages:
        raise SystemExit(f"No text files ({', '.join(sorted(SUFFIXES))}) in {folder}.")
    return PassageIndex(passages)


def split_passages(text: str) -> list[str]:
    """Split at blank lines, joining short paragraphs; code blocks and tables are left out."""
    text = re.sub(r"^(```|~~~).*?^\1\s*$", "", text, flags=re.DOTALL | re.MULTILINE)
    passages: list[str] = []
    for block in re.split(r"\n\s*\n", text):
        paragraph = " ".join(line.strip() for line in block.splitlines() if line[:1] != "|")
        paragraph = paragraph.strip()
        if not paragraph or paragraph.startswith("#"):
            continue
        if passages and len(passages[-1]) + len(paragraph) < LONGEST_PASSAGE:
            passages[-1] += "\n" + paragraph
        else:
            passages.append(paragraph)
    return passages
