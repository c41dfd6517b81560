"""What the built files hold, and what they must not.

`python -m release.contents dist`
"""

from __future__ import annotations

import sys
import tarfile
import zipfile
from pathlib import Path

PACKAGES = ("mara_minimax", "langchain_mara_minimax", "llama_index_mara_minimax")
DISTRIBUTIONS = ("mara_minimax", "langchain_mara_minimax", "llama_index_llms_mara_minimax")
"""The one that holds the packages, then the thin ones: names to find it by."""


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


def faults_of_thin(names: list[str]) -> list[str]:
    """Return what is wrong with the files of a distribution that is a name and a dependency."""
    return [name for name in names if name.endswith((".py", ".typed", ".so"))]


def files_of(built: Path) -> list[str]:
    if built.suffix == ".whl":
        return zipfile.ZipFile(built).namelist()
    with tarfile.open(built) as archive:
        return [name.partition("/")[2] for name in archive.getnames()]


def main(folder: str) -> None:
    built = [*Path(folder).glob("*.whl"), *Path(folder).glob("*.tar.gz")]
    found = sorted((path.name.partition("-")[0], path.suffix) for path in built)
    if found != sorted((name, suffix) for name in DISTRIBUTIONS for suffix in (".whl", ".gz")):
        sys.exit(f"{folder} has to hold a wheel and an sdist of each of {', '.join(DISTRIBUTIONS)}")
    for path in built:
        names = files_of(path)
        if path.name.startswith("mara_minimax-"):
            wrong = faults(names, wheel=path.suffix == ".whl")
        else:
            wrong = faults_of_thin(names)
        if wrong:
            sys.exit(f"{path.name}: {', '.join(wrong)}")
        print(f"{path.name}: {len(names)} files, as they should be")


if __name__ == "__main__":
    main(*sys.argv[1:])
