"""What generated pages are written with."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

NOTICE = "<!-- Generated from the code by docs/generate.py; change the code instead. -->"

_CODE = re.compile(r"(`+[^`]+`+)")
_BARE_URL = re.compile(r"(?<!\]\()https?://[^\s;,)]+")


def table(heads: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Return a Markdown table; text of a cell stays text, and an address becomes a short link."""
    heads = list(heads)
    lines = [heads, ["---"] * len(heads), *([_cell(str(cell)) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(text: str) -> str:
    return text_with_links(text).replace("|", "\\|").replace("\n", " ")


def text_with_links(text: str) -> str:
    """Return text with its addresses as short links, and with its `<` as such."""
    parts = _CODE.split(text)
    # Outside code, `<think>` would be an unknown tag that no browser shows.
    parts[::2] = [_BARE_URL.sub(_link, part).replace("<", "&lt;") for part in parts[::2]]
    return "".join(parts)


def _link(match: re.Match[str]) -> str:
    """Name an address by its host and end, an issue as GitHub does."""
    host, path = urlsplit(match.group())[1:3]
    pieces = path.strip("/").split("/")
    if host == "github.com" and pieces[2:3] == ["issues"]:
        label = f"{pieces[1]}#{pieces[3]}"
    else:
        between = "/…/" if len(pieces) > 1 else "/"
        label = f"{host.removeprefix('platform.')}{between}{pieces[-1]}"
    return f"[{label}]({match.group()})"
