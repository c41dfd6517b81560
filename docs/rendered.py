"""What a built page changes in its HTML so that it can be read: breaks, contents, links."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import unescape
from html.parser import HTMLParser
from typing import Any

SHORT = 28
"""Characters of a name that stays on one line, in a table or in a sentence."""

_CODE = re.compile(r"<code>([^<\s]+)</code>")
_CELL = re.compile(r"<td\b[^>]*>.*?</td>", re.DOTALL)
_DATE = re.compile(r"(?<![\w/-])\d{4}-\d\d(?:-\d\d)?(?![\w/-])")
_BREAK = re.compile(r"(::|(?<!/)/|_)(?=\w)")


def with_breaks(html: str) -> str:
    """Keep short names and the dates of tables on one line, and break long names at their joints."""

    def name(match: re.Match[str]) -> str:
        text = match.group(1)
        if len(unescape(text)) <= SHORT:
            return f'<code class="short">{text}</code>'
        return "<code>" + _BREAK.sub(r"\1<wbr>", text) + "</code>"

    def cell(match: re.Match[str]) -> str:
        return re.sub(
            r"(<[^>]*>)|([^<]+)",
            lambda part: part[1] or _DATE.sub(r'<span class="short">\g<0></span>', part[2]),
            match.group(),
        )

    return _CELL.sub(cell, _CODE.sub(name, html))


def contents(toc: Iterable[Any]) -> str:
    """Return a line of links to the sections of a page that has no column of contents."""
    sections = [section for title in toc for section in title.children]
    links = (f'<a href="{section.url}">{section.title}</a>' for section in sections)
    return f'<p class="contents">On this page: {", ".join(links)}</p>' if sections else ""


def local_links(page: str) -> list[str]:
    """Return the paths, without fragments, that an HTML page links to on its own site."""
    reader = _Links()
    reader.feed(page)
    paths = (url.partition("#")[0] for url in reader.urls)
    return [path for path in paths if path and not re.match(r"[a-z]+:|/", path)]


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.urls: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.urls.append(dict(attrs).get("href") or "")
