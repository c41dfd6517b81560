"""What type checkers say of users' code: strict, without the plugin that checks the packages."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "tests" / "types"


@pytest.mark.timeout(600)
def test_users_code_passes_and_every_mistake_in_it_is_found() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", FOLDER / "mypy.ini", FOLDER],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
    )
    found: dict[int, set[str]] = {}
    for file, line, code in re.findall(
        r"^(\S+?):(\d+): error: .*\[([\w-]+)\]$", done.stdout, re.MULTILINE
    ):
        assert file.endswith("refused.py"), done.stdout
        found.setdefault(int(line), set()).add(code)
    lines = (FOLDER / "refused.py").read_text("utf-8").splitlines()
    assert found == {
        number: set(line.partition("# expect: ")[2].split(", "))
        for number, line in enumerate(lines, 1)
        if "# expect: " in line
    }, done.stdout + done.stderr
