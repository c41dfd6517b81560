"""Install what was built into clean environments, and ask a question.

Each extra of the wheel is alone in one, and so is each thin distribution.

`python -m release.check dist [NAME ...]`; the interpreter that runs it is the one tried.
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


THIN = {"langchain-mara-minimax": "langchain", "llama-index-llms-mara-minimax": "llama-index"}
"""The extra that each thin distribution stands for."""


def try_one(built: Path, name: str) -> None:
    """Raise `CalledProcessError` where one cannot be installed, is inconsistent or fails.

    `name` is an extra, or a thin distribution, whose dependency is found among what was built.
    """
    (wheel,) = built.glob("mara_minimax-*.whl")
    with TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = Path(folder) / ("Scripts" if os.name == "nt" else "bin") / "python"
        extra = THIN.get(name, name)
        wanted = name if name in THIN else f"{wheel}[{extra}]" if extra else str(wheel)
        pip = [str(python), "-m", "pip", "--disable-pip-version-check"]
        # Away from the project, so that its folders cannot stand in for the wheel.
        run = partial(subprocess.run, check=True, cwd=folder, env=_environment())
        run([*pip, "install", "--quiet", "--find-links", str(built), wanted])
        run([*pip, "check"])
        # -P leaves the script's own folder out of the path, -I would hide the certificates.
        run([str(python), "-P", str(ROOT / "release" / "answer.py"), extra])


def _environment() -> dict[str, str]:
    keys = ("OPENAI_", "MINIMAX_", "MARA_", "LLMPROVIDER_", "PYTHONPATH")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(keys)}
    return {**kept, "MINIMAX_API_KEY": "canned-key"}


def main(folder: str, *names: str) -> None:
    for name in names or (*QUESTIONS, *THIN):
        try_one(Path(folder).resolve(), name)


if __name__ == "__main__":
    main(*sys.argv[1:])
