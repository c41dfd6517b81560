"""Each Python block of the documents runs as printed and sends what it says it sends."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from mara_minimax.emulator import Emulator
from tests.project import fences

BLOCKS = [
    block
    for block in [*fences.in_documents(), *fences.in_docstrings()]
    if block.language == "python"
]
NOT_RUN = {
    "from langchain_openai import ChatOpenAI": "shows what was before; needs langchain-openai",
    "from llama_index.llms.openai_like import OpenAILike": "what was before; needs its package",
    "# vLLM at this address; MLX and llama.cpp listen on port 8080, SGLang on 30000.": (
        "the server is the reader's"
    ),
    "from llama_index.embeddings.huggingface import HuggingFaceEmbedding": "downloads a model",
    "from langchain_huggingface import HuggingFaceEmbeddings": "downloads a model",
    "# A key of OpenRouter, and its name of the model.": "the account is the reader's",
    "from llama_index.llms.deepseek import DeepSeek": "needs its package",
}
"""Blocks that cannot be run here, by their first line, each with the reason; they must compile."""

FILES = [block for block in BLOCKS if block.note.startswith("pytest: ")]
LEFT_OUT = [block for block in BLOCKS if block.text.splitlines()[0] in NOT_RUN]
RUN = [block for block in BLOCKS if block not in FILES and block not in LEFT_OUT]
CHAT = "/v1/chat/completions"


@pytest.fixture
def started(server, mara_server, monkeypatch):
    """All emulators that a block can ask: those of the variables, and those that it starts."""
    emulators = [server, mara_server]
    for name, emulator in (("MINIMAX", server), ("MARA", mara_server)):
        monkeypatch.setenv(f"{name}_API_KEY", emulator.api_key)
        monkeypatch.setenv(f"{name}_BASE_URL", emulator.base_url)
    start = Emulator.start

    def start_and_remember(emulator):
        emulators.append(emulator)
        return start(emulator)

    monkeypatch.setattr(Emulator, "start", start_and_remember)
    return emulators


@pytest.fixture(autouse=True)
def _restored_globals(monkeypatch, tmp_path):
    """Blocks set variables and global settings as a program of its own may."""
    from llama_index.core import Settings

    monkeypatch.setattr(Settings, "_llm", None)
    before = dict(os.environ)
    yield
    for name in os.environ.keys() - before.keys():
        del os.environ[name]
    os.environ.update(before)


@pytest.mark.parametrize("block", RUN, ids=str)
@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.filterwarnings("ignore::langchain_core._api.LangChainBetaWarning")
def test_a_block_runs_and_sends_its_requests(block, started, capsys):
    exec(compile(block.text, block.place, "exec", dont_inherit=True), {"__name__": "__main__"})
    assert capsys.readouterr().out.strip() or not block.place.startswith("README.md")
    sent = [request for e in started for request in e.requests if request.path == CHAT]
    wanted = re.match(r"sends (\d+|any)", block.note)
    if wanted and wanted[1] != "any":
        assert len(sent) == int(wanted[1])
    else:
        assert sent
    for model in re.findall(r"^[^#\n]*\bmodel=\"([\w.-]+)\"", block.text, re.MULTILINE):
        assert model in {request.body["model"] for request in sent}
    assert all(request.body["messages"] for request in sent)


@pytest.mark.parametrize("block", FILES, ids=str)
def test_a_test_file_passes_as_printed(block, tmp_path):
    path = tmp_path / "test_printed.py"
    path.write_text(block.text, "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(path)]
    env = {**os.environ, "PYTHONPATH": str(fences.ROOT)}
    finished = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=env)
    assert finished.returncode == 0, finished.stdout
    assert block.note.removeprefix("pytest: ") in finished.stdout


@pytest.mark.parametrize("block", LEFT_OUT, ids=str)
def test_a_block_that_is_not_run_compiles(block):
    compile(block.text, block.place, "exec")


def test_each_reason_for_not_running_a_block_is_needed():
    assert {block.text.splitlines()[0] for block in LEFT_OUT} == NOT_RUN.keys()


@pytest.mark.parametrize("block", [b for b in BLOCKS if b.place.startswith("docs/")], ids=str)
def test_a_block_of_the_documentation_says_what_it_sends(block):
    assert block in LEFT_OUT or re.match(r"sends (\d+|any)|pytest: \d+ passed", block.note)


def test_the_docstrings_of_the_four_classes_and_the_emulator_have_examples():
    places = {block.place.split(":")[1] for block in BLOCKS if ".py:" in block.place}
    assert {"ChatMiniMax", "ChatMARA", "MiniMax", "MARA", "Emulator"} <= places


def test_blocks_are_found_in_tabs_with_titles_and_notes():
    block = '    <!-- sends 1 -->\n    ```python title="x"\n    if a:\n        b\n    ```\n'
    (found,) = fences.in_text("page.md", f'=== "A"\n\n{block}')
    assert (found.language, found.text, found.note) == ("python", "if a:\n    b\n", "sends 1")
