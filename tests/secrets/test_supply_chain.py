"""SECURITY.md promises what tests hold, and lists the dependencies that there are."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SECURITY = (ROOT / "SECURITY.md").read_text()
PROMISES = re.findall(r"^\| (.+?) \| `(tests/[^`]+)` \|$", SECURITY, re.MULTILINE)
_OWN_EXTRAS = SECURITY.partition("Not for applications")[2].partition(".")[0]
OWN_EXTRAS = set(re.findall(r"`([a-z-]+)`", _OWN_EXTRAS))


@pytest.mark.parametrize("reference", [reference for _, reference in PROMISES])
def test_each_promise_names_a_test_that_exists(reference: str) -> None:
    path, _, name = reference.partition("::")
    source = (ROOT / path).read_text()
    assert f"\ndef {name or 'test_'}" in source


def test_every_row_of_promises_names_a_test() -> None:
    rows = [line for line in SECURITY.splitlines() if line.startswith("| ")]
    promised = [line for line in rows if line.endswith(" |") and "tests/" in line]
    assert len(promised) == len(PROMISES) >= 15


def _declared() -> set[tuple[str, str]]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    groups = {"the core": project["dependencies"]}
    groups |= {f"`{extra}`": names for extra, names in project["optional-dependencies"].items()}
    return {
        (re.split(r"[<>=!~\[ ;]", requirement)[0], group)
        for group, requirements in groups.items()
        if group.strip("`") not in OWN_EXTRAS
        for requirement in requirements
        if not requirement.startswith("mara-minimax")
    }


def test_the_listed_dependencies_are_those_of_the_project_each_with_a_reason() -> None:
    section = SECURITY.partition("## Dependencies")[2]
    rows = re.findall(r"^\| `([^`]+)` \| (.+?) \| (.+?) \|$", section, re.MULTILINE)
    assert {(name, group) for name, group, _ in rows} == _declared()
    assert all(len(reason) > 5 for _, _, reason in rows)


def test_the_audit_counts_a_package_that_could_not_be_checked_as_a_failure() -> None:
    makefile = (ROOT / "Makefile").read_text()
    assert re.search(r"pip-audit --strict .*constraints\.txt", makefile)
    assert not re.search(r"^check:.*\baudit\b", makefile, re.MULTILINE)
