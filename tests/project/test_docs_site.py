"""The site: each page can be reached, asks no other host, and says what is true."""

from __future__ import annotations

import json
import re

import pytest
import yaml

from docs.build_hooks import copied_files, external_requests, page_text
from mara_minimax.emulator import SCENARIOS
from tests.project import fences

DOCS = fences.ROOT / "docs"
CONFIG = (fences.ROOT / "mkdocs.yml").read_text("utf-8")
TROUBLES = re.split(r"(?m)^## ", (DOCS / "troubleshooting.md").read_text("utf-8"))[1:]


def pages(tree):
    """Return the files that a navigation names."""
    if isinstance(tree, str):
        return [tree]
    branches = tree.values() if isinstance(tree, dict) else tree
    return [page for branch in branches for page in pages(branch)]


def test_the_navigation_names_each_page_once():
    named = pages(yaml.safe_load(CONFIG)["nav"])
    assert sorted(named) == sorted(p.relative_to(DOCS).as_posix() for p in DOCS.rglob("*.md"))


@pytest.mark.parametrize("path", sorted(DOCS.rglob("*.md")), ids=lambda path: path.name)
def test_each_link_to_a_file_leads_somewhere(path):
    for target in re.findall(r"\]\((?!https?://|#)([^)#\s]+)", path.read_text("utf-8")):
        assert (path.parent / target).exists(), target


@pytest.mark.parametrize(
    "page",
    [
        '<script src="https://cdn.example/a.js"></script>',
        '<link rel="stylesheet" href="//fonts.example/css">',
        '<link rel="preconnect" href="https://fonts.example">',
        '<img src="http://img.example/a.png">',
    ],
)
def test_a_page_that_asks_another_host_is_found(page):
    assert external_requests(page)


def test_a_link_to_another_host_is_no_request():
    page = '<a href="https://example.org">x</a><link rel="stylesheet" href="assets/a.css">'
    assert external_requests(page) == []


def test_links_out_of_the_documentation_lead_to_copies():
    text = "[results](../benchmarks/results/latest.json), [folder](../tests/) and [own](models.md)"
    assert copied_files(text, "x.md") == ["benchmarks/results/latest.json"]
    changed = page_text(text, "x.md")
    assert changed == "[results](files/benchmarks/results/latest.json), folder and [own](models.md)"
    assert "(../files/LICENSE)" in page_text("[licence](../../LICENSE)", "api/x.md")


def test_a_page_that_is_a_file_of_the_repository_has_its_text_and_its_links():
    shown = page_text('--8<-- "README.md"\n', "x.md")
    assert shown.startswith("# mara-minimax")
    assert "[parameters](parameters.md)" in shown
    assert "[SECURITY.md](security.md)" in shown


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda text: text.splitlines()[0])
def test_each_trouble_says_what_why_and_what_to_do(trouble):
    labels = re.findall(r"^- \*\*([^:*]+):\*\* \S", trouble, re.MULTILINE)
    expected = ["You see", "Why", "This package", "You", "Seen in"]
    assert labels[:5] == expected
    tried = re.findall(r"`([\w-]+)`", trouble.partition("**Try it:**")[2])
    assert labels[5:] == (["Try it"] if tried else [])
    assert set(tried) <= SCENARIOS.keys()


RATIOS = {
    "an event of a stream in LangChain, as it comes": (
        "as streams come, sync",
        "ChatOpenAI",
        "ChatMiniMax",
    ),
    "an event of a stream in LlamaIndex, as it comes": (
        "as streams come, sync",
        "OpenAILike",
        "MiniMax",
    ),
    "a chunk of text in LangChain, sent in packs": (
        "LangChain text, sync",
        "ChatOpenAI",
        "ChatMiniMax",
    ),
    "a chunk of text in LlamaIndex, sent in packs": (
        "LlamaIndex text, sync",
        "OpenAILike",
        "MiniMax",
    ),
    "a call with 300 messages in LangChain": (
        "LangChain 300 messages",
        "ChatOpenAI",
        "ChatMiniMax",
    ),
    "a call with 300 messages in LlamaIndex": ("LlamaIndex 300 messages", "OpenAILike", "MiniMax"),
}


@pytest.mark.parametrize("row", RATIOS)
def test_the_start_page_promises_no_more_than_was_measured(row):
    case, peer, ours = RATIOS[row]
    text = (DOCS / "index.md").read_text("utf-8")
    promised = int(re.search(rf"^\| {row} \| `{peer}` \| (\d+) times \|$", text, re.MULTILINE)[1])
    recorded = json.loads((fences.ROOT / "benchmarks/results/latest.json").read_text("utf-8"))
    rows = [r for r in recorded["rows"] if r["case"] == case and "cpu" in r]
    cpu = {r["subject"]: r["cpu"]["median"] for r in rows}
    assert promised <= cpu[peer] / cpu[ours]
