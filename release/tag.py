"""Whether a tag, the version, the changelog and the instructions to install say the same.

`python -m release.tag v0.1.0`
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGES = ("README.md", "docs/install.md")
"""What says how the package is installed; the README is also the index's description."""


def faults(tag: str, version: str, changelog: str) -> list[str]:
    """Return what keeps a tag from being released."""
    found = [] if tag == f"v{version}" else [f"the tag {tag} is not v{version}"]
    heading = re.search(rf"^## {re.escape(version)} \((.+)\)$", changelog, re.MULTILINE)
    if heading is None:
        found.append(f"CHANGELOG.md has no section {version}")
    elif not re.fullmatch(r"\d{4}-\d\d-\d\d", heading[1]):
        found.append(f"CHANGELOG.md says {heading[1]} where the date of {version} belongs")
    return found


def stale_pages(pages: Mapping[str, str]) -> list[str]:
    """Return what the pages say of a package that is on no index."""
    return [
        f"{name} says that the package is not on a package index"
        for name, text in pages.items()
        if "not on a package index" in text
    ]


def current_version() -> str:
    """Return the version from the one place where it stands, without importing the package."""
    text = (ROOT / "mara_minimax" / "_version.py").read_text("utf-8")
    found = re.search(r'__version__ = "(.+)"', text)
    return found[1] if found else ""


def main(tag: str) -> None:
    wrong = faults(tag, current_version(), (ROOT / "CHANGELOG.md").read_text("utf-8"))
    wrong += stale_pages({name: (ROOT / name).read_text("utf-8") for name in PAGES})
    if wrong:
        sys.exit("; ".join(wrong))
    print(f"{tag} can be released")


if __name__ == "__main__":
    main(*sys.argv[1:])
