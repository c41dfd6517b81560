"""What a measurement needs of a subject."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from benchmarks.histories import WireMessage
from benchmarks.server import PAUSE, ROUND
from benchmarks.serving import Target


class Calls(Protocol):
    """An opened subject: its ways to call a model, and how to read what they yield."""

    def stream(self, messages: Any) -> Iterator[Any]:
        """Yield the subject's own chunks."""
        ...

    def astream(self, messages: Any) -> AsyncIterator[Any]:
        """Yield the subject's own chunks."""
        ...

    def ask(self, messages: Any) -> Any:
        """Return the subject's own reply."""
        ...

    def read(self, chunk: Any) -> tuple[str, str, str]:
        """Return the text, the reasoning and the arguments that a chunk adds."""
        ...

    def text(self, reply: Any) -> str:
        """Return the text of a reply."""
        ...


@dataclass(frozen=True)
class Subject:
    """Something to measure."""

    name: str
    open: Callable[[Target], Calls]
    """Imports the subject and makes an instance that talks to a target."""
    to_messages: Callable[[list[WireMessage]], Any]
    """Turns wire messages into what the subject takes."""
    kind: Literal["ours", "peer", "sdk", "floor"] = "peer"
    construct: Callable[[Target], object] | None = None
    """Makes the bare instance, for the time that it takes; `None` where there is none."""
    module: str = ""
    """What a user imports for it."""
    script: str = ""
    """A whole program that asks one question and prints the answer; `{url}` is the target's."""


def pause_of(target: Target) -> float:
    """Return the seconds in which a floor, which has no server, waits for each piece."""
    if "gathered-single" in target.url:
        return ROUND
    return PAUSE if "/single/" in target.url else 0.0


QUESTION: list[WireMessage] = [{"role": "user", "content": "What is the weather like today?"}]
"""The request of all streams."""
