"""The examples as a user runs them: each framework, each provider, without a key."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from examples import agent_langchain, agent_llama_index, rag_langchain, rag_llama_index
from examples.display import AnswerView
from examples.documents import load_index, split_passages
from examples.readers import NoTextError, read_text
from examples.toolbox import calculate

ROOT = Path(__file__).resolve().parents[2]
RAG = pytest.mark.parametrize("example", [rag_langchain, rag_llama_index], ids=["lc", "li"])
AGENT = pytest.mark.parametrize("example", [agent_langchain, agent_llama_index], ids=["lc", "li"])
PROVIDERS = pytest.mark.parametrize("provider", ["minimax", "mara"])

GARDEN = """Tomatoes in the north bed are watered every morning before eight.

The greenhouse roof is opened when the air inside is warmer than 28 degrees.

Compost is turned on the first Saturday of each month.
"""


@pytest.fixture
def docs(tmp_path):
    (tmp_path / "garden.txt").write_text(GARDEN, "utf-8")
    (tmp_path / "engine.md").write_text("# Engine\n\nThe engine takes 40 litres of oil.\n", "utf-8")
    return tmp_path


@RAG
@PROVIDERS
def test_an_answer_is_grounded_in_the_given_documents(example, provider, docs, capsys):
    view = example.main(provider, "When is the greenhouse roof opened?", docs)
    assert "28 degrees" in view.answer
    assert view.reasoning
    assert view.reasoning not in view.answer
    assert {"prompt_tokens", "completion_tokens"} <= view.usage.keys() or {
        "input_tokens",
        "output_tokens",
    } <= view.usage.keys()
    shown = capsys.readouterr().out
    assert "garden.txt" in shown
    assert "Time to first token" in shown


@AGENT
@PROVIDERS
def test_an_agent_calls_both_tools_and_uses_their_results(example, provider, docs, capsys):
    question = "Search the documents for the oil of the engine, and calculate 12.5 * 8."
    view = example.main(provider, question, docs)
    shown = capsys.readouterr().out
    assert "search_documents(" in shown
    assert "calculate(" in shown
    assert "100" in view.answer
    assert "40 litres" in view.answer


def run_demo(*arguments, **variables):
    return subprocess.run(
        [sys.executable, "-m", "examples.demo", *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, **variables},
    )


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """What the demo prints over a folder that holds more than it can read."""
    folder = tmp_path_factory.mktemp("garden")
    (folder / "a.txt").write_text(GARDEN, "utf-8")
    (folder / "b.docx").write_bytes(b"PK\3\4")
    finished = run_demo("--docs", str(folder), "--question", "When is the compost turned?")
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


def test_the_demo_says_first_what_it_shows_and_for_how_long(demo):
    first = demo.partition("LangChain ─")[0]
    assert "some seconds" in first
    assert re.findall(r"^  (\d)\. ", first, re.MULTILINE) == ["1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("framework", "generic"), [("LangChain", "ChatOpenAI"), ("LlamaIndex", "OpenAILike")]
)
def test_the_demo_has_a_screen_for_each_framework(demo, framework, generic):
    screens = re.split(r"─ (?=LangChain ─|LlamaIndex ─)", demo)
    (screen,) = [text for text in screens if text.startswith(framework)]
    assert "get_weather({'city': 'Paris'})" in screen
    assert re.search(rf"{generic} of [\w-]+ [\d.]+ beside this package,", screen)
    assert "over the same bytes; recorded on" in screen
    assert "<think>" in screen
    assert "Result of calculate: 100" in screen
    assert "first Saturday" in screen.partition("Sources: a.txt")[0]


def test_no_line_of_the_demo_is_wider_than_the_terminal(demo):
    assert [line for line in demo.splitlines() if len(line) > 80] == []


def test_text_in_pieces_is_broken_between_words(capsys):
    view = AnswerView("x")
    for piece in ("word " * 15, "bro", "ken and ", "\u6f22" * 45, "\nlast"):
        view.show_answer(piece)
    view.finish(usage=None)
    lines = capsys.readouterr().out.splitlines()[1:]
    assert lines[0] == "Answer: " + "word " * 13 + "word"
    assert lines[1].startswith("word broken and \u6f22")
    assert lines[1:4] == ["word broken and " + "\u6f22" * 32, "\u6f22" * 13, "last"]


def test_the_demo_names_what_it_left_out_and_what_answered(demo):
    assert "Left out: b.docx (no reader for .docx)" in demo
    assert demo.count("is no model") == 2


def test_the_demo_asks_what_fits_the_folder(docs):
    index = load_index(docs)
    assert index.topic == "Engine"


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"MINIMAX_BASE_URL": "http://127.0.0.1:9/v1"}, "connection refused by 127.0.0.1:9"),
        ({"MINIMAX_BASE_URL": "no address"}, "base_url"),
    ],
    ids=["dead endpoint", "no endpoint"],
)
def test_the_demo_ends_in_a_sentence_where_a_provider_cannot_be_asked(docs, variables, sentence):
    done = run_demo("--docs", str(docs), MINIMAX_API_KEY="canned-key", **variables)
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_the_demo_ends_in_a_sentence_at_a_wrong_key(docs, server):
    done = run_demo(
        "--docs", str(docs), MINIMAX_API_KEY="bad-key", MINIMAX_BASE_URL=server.base_url
    )
    assert done.returncode == 1
    assert f"talking to {urlsplit(server.base_url).netloc}." in done.stdout
    assert "Traceback" not in done.stderr
    assert "bad-key" not in done.stdout + done.stderr


def test_the_demo_asks_about_our_own_documentation_by_default():
    finished = subprocess.run(
        [sys.executable, "-m", "examples.rag_langchain"], capture_output=True, text=True, cwd=ROOT
    )
    assert finished.returncode == 0, finished.stderr
    assert "reasoning does not break" in " ".join(finished.stdout.split())


@pytest.mark.parametrize(
    ("expression", "result"),
    [("12.5 * 8", "100"), ("-(3 + 1) / 2", "-2"), ("7 % 4", "3")],
)
def test_the_calculator_calculates(expression, result):
    assert calculate(expression) == result


@pytest.mark.parametrize("expression", ["__import__('os')", "1 +", "1 / 0", "'a' * 9", "2 ** 9"])
def test_the_calculator_takes_arithmetic_only(expression):
    assert calculate(expression).startswith("Cannot calculate")


def test_text_under_a_heading_tables_and_code_can_be_found():
    text = (
        "# Manual\n## Warranty\nIt lasts 30 months.\n\n| part | price |\n|---|---|\n| pump | 9 |\n"
    )
    passages = split_passages(text)
    assert passages == ["Warranty\nIt lasts 30 months.\n| part | price |\n|---|---|\n| pump | 9 |"]


@pytest.mark.parametrize("text", ["word " * 5000, "A short sentence. " * 1000, "x" * 9000])
def test_long_text_is_split(text):
    passages = split_passages(text)
    assert max(map(len, passages)) <= 701
    assert "".join(passages).replace(" ", "") == text.replace(" ", "")


PDF = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>endobj
4 0 obj<</Length 42>>stream
BT /F 12 Tf (The pump has two valves.) Tj ET
endstream endobj
5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj
trailer<</Root 1 0 R>>
startxref
0
%%EOF
"""


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("name", "data", "text"),
    [
        ("a.md", "# Caf\u00e9\n\nOpen **daily**.".encode(), "# Caf\u00e9\n\nOpen daily."),
        ("a.txt", "Ein Café für müde Gäste öffnet früh.".encode("latin-1"), "Café für müde"),
        ("a.txt", "Two words.".encode("utf-16"), "Two words."),
        ("a.pdf", PDF, "The pump has two valves."),
    ],
    ids=["utf-8", "latin-1", "utf-16", "pdf"],
)
def test_the_text_of_a_file_is_read_in_its_encoding(tmp_path, name, data, text):
    (tmp_path / name).write_bytes(data)
    assert text in read_text(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.txt", b"\0\1\2", "binary"),
        ("a.docx", b"PK", "no reader for .docx"),
        ("LICENSE", b"x", "no reader for files without a suffix"),
        ("a.pdf", b"%PDF-1.4 nothing", "no readable PDF"),
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_a_file_without_text_says_why(tmp_path, name, data, reason):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(NoTextError, match=reason):
        read_text(tmp_path / name)


def test_a_link_and_a_comment_of_markdown_are_read_as_text(tmp_path):
    (tmp_path / "a.md").write_text("<!-- note -->See [the page](page.md#x).", "utf-8")
    assert read_text(tmp_path / "a.md") == "See the page."


def test_a_damaged_pdf_is_named_and_nothing_else_is_said(tmp_path):
    (tmp_path / "a.pdf").write_bytes(PDF.replace(b"startxref\n0", b"startxref\n4"))
    (tmp_path / "b.pdf").write_bytes(b"%PDF-1.4 nothing")
    done = run_demo("--docs", str(tmp_path))
    assert done.returncode == 0
    assert done.stderr == ""
    assert "Left out: b.pdf (no readable PDF: Stream has ended unexpectedly)" in done.stdout


def test_a_folder_that_may_not_be_listed_is_an_error(tmp_path, monkeypatch):
    def refuse(folder):
        raise PermissionError(13, "Permission denied", str(folder))

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(PermissionError, match=str(tmp_path)):
        load_index(tmp_path)


def test_without_a_heading_the_topic_is_what_the_text_begins_with(tmp_path):
    (tmp_path / "a.txt").write_text("The pump has two valves and a lid.", "utf-8")
    assert load_index(tmp_path).topic == "The pump has two valves"


def test_a_folder_that_is_none_is_named(tmp_path):
    with pytest.raises(SystemExit, match="is no folder"):
        load_index(tmp_path / "missing")


@pytest.mark.parametrize("framework", ["langchain", "llama_index"])
def test_the_tests_of_an_application_run_with_pytest_alone(framework):
    finished = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", f"examples/testing_{framework}.py"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert "3 passed" in finished.stdout
