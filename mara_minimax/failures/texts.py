"""What of a provider's or a proxy's words an error shows."""

from __future__ import annotations

import html
import re
from typing import Any, Final

_TITLES: Final = [
    re.compile(rf"<{tag}[^>]*>([^<]*)</{tag}", re.IGNORECASE) for tag in ("title", "h1")
]


def shorten(text: str, limit: int) -> str:
    """Return the beginning of a text."""
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
