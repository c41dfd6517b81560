"""The text of a file: Markdown and plain text in any encoding, and PDF."""

from __future__ import annotations

import logging
import re
from pathlib import Path

from charset_normalizer import from_bytes
from pypdf import PdfReader
from pypdf.errors import PyPdfError

# Of a damaged file it logs each oddity, although it can read it or raises.
logging.getLogger("pypdf").setLevel(logging.CRITICAL)

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
    return _plain(text) if suffix == ".md" else text


def _plain(markdown: str) -> str:
    """Return Markdown without what would stand in an answer that quotes it."""
    text = re.sub(r"(?s)<!--.*?-->", "", markdown).replace("**", "")
    return re.sub(r"!?\[([^\]\n]+)\]\([^)\s]+\)", r"\1", text)


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
