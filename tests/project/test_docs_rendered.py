"""What the build changes in a page's HTML, so that it can be read."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from docs.build_hooks import on_page_content, page_text
from docs.rendered import contents, local_links, with_breaks


@dataclass
class Section:
    """What mkdocs tells of a section, a page or a file."""

    title: str = ""
    url: str = ""
    children: list[Section] = field(default_factory=list)
    src_uri: str = ""
    dest_uri: str = ""
    toc: tuple[Section, ...] = ()

    @property
    def file(self):
        return self


def test_a_short_name_is_never_broken():
    assert with_breaks("<code>MiniMax-M3</code>") == '<code class="short">MiniMax-M3</code>'


def test_a_long_name_is_broken_at_its_joints():
    html = with_breaks("<code>tests/core/test_a.py::test_a_promise_is_kept</code>")
    assert html.startswith("<code>tests/<wbr>core/<wbr>test_<wbr>a.py::<wbr>test_")


def test_an_address_is_not_broken_before_its_host():
    html = with_breaks("<code>https://platform.minimax.io/docs/guides</code>")
    assert html == "<code>https://platform.minimax.io/<wbr>docs/<wbr>guides</code>"


def test_code_of_several_words_stays():
    assert with_breaks("<code>pip install x</code>") == "<code>pip install x</code>"


@pytest.mark.parametrize("date", ["2026-11-30", "2026-11"])
def test_a_date_in_a_table_is_never_broken(date):
    html = with_breaks(f"<td>seen {date}, <a href='/{date}'>x</a></td><p>{date}</p>")
    short = f'<span class="short">{date}</span>'
    assert html == f"<td>seen {short}, <a href='/{date}'>x</a></td><p>{date}</p>"


def test_a_bar_in_the_code_of_a_table_has_no_backslash_on_the_site():
    assert page_text("| `a` | `str \\| None` | x \\| y |", "x.md") == (
        "| `a` | `str | None` | x \\| y |"
    )


def test_a_wide_page_lists_its_sections():
    toc = (Section("Models", "#models", [Section("Sources", "#sources")]),)
    line = contents(toc)
    assert line == '<p class="contents">On this page: <a href="#sources">Sources</a></p>'
    page = Section(src_uri="models.md", dest_uri="models.html", toc=toc)
    assert on_page_content("<h1>Models</h1><p>x</p>", page) == f"<h1>Models</h1>{line}<p>x</p>"


def test_a_page_without_sections_lists_none():
    assert contents((Section("Models", "#models"),)) == ""


def test_a_page_that_a_docstring_names_is_a_link():
    page = Section(src_uri="api/langchain.md", dest_uri="api/langchain.html")
    assert on_page_content("<p>All: docs/api/fields.md.</p>", page) == (
        '<p>All: <a href="fields.html">docs/api/fields.md</a>.</p>'
    )


def test_a_page_that_does_not_exist_is_no_link():
    page = Section(src_uri="faq.md", dest_uri="faq.html")
    assert on_page_content("<p>docs/missing.md</p>", page) == "<p>docs/missing.md</p>"


def test_links_inside_the_site_are_found():
    page = '<a href="a.html#b">x</a><a href="#c">x</a><a href="https://a.example">x</a><a id="d">'
    assert local_links(page) == ["a.html"]
