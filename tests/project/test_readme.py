"""Every Python block of the README runs as printed."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from mara_minimax.emulator import Emulator

README = Path(__file__).resolve().parents[2] / "README.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```", README.read_text("utf-8"), re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_a_python_block_runs_as_printed(block, monkeypatch):
    with Emulator("minimax") as minimax, Emulator("mara") as mara:
        for name, emulator in (("MINIMAX", minimax), ("MARA", mara)):
            monkeypatch.setenv(f"{name}_API_KEY", emulator.api_key)
            monkeypatch.setenv(f"{name}_BASE_URL", emulator.base_url)
        finished = subprocess.run([sys.executable, "-c", block], capture_output=True, text=True)
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.strip()


def test_the_readme_has_blocks_for_both_frameworks():
    assert sum("langchain_mara_minimax" in block for block in BLOCKS) >= 2
    assert sum("llama_index_mara_minimax" in block for block in BLOCKS) >= 2


def test_the_two_commands_are_named():
    text = README.read_text("utf-8")
    assert "```bash\nmake demo\nmake test\n```" in text
