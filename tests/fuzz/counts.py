"""How much was tried: numbers of inputs and of executions, kept where a crash cannot lose them."""

from __future__ import annotations

import mmap
import struct
from dataclasses import dataclass
from pathlib import Path

_NUMBERS = struct.Struct("<QQ")


@dataclass
class Counts:
    """What one engine did with one target."""

    inputs: int = 0
    executions: int = 0
    """How often the part under test ran; one input is read whole and in pieces."""
    seconds: float = 0.0

    def spent(self, elapsed: float, seconds: float, runs: int) -> bool:
        """Whether the time or the number of runs is used up; 0 means no limit."""
        return (bool(seconds) and elapsed >= seconds) or (bool(runs) and self.inputs >= runs)


class CountsFile:
    """The numbers of a process that may be killed at any moment."""

    def __init__(self, path: Path) -> None:
        path.write_bytes(bytes(_NUMBERS.size))
        with path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), _NUMBERS.size)

    def write(self, inputs: int, executions: int) -> None:
        _NUMBERS.pack_into(self._memory, 0, inputs, executions)


def read_counts(path: Path) -> Counts:
    inputs, executions = _NUMBERS.unpack(path.read_bytes())
    return Counts(inputs, executions)
