"""The targets that run tests: all of them, each once; and the ones that tell most."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.network import parts

ROOT = Path(__file__).parents[2]
ELSEWHERE = ("tests/ecosystem", "tests/network")
"""What needs packages or programs of others, with a target that installs and runs it."""


def lines_of(target: str, *variables: str) -> list[str]:
    """Return the commands that making `target` runs."""
    # Nothing has to be installed to see what would be run.
    shown = subprocess.run(
        ["make", "--dry-run", "--always-make", target, *variables],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout
    return shown.replace("\\\n", " ").splitlines()


def commands_of(target: str, *variables: str) -> list[list[str]]:
    """Return the arguments of the pytest commands that making `target` runs."""
    lines = [line.split() for line in lines_of(target, *variables) if "-m pytest" in line]
    return [line[line.index("pytest") + 1 :] for line in lines]


def test_all_tests_run_once_and_those_of_the_core_cover_it_alone() -> None:
    core, adapted, others = commands_of("test", "WORKERS=2")
    assert {tuple(words[:3]) for words in (core, adapted, others)} == {("-q", "-n", "2")}
    assert core[3:5] == ["tests/core", "--cov=mara_minimax"]
    parts = [word for word in adapted if word.startswith("tests/")]
    assert parts == [f"tests/{part}" for part in ("langchain", "llama_index", "doctor", "emulator")]
    left_out = [f"--ignore {part}" for part in ("tests/core", *parts, *ELSEWHERE)]
    assert " ".join(others[3:]) == " ".join(["tests", *left_out])


def test_the_network_is_tested_with_what_is_installed_and_by_a_job_of_its_own() -> None:
    (words,) = commands_of("network")
    assert words[-1] == "tests/network"
    assert any("-m tests.network.parts" in line for line in lines_of("network"))
    (install,) = [line for line in lines_of("network-parts") if "install" in line]
    assert "tests.network.parts --packages" in install
    jobs = yaml.safe_load((ROOT / ".github/workflows/check.yml").read_text("utf-8"))["jobs"]
    commands = [step["run"].split()[1] for step in jobs["network"]["steps"] if "run" in step]
    assert commands == ["network-parts", "network"]


def test_the_container_runs_a_target_on_a_python_that_ci_checks() -> None:
    folder = ROOT / ".devcontainer"
    settings = json.loads((folder / "devcontainer.json").read_text("utf-8"))
    dockerfile = (folder / settings["build"]["dockerfile"]).read_text("utf-8")
    jobs = yaml.safe_load((ROOT / ".github/workflows/check.yml").read_text("utf-8"))["jobs"]
    python = re.search(r"^FROM python:([\d.]+)", dockerfile)
    assert python
    assert python[1] in jobs["check"]["strategy"]["matrix"]["python"]
    assert f" {settings['remoteUser']}\n" in dockerfile
    make, target = settings["postCreateCommand"].split()
    assert make == "make"
    assert commands_of(target)


def test_a_missing_part_fails_and_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(parts.shutil, "which", lambda *_, **__: None)
    assert parts.main([]) == 1
    assert "apt-get install nginx-light haproxy squid tinyproxy" in capsys.readouterr().out


def test_the_ecosystem_has_a_run_of_its_own() -> None:
    assert commands_of("ecosystem", "WORKERS=2") == [["-q", "-n", "2", "tests/ecosystem"]]
    (line,) = [line for line in lines_of("ecosystem") if "-m pytest" in line]
    assert line.startswith(".venv-ecosystem/")


def test_each_part_has_a_floor_that_its_coverage_must_reach() -> None:
    report = re.compile(r"coverage report .*--fail-under=(\d+)")
    found = [report.search(line) for line in lines_of("cover")]
    assert [int(match[1]) for match in found if match] == [100, 100, 100, 100, 95]


def test_ci_runs_every_check_once() -> None:
    assert (ROOT / ".ci" / "run").read_text("utf-8").endswith("\nmake check\n")
    alone = [line for target in ("lint", "types", "test") for line in lines_of(target)]
    checks = [line for line in lines_of("check") if re.search("ruff|imports|mypy|pytest", line)]
    assert len(checks) == len(set(checks)) == 3 + 3 + 3
    assert set(checks) <= set(alone)


def test_the_checks_of_ci_run_the_tests_as_the_readme_does() -> None:
    assert commands_of("check") == commands_of("test")
    assert "\nmake test\n" in (ROOT / "README.md").read_text("utf-8")


def test_the_short_run_names_tests_of_every_part() -> None:
    (words,) = commands_of("smoke")
    files = [word for word in words if word.startswith("tests/")]
    assert [name for name in files if not (ROOT / name).is_file()] == []
    parts = {name.split("/")[1] for name in files}
    assert parts == {"core", "langchain", "llama_index", "project", "secrets"}


def test_the_help_says_what_each_of_them_does() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in ("test", "smoke", "check", "cover", "bench"):
        assert re.search(rf"^{target}:.* ## \w", makefile, re.MULTILINE), target


def rows() -> dict[str, str]:
    """Return what each row of the matrix asks for."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    return dict(re.findall(r"^WANTED_([\w-]+) := (?:'(.*)'|.*)$", makefile, re.MULTILINE))


def test_the_matrix_has_both_ends_of_what_is_supported_and_each_row_runs_tests() -> None:
    runs = commands_of("test-matrix")
    assert len(runs) == len(rows()) == 9
    for words in runs:
        assert [word for word in words if word.startswith("tests/")], words


def test_a_row_has_the_newest_core_whatever_that_requires() -> None:
    installs = [line for line in lines_of("matrix-core-override") if "pip install" in line]
    assert [("--no-deps" in line, "'langchain-core>=1.8" in line) for line in installs] == [
        (False, True),
        (True, True),
    ]
    others = [line for line in lines_of("matrix-core-newest") if "pip install" in line]
    assert len(others) == 1


def test_the_lowest_rows_are_the_lowest_that_are_declared() -> None:
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    for row, wanted in rows().items():
        if row.endswith("-lowest"):
            name, lowest = wanted.split("==")
            declared = re.search(rf'"{name}>=([\d.]+),', project)
            assert declared is not None, row
            assert lowest.removesuffix(".0") == declared[1], row
