"""The quickstart notebook runs from top to bottom without a key; its picture has both series."""

from __future__ import annotations

import ast
import base64
import os
import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOK = ROOT / "examples" / "quickstart.ipynb"


@pytest.fixture(scope="module")
def committed():
    return nbformat.read(NOTEBOOK, as_version=4)


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    # What the picture is drawn from, as numbers that a test can read.
    probe = "print([(name, tokens[0], round(tokens[-1]), tokens) for name, _, tokens in series])"
    notebook.cells.append(nbformat.v4.new_code_cell(probe, id="probe"))
    folder = tmp_path_factory.mktemp("notebook")
    client = NotebookClient(
        notebook, timeout=90, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    )
    with pytest.MonkeyPatch.context() as environment:
        for name in list(os.environ):
            if name.startswith(("MINIMAX_", "OPENAI_")):
                environment.delenv(name)
        environment.setenv("PYTHONPATH", str(ROOT))
        return client.execute()


def texts_of(notebook):
    """Return what each cell printed or returned, pictures and warnings left out."""
    return [
        [
            output.text if output.output_type == "stream" else output.data["text/plain"]
            for output in cell.outputs
            if output.get("name") != "stderr" and "image/png" not in output.get("data", {})
        ]
        for cell in notebook.cells
        if cell.cell_type == "code" and cell.id != "probe"
    ]


def pictures_of(notebook):
    return [
        base64.b64decode(output.data["image/png"])
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if "image/png" in output.get("data", {})
    ]


def test_a_run_prints_what_is_committed(committed, executed):
    assert texts_of(executed) == texts_of(committed)
    assert sum(map(bool, texts_of(executed))) >= 6


def test_a_run_answers_with_the_emulator_and_keeps_reasoning_apart(executed):
    printed = "".join(text for texts in texts_of(executed) for text in texts)
    assert "the emulator answers" in printed
    assert "answer:    17 * 24 equals 408." in printed
    assert "241 tokens, 108 of reasoning" in printed
    assert "tool: In Lima: fog, 19 degrees" in printed
    assert "assistant · content, reasoning_details, tool_calls" in printed
    assert "Reservation(name='Ada Lovelace', guests=4, date='2026-12-24')" in printed


def test_the_picture_has_both_series_and_they_end_at_the_counts_of_the_provider(executed):
    (picture,) = pictures_of(executed)
    assert picture.startswith(b"\x89PNG")
    (probe,) = [cell for cell in executed.cells if cell.id == "probe"]
    series = ast.literal_eval(probe.outputs[0].text)
    assert [(name, first, last) for name, first, last, _ in series] == [
        ("reasoning", 0.0, 108),
        ("answer", 0.0, 133),
    ]
    for _, _, _, tokens in series:
        assert len(set(tokens)) > 15
        assert tokens == sorted(tokens)


def test_the_committed_outputs_are_complete_and_small(committed):
    assert len(pictures_of(committed)) == 1
    assert NOTEBOOK.stat().st_size < 200_000
    counts = [cell.execution_count for cell in committed.cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1))


def test_the_committed_outputs_name_no_machine(committed):
    printed = "".join(text for texts in texts_of(committed) for text in texts)
    assert not re.search(r"/(?:tmp|home|root|work)/|127\.0\.0\.1|Traceback", printed)
