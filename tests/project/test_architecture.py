"""ARCHITECTURE.md tells of files, folders and tests that exist, and of doors that are used."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from mara_minimax.emulator import Emulator
from mara_minimax.settings import MiniMaxSettings

ROOT = Path(__file__).parents[2]
CORE = ROOT / "mara_minimax"
TEXT = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
TOOL = {
    "type": "function",
    "function": {"name": "add", "parameters": {"type": "object", "properties": {}}},
}


def section(title: str) -> str:
    return re.split(r"^## ", TEXT.split(f"\n## {title}\n")[1], flags=re.MULTILINE)[0]


def functions_of(file: Path) -> set[str]:
    nodes = ast.walk(ast.parse(file.read_text("utf-8")))
    return {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def entered(call: Callable[[], Any]) -> set[str]:
    """Return the functions of the core that are called from outside their own room."""
    doors: set[str] = set()

    def watch(frame: FrameType, event: str, _: object) -> None:
        file, caller = Path(frame.f_code.co_filename), frame.f_back
        if event != "call" or caller is None or not file.is_relative_to(CORE):
            return
        room = file.relative_to(CORE).parts[0]
        origin = Path(caller.f_code.co_filename)
        if origin.is_relative_to(CORE) and origin.relative_to(CORE).parts[0] == room:
            return
        if not frame.f_code.co_name.startswith("<"):
            doors.add(file.relative_to(CORE).as_posix())

    sys.setprofile(watch)
    try:
        call()
    finally:
        sys.setprofile(None)
    return doors


def test_every_file_that_is_linked_exists():
    linked = re.findall(r"\]\(([^)#]+)\)", TEXT)
    assert linked
    assert [path for path in linked if not (ROOT / path).is_file()] == []


def test_every_test_that_is_named_exists():
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", TEXT)
    assert named
    missing = [
        (file, name)
        for file, name in named
        if not (ROOT / file).is_file() or (name and name not in functions_of(ROOT / file))
    ]
    assert missing == []


def test_every_invariant_names_a_test():
    rows = [line for line in section("Invariants").splitlines() if line.startswith("| ")][1:]
    assert rows
    assert [row for row in rows if "`tests/" not in row.split("|")[2]] == []


def test_the_rooms_are_those_of_the_folder():
    rows = re.findall(r"^\| (`.+?`) \|", section("The rooms of the core"), re.MULTILINE)
    named = set(re.findall(r"`([\w./]+)`", " ".join(rows)))
    there = {f"{path.name}/" for path in CORE.iterdir() if (path / "__init__.py").is_file()}
    there |= {path.name for path in CORE.glob("*.py") if not path.name.startswith("_")}
    assert named == there


def test_the_rooms_stand_in_the_order_of_the_import_contract():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    layers = contracts["contracts"][0]["layers"]
    order = [name.strip().split(".")[1] for layer in layers for name in layer.split("|")]
    rows = re.findall(r"^\| (`.+?`) \|", section("The rooms of the core"), re.MULTILINE)
    named = [name for row in rows for name in re.findall(r"`(\w+)[./]", row)]
    assert named == [*order, "emulator"]


def test_each_folder_of_the_core_has_tests_of_its_name():
    rooms = {path.name for path in CORE.iterdir() if (path / "__init__.py").is_file()}
    folders = {
        path.name for path in (ROOT / "tests/core").iterdir() if list(path.glob("test_*.py"))
    }
    assert folders == rooms - {"doctor", "emulator"}


def test_the_picture_fits_on_a_screen():
    (picture,) = re.findall(r"^```\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)
    lines = picture.splitlines()
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 100


@pytest.mark.parametrize(
    "parameters", [{"temperature": 0.5}, {"tools": [TOOL], "tool_choice": "add"}]
)
def test_a_call_enters_each_room_by_one_door(parameters):
    with Emulator("minimax") as emulator:
        settings = MiniMaxSettings(api_key=emulator.api_key, base_url=emulator.base_url)
        messages = [{"role": "user", "content": "Hi"}]
        requests: list[Any] = []
        built = entered(
            lambda: requests.append(settings.encode(messages, stream=True, **parameters))
        )
        read = entered(lambda: list(settings.client.stream(requests[0])))
    assert {door for door in built if door.startswith("request/")} == {"request/encode.py"}
    assert {door for door in read if door.startswith("request/")} == set()
    assert {door for door in read if door.startswith("reply/")} == {"reply/reader.py"}
    # The HTTP library tells of the request's steps.
    told = {"transport/passage.py"}
    assert {door for door in read if door.startswith("transport/")} == {
        "transport/client.py",
        *told,
    }
