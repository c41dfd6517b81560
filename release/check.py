"""Install the built wheel with each extra alone into a clean environment, and ask a question.

`python -m release.check dist [EXTRA ...]`; the interpreter that runs it is the one tried.
"""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from release.answer import QUESTIONS

ROOT = Path(__file__).resolve().parents[1]


def try_extra(wheel: Path, extra: str) -> None:
    """Raise `CalledProcessError` where an extra cannot be installed, is inconsistent or fails."""
    with TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = Path(folder) / ("Scripts" if os.name == "nt" else "bin") / "python"
        wanted = f"{wheel}[{extra}]" if extra else str(wheel)
        pip = [str(python), "-m", "pip", "--disable-pip-version-check"]
        # Away from the project, so that its folders cannot stand in for the wheel.
        run = partial(subprocess.run, check=True, cwd=folder, env=_environment())
        run([*pip, "install", "--quiet", wanted])
        run([*pip, "check"])
        # -P leaves the script's own folder out of the path, -I would hide the certificates.
        run([str(python), "-P", str(ROOT / "release" / "answer.py"), extra])


def _environment() -> dict[str, str]:
    keys = ("OPENAI_", "MINIMAX_", "MARA_", "LLMPROVIDER_", "PYTHONPATH")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(keys)}
    return {**kept, "MINIMAX_API_KEY": "canned-key"}


def main(folder: str, *extras: str) -> None:
    (wheel,) = Path(folder).resolve().glob("*.whl")
    for extra in extras or QUESTIONS:
        try_extra(wheel, extra)


if __name__ == "__main__":
    main(*sys.argv[1:])
