"""What of a provider's or a proxy's words an error shows."""

from __future__ import annotations

import html
import re
from typing import Any, Final

from mara_minimax.secrets.redaction import Redactor

_TITLES: Final = [
    re.compile(rf"<{tag}[^>]*>([^<]*)</{tag}", re.IGNORECASE) for tag in ("title", "h1")
]
_MESSAGE_LIMIT: Final = 600
_DETAIL_LIMIT: Final = 100
"""Characters of a provider's message, and of a code or an id, that an error shows."""


def shown_message(message: str, redactor: Redactor) -> str:
    """Return a provider's message in one line, without secrets."""
    return _shorten(redactor.line(message), _MESSAGE_LIMIT)


def shown_detail(detail: Any, redactor: Redactor) -> str | None:
    """Return a code, an id or a title as a message shows it, `None` where there is none."""
    return _shorten(redactor.line(str(detail)), _DETAIL_LIMIT) or None if detail else None


def _shorten(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    return text[:limit].rstrip() + " …"


def first_line(body: Any) -> str:
    """Return a short, readable part of a text body: of a page of HTML its title."""
    if not isinstance(body, str):
        return ""
    text = body.strip()
    return title_of(text) if text.startswith("<") else text.partition("\n")[0]


def title_of(page: str) -> str:
    """Return the title of a page of HTML, or its headline, in one line; `""` if it has none."""
    match = next(filter(None, (title.search(page) for title in _TITLES)), None)
    return " ".join(html.unescape(match.group(1)).split()) if match else ""
