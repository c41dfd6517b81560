"""The run with packages of others fails where a test of it is skipped."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SKIPPED = {
    "a test": "import pytest\n\n\ndef test_it():\n    pytest.skip('absent')\n",
    "a file": "import pytest\n\npytest.importorskip('a_package_that_nobody_has')\n",
}


@pytest.mark.parametrize("skipped", SKIPPED)
def test_a_skip_fails(skipped: str, tmp_path: Path) -> None:
    file = tmp_path / "test_skipped.py"
    file.write_text(SKIPPED[skipped])
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "tests.ecosystem.conftest", file],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode != 0
    assert "Skipped" in done.stdout
    assert " skipped" not in done.stdout
