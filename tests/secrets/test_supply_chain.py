"""SECURITY.md promises what tests hold, and lists the dependencies that there are."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml

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


MAKEFILE = (ROOT / "Makefile").read_text()
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
RELEASE = yaml.safe_load((ROOT / ".github" / "workflows" / "release.yml").read_text())["jobs"]


def recipe_of(target: str) -> list[str]:
    """Return the commands of a target, lines that go on joined."""
    found = re.search(rf"^{re.escape(target)}:.*\n((?:\t.*\n)+)", MAKEFILE, re.MULTILINE)
    assert found, target
    return [" ".join(line.split()) for line in found[1].replace("\\\n", " ").splitlines()]


def needs_of(target: str) -> list[str]:
    found = re.search(rf"^{re.escape(target)}:([^#\n]*)", MAKEFILE, re.MULTILINE)
    assert found, target
    return found[1].split()


def reached_by(target: str) -> set[str]:
    """Return the names of all targets that making `target` makes."""
    named = [need for need in needs_of(target) if re.fullmatch("[a-z-]+", need)]
    return {target}.union(*map(reached_by, named))


def test_the_audit_counts_a_package_that_could_not_be_checked_as_a_failure() -> None:
    assert re.search(r"pip-audit --strict .*constraints\.txt", MAKEFILE)
    assert "audit" not in reached_by("check")


def test_every_action_is_pinned_to_a_commit_and_says_its_version() -> None:
    uses = [
        line.strip()
        for workflow in WORKFLOWS
        for line in workflow.read_text().splitlines()
        if "uses:" in line
    ]
    assert len(uses) > 10
    pinned = re.compile(r"- uses: ([\w./-]+@[0-9a-f]{40}) # (v\d+\.\d+\.\d+)")
    found = [pinned.fullmatch(line) for line in uses]
    assert [line for line, match in zip(uses, found, strict=True) if match is None] == []
    versions = {match[1]: match[2] for match in found if match}
    actions = [name.partition("@")[0] for name in versions]
    assert len(actions) == len(set(actions)), "one action, one commit"


def test_nothing_but_pinned_build_tools_runs_where_a_release_is_built() -> None:
    commands = [step["run"].split() for step in RELEASE["build"]["steps"] if "run" in step]
    assert [command[:2] for command in commands] == [["make", "release-tag"], ["make", "dist"]]
    assert reached_by("dist") | reached_by("release-tag") == {"dist", "release-tag"}
    steps = [*recipe_of("dist"), *recipe_of("release-tag")]
    assert not any("pip install" in step or "pytest" in step for step in steps)
    assert any("-m build --no-isolation" in step for step in steps)


def test_only_the_job_that_publishes_may_ask_for_an_identity() -> None:
    permitted = {name: job.get("permissions") for name, job in RELEASE.items()}
    assert {name for name, permissions in permitted.items() if permissions} == {"publish"}
    assert permitted["publish"] == {"id-token": "write"}
    assert not any("run" in step for step in RELEASE["publish"]["steps"])
    assert set(RELEASE["publish"]["needs"]) == set(RELEASE) - {"publish"}


@pytest.mark.parametrize(
    ("stamp", "tools"),
    [
        ("dist", {"build", "hatch-fancy-pypi-readme", "hatchling", "twine"}),
        ("audit", {"pip-audit"}),
    ],
)
def test_build_tools_are_installed_in_pinned_versions(stamp: str, tools: set[str]) -> None:
    pinned = {
        line.partition("==")[0].replace("_", "-")
        for line in (ROOT / "constraints.txt").read_text().splitlines()
    }
    target = f"$(MATRIX)/{stamp}/.installed"
    (install,) = [step for step in recipe_of(target) if "pip install" in step]
    installed = install.partition("-c constraints.txt ")[2].split()
    assert set(installed) == tools
    assert tools <= pinned
    assert "constraints.txt" in needs_of(target)


def test_a_commit_is_checked_by_the_command_of_ci() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    (hook,) = [hook for repository in hooks for hook in repository["hooks"]]
    assert {repository["repo"] for repository in hooks} == {"local"}
    assert (hook["entry"], hook["pass_filenames"]) == ("make lint", False)
    assert "lint" in reached_by("check")
    assert [step.split()[:2] for step in recipe_of("lint")] == [
        ["$(BIN)/ruff", "check"],
        ["$(BIN)/ruff", "format"],
        ["$(BIN)/lint-imports", "--no-cache"],
    ]


def test_updates_are_proposed_for_actions_and_for_packages() -> None:
    config = yaml.safe_load((ROOT / ".github" / "dependabot.yml").read_text())
    found = {update["package-ecosystem"]: update for update in config["updates"]}
    assert set(found) == {"github-actions", "pip"}
    assert all(update["directory"] == "/" for update in found.values())
    assert all(update["schedule"]["interval"] == "weekly" for update in found.values())
