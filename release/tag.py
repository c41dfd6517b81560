"""Whether a tag, the version and the changelog say the same.

`python -m release.tag v0.1.0`
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def faults(tag: str, version: str, changelog: str) -> list[str]:
    """Return what keeps a tag from being released."""
    found = [] if tag == f"v{version}" else [f"the tag {tag} is not v{version}"]
    heading = re.search(rf"^## {re.escape(version)} \((.+)\)$", changelog, re.MULTILINE)
    if heading is None:
        found.append(f"CHANGELOG.md has no section {version}")
    elif not re.fullmatch(r"\d{4}-\d\d-\d\d", heading[1]):
        found.append(f"CHANGELOG.md says {heading[1]} where the date of {version} belongs")
    return found


def current_version() -> str:
    """Return the version from the one place where it stands, without importing the package."""
    text = (ROOT / "mara_minimax" / "_version.py").read_text("utf-8")
    found = re.search(r'__version__ = "(.+)"', text)
    return found[1] if found else ""


def main(tag: str) -> None:
    wrong = faults(tag, current_version(), (ROOT / "CHANGELOG.md").read_text("utf-8"))
    if wrong:
        sys.exit("; ".join(wrong))
    print(f"{tag} can be released")


if __name__ == "__main__":
    main(*sys.argv[1:])
