"""The examples as a user runs them: each framework, each provider, without a key."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from examples import agent_langchain, agent_llama_index, rag_langchain, rag_llama_index
from examples.documents import load_index, split_passages
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


def test_the_demo_shows_both_frameworks_and_both_providers(docs):
    question = "How much oil does the engine take?"
    finished = subprocess.run(
        [sys.executable, "-m", "examples.demo", "--docs", str(docs), "--question", question],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.count("40 litres") >= 4
    assert finished.stdout.count("emulates the wire and is no model") == 2
    assert finished.stdout.count("Tool call") >= 4
    for title in ("LangChain", "LlamaIndex", "minimax", "mara", "Reasoning", "Usage"):
        assert title in finished.stdout


def test_the_demo_asks_about_our_own_documentation_by_default():
    finished = subprocess.run(
        [sys.executable, "-m", "examples.rag_langchain"], capture_output=True, text=True, cwd=ROOT
    )
    assert finished.returncode == 0, finished.stderr
    assert "reasoning does not break" in finished.stdout


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


def test_a_binary_file_is_no_text(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"\0\1binary")
    with pytest.raises(SystemExit, match="No text"):
        load_index(tmp_path)


def test_a_folder_that_is_none_is_named(tmp_path):
    with pytest.raises(SystemExit, match="is no folder"):
        load_index(tmp_path / "missing")
