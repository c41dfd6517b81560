"""Read a folder of documents and find passages in it with BM25; no model is needed."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import bm25s
import Stemmer
from rich.markup import escape
from rich.progress import track

from examples.display import console
from examples.readers import READ, NoTextError, read_text

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

    @property
    def topic(self) -> str:
        """The heading of the first passage, or its first words."""
        heading, _, rest = self.passages[0].text.partition("\n")
        return heading if rest and len(heading) < 60 else " ".join(heading.split()[:5])

    def search(self, question: str, count: int = 4) -> list[tuple[Passage, float]]:
        """Return the best passages with their scores, none that shares no word."""
        count = min(count, len(self.passages))
        found, scores = self._bm25.retrieve(
            self._tokens([question]), corpus=self.passages, k=count, show_progress=False
        )
        return [(p, float(s)) for p, s in zip(found[0], scores[0], strict=True) if s > 0]

    def _tokens(self, texts: list[str]) -> object:
        return bm25s.tokenize(texts, stopwords="en", stemmer=self._stemmer, show_progress=False)


@cache
def load_index(folder: Path | None = None) -> PassageIndex:
    """Index a folder; by default this repository's own documentation. Says what it leaves out.

    Raises:
        OSError: If the folder cannot be listed.
        SystemExit: If there is no such folder, or no text in it.
    """
    base = folder or ROOT
    if not base.is_dir():
        raise SystemExit(f"{base} is no folder.")
    next(base.iterdir(), None)  # raises where it may not be read; rglob finds nothing then
    files = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
    if folder is not None:
        files = sorted(each for each in folder.rglob("*") if each.is_file())
    passages: list[Passage] = []
    skipped: list[str] = []
    for file in track(files, f"Reading {base}", console=console, transient=True):
        name = str(file.relative_to(base))
        try:
            pieces = split_passages(read_text(file))
        except (NoTextError, OSError) as reason:
            skipped.append(f"{name} ({getattr(reason, 'strerror', None) or reason})")
            continue
        passages += [Passage(name, piece) for piece in pieces]
    if skipped and folder is not None:
        more = f" and {len(skipped) - 10} more" if len(skipped) > 10 else ""
        console.print(escape(f"Left out: {', '.join(skipped[:10])}{more}"), soft_wrap=False)
    if not passages:
        raise SystemExit(f"No text in {base}: {', '.join(sorted(READ))} can be read.")
    return PassageIndex(passages)


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
