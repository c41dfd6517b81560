"""Who may import whom inside the emulator, and that it imports nothing of the library it tests."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import mara_minimax.emulator

PACKAGE = "mara_minimax.emulator"
FOLDER = Path(mara_minimax.emulator.__file__).parent
LAYERS: tuple[frozenset[str], ...] = (
    frozenset({"__main__"}),
    frozenset({"emulator"}),
    frozenset({"app", "server"}),
    frozenset({"state"}),
    frozenset({"exchange"}),
    frozenset({"scenarios"}),
    frozenset({"providers", "faults"}),
    frozenset({"answers", "checks", "wire"}),
    frozenset({"types", "records", "loopback"}),
)
"""From the top down; a part imports from lower layers alone, and from inside itself."""

MODULES = [path.relative_to(FOLDER) for path in FOLDER.rglob("*.py")]


def part_of(module: str) -> str:
    """The file or folder of the emulator that a dotted name stands in."""
    return module.removeprefix(PACKAGE).lstrip(".").split(".")[0]


def level_of(part: str) -> int:
    return next(level for level, parts in enumerate(LAYERS) if part in parts)


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse((FOLDER / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            # `from package import module` names the module only after `import`.
            own = node.module == PACKAGE
            names |= {f"{node.module}.{alias.name}" if own else str(node.module)
                      for alias in node.names}  # fmt: skip
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return names


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_nothing_of_the_library_is_imported(path):
    own = {name for name in imported(path) if name.split(".")[0] == "mara_minimax"}
    assert [name for name in own if not name.startswith(PACKAGE)] == []


@pytest.mark.parametrize("path", [p for p in MODULES if str(p) != "__init__.py"], ids=str)
def test_a_part_imports_from_lower_layers_alone(path):
    part = path.parts[0].removesuffix(".py")
    others = {part_of(name) for name in imported(path) if name.startswith(f"{PACKAGE}.")} - {part}
    assert [other for other in others if level_of(other) <= level_of(part)] == []


def test_every_part_stands_in_a_layer():
    parts = {path.parts[0].removesuffix(".py") for path in MODULES} - {"__init__", "__pycache__"}
    assert parts == set().union(*LAYERS)
