"""The tables of generated pages: text stays text, addresses are short links."""

from __future__ import annotations

import re

import pytest

from docs.generate import FOLDER
from docs.markdown import table


def cell(text):
    """Return the only cell of a table."""
    return table(["head"], [[text]]).splitlines()[-1].removeprefix("| ").removesuffix(" |")


def test_a_tag_in_a_cell_is_shown():
    assert (
        cell("closed by </think>, `<think>` in code") == "closed by &lt;/think>, `<think>` in code"
    )


@pytest.mark.parametrize(
    ("address", "label"),
    [
        ("https://platform.minimax.io/docs/guides/text", "minimax.io/…/text"),
        ("https://dev.to/aihubmix", "dev.to/aihubmix"),
        ("https://github.com/MiniMax-AI/MiniMax-M2/issues/76", "MiniMax-M2#76"),
    ],
)
def test_an_address_is_a_link_with_a_short_name(address, label):
    assert cell(f"see ({address}), 2026") == f"see ([{label}]({address})), 2026"


@pytest.mark.parametrize("text", ["`https://a.example/v1`", "[a](https://a.example/v1/b)"])
def test_an_address_in_code_or_in_a_link_stays(text):
    assert cell(text) == text


@pytest.mark.parametrize("path", sorted(FOLDER.rglob("*.md")), ids=lambda path: path.name)
def test_no_page_has_a_tag_that_a_browser_swallows(path):
    text = re.sub(r"(?ms)^ *```.*?^ *```", "", path.read_text("utf-8"))
    assert (
        re.findall(r"</?[a-z][^>]*>", re.sub(r"(?s)``.+?``|`[^`\n]*`|<!--.*?-->", "", text)) == []
    )
