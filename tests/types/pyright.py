"""Ask pyright what mypy is asked in tests/project/test_types.py.

`python -m tests.types.pyright BASEDPYRIGHT PYTHON` takes the command and an interpreter that has
the packages; basedpyright is pyright with a Node.js that pip installs.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent


def main(command: str, python: str) -> int:
    config = FOLDER / "pyrightconfig.json"
    done = subprocess.run(
        [command, "--outputjson", "--project", config, "--pythonpath", python],
        stdout=subprocess.PIPE,
        text=True,
        timeout=600,
    )
    report = json.loads(done.stdout)
    found = {
        (Path(each["file"]).name, each["range"]["start"]["line"] + 1): each["message"]
        for each in report["generalDiagnostics"]
    }
    expected = {
        (file.name, number)
        for file in FOLDER.glob("*ed.py")
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1)
        if "# expect: " in line
    }
    for file, line in sorted(found.keys() - expected):
        print(f"{file}:{line}: refused: {found[file, line]}")
    for file, line in sorted(expected - found.keys()):
        print(f"{file}:{line}: accepted, though it is a mistake")
    print(f"pyright {report['version']}: {len(expected & found.keys())} mistakes found")
    return int(found.keys() != expected)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
