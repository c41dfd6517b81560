"""What `mkdocs build` does beyond Markdown: files of the repository, and no request elsewhere.

Some pages are files of the repository's root, and pages link to files outside `docs/`, such as
recorded results, so that everything also works where the repository is browsed. Here those files
become part of the site and links lead to them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from docs.rendered import contents, local_links, with_breaks

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
COPIES = "files"
"""Folder of the site that holds copies of the repository's files."""
WIDE = {
    "api/fields.md",
    "comparison.md",
    "conformance-rules.md",
    "emulator.md",
    "errors.md",
    "history.md",
    "llama-index-conformance.md",
    "models.md",
    "parameters.md",
    "performance.md",
    "providers.md",
}
"""Pages whose tables need the room of the table of contents."""

_INCLUDE = re.compile(r'^--8<-- "([^"]+)"$', re.MULTILINE)
_LINK = re.compile(r"\[([^\]]+)\]\((?![a-z]+:|#|/)([^)#\s]+)(#[^)\s]*)?\)")
_CODE_OF_TABLE = re.compile(r"(?m)(?<=\| )`[^`\n]*\\\|[^`\n]*`")
_NAMED_PAGE = re.compile(r"(?<![\w/\">])docs/([\w/-]+)\.md\b")
_LOADING_RELS = {"stylesheet", "preload", "prefetch", "preconnect", "dns-prefetch", "icon"}
_REMOTE_IN_CSS = re.compile(r"(?:url\(|@import)\s*[\"']?((?:https?:)?//[^\"')\s]+)")


class ExternalRequestError(Exception):
    """Raised when a built page would load something from another host."""


class DeadLinkError(Exception):
    """Raised when a link of a built page leads to a file that the site does not have."""


def page_text(markdown: str, page: str) -> str:
    """Return the text of a page of `docs/`: files put in, and every link leading somewhere."""
    home = (DOCS / page).parent

    def included(match: re.Match[str]) -> str:
        file = ROOT / match.group(1)
        return _with_links(file.read_text("utf-8"), file.parent, home)

    text = _INCLUDE.sub(included, _with_links(markdown, home, home))
    # In a table, GitHub reads `a \\| b` as code with a bar, and Python-Markdown shows the backslash.
    return _CODE_OF_TABLE.sub(lambda match: match.group().replace("\\|", "|"), text)


def copied_files(markdown: str, page: str) -> list[str]:
    """Return the files of the repository that a page needs copies of."""
    targets = (match.group(2) for match in _LINK.finditer(page_text(markdown, page)))
    found = (os.path.normpath(Path(page).parent / target) for target in targets)
    return [path.removeprefix(f"{COPIES}/") for path in found if path.startswith(f"{COPIES}/")]


def _with_links(markdown: str, folder: Path, home: Path) -> str:
    """Point links of a text from `folder` to what they mean for a page in `home`."""

    def replaced(match: re.Match[str]) -> str:
        label, target, anchor = match.groups(default="")
        file = (folder / target).resolve()
        if file == folder or not file.is_relative_to(ROOT):
            return match.group()
        if file in _PAGES:
            file = _PAGES[file]
        elif not file.is_relative_to(DOCS):
            if not file.is_file():
                return label  # a folder has no copy
            file = DOCS / COPIES / file.relative_to(ROOT)
        return f"[{label}]({Path(os.path.relpath(file, home)).as_posix()}{anchor})"

    return _LINK.sub(replaced, markdown)


def _pages_of_files() -> dict[Path, Path]:
    """Return which file of the repository is which page."""
    found = {}
    for page in DOCS.rglob("*.md"):
        for name in _INCLUDE.findall(page.read_text("utf-8")):
            found[ROOT / name] = page
    return found


_PAGES = _pages_of_files()


def external_requests(page: str) -> list[str]:
    """Return what a browser would load from other hosts to show an HTML page."""
    reader = _Loads()
    reader.feed(page)
    return [url for url in reader.urls if re.match(r"(?:https?:)?//", url)]


class _Loads(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.urls: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.urls += [given[name] for name in ("src", "srcset", "data", "poster") if name in given]
        if tag == "link" and _LOADING_RELS & set(given.get("rel", "").split()):
            self.urls.append(given.get("href", ""))


def on_files(files: Any, config: Any) -> Any:
    """Add the repository's files that pages link to."""
    from mkdocs.structure.files import File

    pages = [file for file in files if file.is_documentation_page()]
    wanted = {path for p in pages for path in copied_files(p.content_string, p.src_uri)}
    for path in sorted(wanted):
        files.append(File.generated(config, f"{COPIES}/{path}", abs_src_path=str(ROOT / path)))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Return the page's whole text, and make room on wide pages."""
    if page.file.src_uri in WIDE:
        page.meta.setdefault("hide", ["toc"])
    return page_text(markdown, page.file.src_uri)


def on_page_content(html: str, page: Any, **_: Any) -> str:
    """Return the page's HTML with breaks in good places, and contents where a column lacks."""
    html = with_breaks(_NAMED_PAGE.sub(lambda match: _link_to(match, page), html))
    if page.file.src_uri in WIDE:
        html = html.replace("</h1>", f"</h1>{contents(page.toc)}", 1)
    return html


def _link_to(match: re.Match[str], page: Any) -> str:
    """Link the name of a page, such as a docstring has it."""
    if not (DOCS / f"{match[1]}.md").is_file():
        return match[0]
    url = os.path.relpath(f"{match[1]}.html", Path(page.file.dest_uri).parent)
    return f'<a href="{url}">{match[0]}</a>'


def on_post_build(config: Any) -> None:
    """Fail where a page or stylesheet of the site would ask another host, or a link is dead."""
    site = Path(config["site_dir"])
    if found := sorted(set(_external_requests_of_site(site))):
        raise ExternalRequestError("The site asks other hosts: " + "; ".join(found))
    if dead := sorted(set(_dead_links_of_site(site))):
        raise DeadLinkError("Links lead to files that the site lacks: " + "; ".join(dead))


def _dead_links_of_site(folder: Path) -> Iterator[str]:
    for page in folder.rglob("*.html"):
        for path in local_links(page.read_text("utf-8")):
            if not (page.parent / path).exists():
                yield f"{page.relative_to(folder)} to {path}"


def _external_requests_of_site(folder: Path) -> Iterator[str]:
    for page in folder.rglob("*.html"):
        for url in external_requests(page.read_text("utf-8")):
            yield f"{page.relative_to(folder)} loads {url}"
    for sheet in folder.rglob("*.css"):
        for url in _REMOTE_IN_CSS.findall(sheet.read_text("utf-8")):
            yield f"{sheet.relative_to(folder)} loads {url}"
