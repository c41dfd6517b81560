"""Commands in the documents exist, with their options; data in them can be parsed."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest
import yaml

from mara_minimax.doctor.hosts import PROVIDERS
from release.check import THIN
from tests.project import fences

BLOCKS = [block for block in fences.in_documents() if block.language != "python"]
SHELL = [block for block in BLOCKS if block.language == "bash"]
DATA = [block for block in BLOCKS if block.language != "bash"]
MAKEFILE = (fences.ROOT / "Makefile").read_text("utf-8")
TARGETS = set(re.findall(r"^([a-z][\w-]*):", MAKEFILE, re.MULTILINE))
MAKE_VARIABLES = set(re.findall(r"^([A-Z]+) [?:]?=", MAKEFILE, re.MULTILINE)) | {"ARGS"}
EXTRAS = tomllib.loads((fences.ROOT / "pyproject.toml").read_text("utf-8"))["project"][
    "optional-dependencies"
]
VARIABLES = {p.key_variable for p in PROVIDERS.values()} | {
    p.url_variable for p in PROVIDERS.values()
}
NOT_CHECKED = {
    "git": "clones what the reader chooses",
    "cd": "enters what was cloned",
    "grep": "leaves a line of a file out",
    "ray": "is installed on a cluster of its own, beside no test",
}
"""Programs whose arguments are not looked at, each with the reason."""

NOT_OURS = {
    "test_deepseek.py": "a test file of the reader's own",
    "llama_index_mara_minimax.conformance.report": "a plugin",
}
"""Files that need not exist, each with the reason."""

IN_SOURCE = {"examples.bulk_ray": "needs ray, which the other tests do without"}
"""Modules whose options are looked up in their source instead of their help."""


def commands(text: str) -> list[list[str]]:
    """Return the words of each command, one list a command, without comments."""
    joined = text.replace("\\\n", " ")
    lines = [shlex.split(line, comments=True) for line in joined.splitlines()]
    found: list[list[str]] = []
    for words in lines:
        rest: list[str] = []
        for word in [*words, "&&"]:
            if word in ("&&", "||", "|", "&"):
                found += [rest] if rest else []
                rest = []
            else:
                rest.append(word)
    return found


@cache
def help_of(*command: str) -> str:
    if command[1] in IN_SOURCE:
        sources = [fences.ROOT / Path(*command[1].split(".")).with_suffix(".py")]
        sources += (fences.ROOT / "examples/bulk").rglob("*.py")
        return "".join(path.read_text("utf-8") for path in sources)
    finished = subprocess.run(
        [sys.executable, *command, "--help"], capture_output=True, text=True, cwd=fences.ROOT
    )
    return finished.stdout if finished.returncode == 0 else ""


def problem(words: list[str]) -> str | None:
    """Return what is wrong with a command, `None` for nothing."""
    while words and re.fullmatch(r"[A-Z_]+=\S*", words[0]):
        words = words[1:]  # a variable for this command alone
    if not words:
        return None
    program, *rest = words
    if program in NOT_CHECKED:
        return None
    check = {"make": _make, "pip": _pip, "export": _export, "python": _python}.get(program)
    if program == "mara-minimax":
        return _python(["-m", "mara_minimax", *rest])
    return check(rest) if check else f"{program} is unknown to this test"


def _make(words: list[str]) -> str | None:
    for word in words:
        name, equals, _ = word.partition("=")
        if name not in (MAKE_VARIABLES if equals else TARGETS):
            return f"make has no {name}"
    return None


def _pip(words: list[str]) -> str | None:
    if words[0] == "install" and words[-1] in THIN:
        return None
    found = [match[1] for word in words if (match := re.fullmatch(r"\.\[([\w,-]+)\]", word))]
    if words[0] != "install" or not found:
        return f"pip {' '.join(words)} installs no extra of this project"
    unknown = set(found[0].split(",")) - EXTRAS.keys()
    return f"no extra {unknown}" if unknown else None


def _export(words: list[str]) -> str | None:
    unknown = {word.partition("=")[0] for word in words} - VARIABLES
    return f"no variable {unknown}" if unknown else None


def _python(words: list[str]) -> str | None:
    if words[0] != "-m":
        return None if (fences.ROOT / words[0]).is_file() else f"no file {words[0]}"
    module, *rest = words[1:]
    if module == "pytest":
        paths = [word for word in rest if not word.startswith("-") and word not in NOT_OURS]
        missing = [path for path in paths if not (fences.ROOT / path.split("::")[0]).exists()]
        return f"no file {missing}" if missing else None
    options = [word.partition("=")[0] for word in rest if word.startswith("--")]
    if not options and not rest:
        path = fences.ROOT / Path(*module.split("."))
        return None if path.is_dir() or path.with_suffix(".py").is_file() else f"no {module}"
    named = rest[:1] if module == "mara_minimax" else []
    text = help_of("-m", module, *named)
    if not text:
        return f"{' '.join([module, *named])} is no command"
    unknown = [option for option in options if not re.search(rf"{option}\b", text)]
    return f"{module} has no {unknown}" if unknown else None


@pytest.mark.parametrize("block", SHELL, ids=str)
def test_each_command_exists(block):
    found = commands(block.text)
    assert found
    assert [text for text in map(problem, found) if text] == []


@pytest.mark.parametrize("block", DATA, ids=str)
def test_data_can_be_parsed(block):
    # A block without a language is a drawing: ARCHITECTURE.md has one.
    parse = {"json": json.loads, "yaml": yaml.safe_load, "toml": tomllib.loads}
    parse |= dict.fromkeys(["text", ""], str.strip)
    assert block.language in parse, f"no way to check a block of {block.language!r}"
    assert parse[block.language](block.text)


@pytest.mark.parametrize(
    "command",
    [
        "make nothing",
        "make bench FAST=1",
        "pip install '.[langchian]'",
        "pip install mara-minimax",
        "export MINIMAX_KEY=1",
        "python -m mara_minimax doctor --region china",
        "mara-minimax heal",
        "python -m mara_minimax.emulator --speed 3",
        "python -m no_such_module",
        "curl localhost",
        "cd x && make nothing",
    ],
)
def test_a_command_that_does_not_exist_is_found(command):
    assert any(problem(words) for words in commands(command))
