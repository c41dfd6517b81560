"""The process that `guided.py` starts: one target under libFuzzer, which ends it."""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

# Only code that is imported here reports its coverage.
with atheris.instrument_imports(include=["mara_minimax"], exclude=["mara_minimax.emulator"]):
    from tests.fuzz.targets import TARGETS
from tests.fuzz.counts import CountsFile
from tests.fuzz.oracles import fixed_ids
from tests.fuzz.source import BytesSource


def main(name: str, numbers: str, options: list[str]) -> None:
    """Check inputs until libFuzzer says that it is enough, or until one fails."""
    check = TARGETS[name].check
    file = CountsFile(Path(numbers))
    inputs = executions = 0

    def check_one(data: bytes) -> None:
        nonlocal inputs, executions
        executions += check(BytesSource(data))
        inputs += 1
        file.write(inputs, executions)

    atheris.Setup([sys.argv[0], *options], check_one)
    with fixed_ids():
        atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
