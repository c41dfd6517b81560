"""The text of a file: Markdown and plain text in any encoding, and PDF."""

from __future__ import annotations

from pathlib import Path

from charset_normalizer import from_bytes
from pypdf import PdfReader
from pypdf.errors import PyPdfError

TEXT = {".md", ".rst", ".txt"}
READ = {*TEXT, ".pdf"}


class NoTextError(Exception):
    """A file has no text that can be read; the message says why."""


def read_text(file: Path) -> str:
    """Return a file's text.

    Raises:
        NoTextError: If there is none.
    """
    suffix = file.suffix.lower()
    if suffix == ".pdf":
        return _read_pdf(file)
    if suffix not in TEXT:
        raise NoTextError(f"no reader for {suffix or 'files without a suffix'}")
    data = file.read_bytes()
    if b"\0" in data and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise NoTextError("binary")
    text = _decoded(data)
    # Emphasis would stand in an answer that quotes the passage.
    return text.replace("**", "") if suffix == ".md" else text


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        guessed = from_bytes(data).best()
        if guessed is None:
            raise NoTextError("unknown encoding") from None
        return str(guessed)


def _read_pdf(file: Path) -> str:
    try:
        text = "\n\n".join(page.extract_text() for page in PdfReader(file).pages)
    except PyPdfError as error:
        raise NoTextError(f"no readable PDF: {error}") from None
    if not text.strip():
        raise NoTextError("a PDF without text, such as a scan")
    return text
