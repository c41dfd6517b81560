"""The README shows both frameworks, and the commands that try them.

Its Python blocks are run by test_docs_python.py.
"""

from __future__ import annotations

import re
from pathlib import Path

README = Path(__file__).resolve().parents[2] / "README.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```", README.read_text("utf-8"), re.DOTALL | re.MULTILINE)


def test_the_readme_has_blocks_for_both_frameworks():
    assert sum("langchain_mara_minimax" in block for block in BLOCKS) >= 2
    assert sum("llama_index_mara_minimax" in block for block in BLOCKS) >= 2


def test_the_two_commands_are_named():
    text = README.read_text("utf-8")
    assert "```bash\nmake demo\nmake test\n```" in text
