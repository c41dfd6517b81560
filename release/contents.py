"""What the built files hold, and what they must not.

`python -m release.contents dist`
"""

from __future__ import annotations

import sys
import tarfile
import zipfile
from pathlib import Path

PACKAGES = ("mara_minimax", "langchain_mara_minimax", "llama_index_mara_minimax")


def faults(names: list[str], *, wheel: bool) -> list[str]:
    """Return what is wrong with a list of files, paths relative to the top."""
    found = [
        f"{package}/py.typed is missing"
        for package in PACKAGES
        if f"{package}/py.typed" not in names
    ]
    if wheel:
        found += [name for name in names if not name.startswith((*PACKAGES, "mara_minimax-"))]
    hidden = {name for name in names if name.startswith((".ci", ".venv", "cassettes/"))}
    left = {name for name in names if "__pycache__" in name or name.endswith((".pyc", ".so"))}
    return [*found, *sorted(hidden | left)]


def files_of(built: Path) -> list[str]:
    if built.suffix == ".whl":
        return zipfile.ZipFile(built).namelist()
    with tarfile.open(built) as archive:
        return [name.partition("/")[2] for name in archive.getnames()]


def main(folder: str) -> None:
    built = [*Path(folder).glob("*.whl"), *Path(folder).glob("*.tar.gz")]
    if len(built) != 2:
        sys.exit(f"{folder} has to hold one wheel and one sdist, and holds {len(built)} files")
    for path in built:
        wrong = faults(files_of(path), wheel=path.suffix == ".whl")
        if wrong:
            sys.exit(f"{path.name}: {', '.join(wrong)}")
        print(f"{path.name}: {len(files_of(path))} files, as they should be")


if __name__ == "__main__":
    main(*sys.argv[1:])
